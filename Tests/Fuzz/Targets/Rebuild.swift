import PacketFSBlob
import PacketFSModel
import PacketFSRebuild
import PacketFSTestKit
import PacketFSWire

extension Target {
    /// What a peer's descriptors and literals make us do.
    static let rebuild = [leaf, zstd, model]

    /// One leaf, against a replica with a gap.
    private static let leaf = Target(name: "leaf") { bytes in
        var script = Script(bytes)
        let length = 1 + script.number() * 7
        var reader = RecordReader()
        try reader.append(script.all())
        while let raw = reader.next() {
            guard case .leaf(let id, let blueprint) = try DataRecord(decoding: raw) else { continue }
            try Yard.decoder.decode(blueprint, of: id.stream, length: length, held: { _, _ in [] }) { leaf in
                promise(leaf.bytes.count == length, "a leaf has its length")
            }
        }
        guard let cut = reader.cutLeaf else { return }
        try Yard.decoder.decodeFront(cut, length: length, held: { _, _ in [] }) { front, inPlace in
            promise(front.count <= length, "the front of a leaf is no longer than it")
            promise(inPlace.isEmpty, "nothing is in place that was not read from there")
        }
    } seeds: {
        examples(64) { random in
            var blueprint = random.blueprint(descriptors: random.draw(1...6))
            blueprint.descriptors = blueprint.descriptors.map { descriptor in
                switch descriptor {
                case .copy(_, let length): .copy(address: UInt64(random.draw(0...18_000)), length: length)
                case .add(_, let length): .add(address: UInt64(random.draw(0...18_000)), length: length)
                default: descriptor
                }
            }
            blueprint.contexts = blueprint.contexts.map { _ in AddressRange(address: 500, length: 900) }
            blueprint.opened?.bases = [AddressRange(address: 500, length: 900)]
            let length = blueprint.descriptors.reduce(0) { $0 + $1.length }
            let padded = (length + 5) / 7 * 7 + 1
            if padded > length { blueprint.descriptors.append(.fill(byte: 0, length: padded - length)) }
            let sevenths = (padded - 1) / 7
            let head = [UInt8(sevenths >> 8), UInt8(sevenths & 0xff)]
            return [head + (try DataRecord.leaf(random.leaf(), blueprint).encode())]
        }
    }

    /// A compressed frame, and what it is said to give.
    private static let zstd = Target(name: "zstd") { bytes in
        var script = Script(bytes)
        let count = script.number() * 16
        let decoded = ZstdDecoder()?.decode(script.all(), count: count)
        promise(decoded == nil || decoded?.count == count, "a frame gives what is asked for, or nothing")
    } seeds: {
        [
            [0, 1, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x10, 0x81, 0, 0] + [UInt8](0..<16),
            [0, 2, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x20, 0x03, 1, 0, 0x61],
        ]
    }

    /// Coded differences, and coded literals with a context.
    private static let model = Target(name: "model") { bytes in
        var script = Script(bytes)
        let place = script.number() % 3000
        let length = 1 + script.number() % 3000
        let coded = script.all()
        var output = [UInt8](repeating: 0, count: 6001)
        let stretches = [Stretch(address: 40, length: length, place: place, isAdd: true)]
        output.withUnsafeMutableBytes { output in
            Yard.bytes.withUnsafeBytes { base in
                let base = UnsafeRawBufferPointer(rebasing: base[40..<40 + length])
                _ = DifferenceDecoder().leaf(coded, stretches) { adds in
                    adds.add(output, place..<place + length, base: base, address: 40)
                }
                let literal = LiteralPlace(
                    place..<place + length, behind: ContextTrack(start: 7, known: 0..<length),
                    ahead: ContextTrack(start: -9, known: 0..<length))
                _ = LiteralModelDecoder().decode(coded, into: output, [literal], context: base)
            }
        }
    } seeds: {
        examples(8) { random in [[1, 0, 2, 0] + random.bytes(random.draw(0...300))] }
    }
}

/// A replica that holds 0..<40,000 but for a gap from 20,000 to 30,000.
private enum Yard {
    static let bytes: [UInt8] = {
        var random = SeededRandom(seed: 5)
        return random.bytes(40_000)
    }()

    /// Used by the one thread that fuzzes.
    nonisolated(unsafe) static let decoder: LeafDecoder = {
        let runs = RunSet([AddressRange(address: 0, length: 20_000), AddressRange(address: 30_000, length: 10_000)])
        guard let log = try? Log(file: Workshop.folder + "/replica", id: Workshop.log, create: true),
            (try? log.write(bytes, at: 0)) != nil, let decoder = try? LeafDecoder(replica: log, runs: runs)
        else { preconditionFailure("a replica can be made") }
        return decoder
    }()
}
