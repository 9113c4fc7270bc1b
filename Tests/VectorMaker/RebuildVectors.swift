import Foundation
import PacketFSChannel
import PacketFSModel
import PacketFSRebuild
import PacketFSTestKit
import PacketFSWire

/// Leaves with the log that they draw on, and what they rebuild to.
enum RebuildVectors {
    private struct Frames: Decodable {
        struct Frame: Decodable {
            let content: Hex
            let prefix: Hex
            let frame: Hex
        }

        let frames: [Frame]
    }

    private static let oldContent = Inputs.text(3000, 21)
    private static let stream = packed(oldContent, level: 9, tokens: [200])
    private static let log = Inputs.noise(2000, 11) + NativeCode.old + stream
    private static let gap = 1000..<1100
    private static let noTag = [UInt8](repeating: 0, count: 16)

    static func file(frames: URL) throws -> VectorFile {
        var file = VectorFile(
            "rebuild", of: "blueprint.md", "handshake.md", "model.md",
            notes: """
                `records` are leaves of one transfer, in order; `leaves` what they rebuild to, `learned` what both ends learn of \
                each. The receiver holds `log` from address 0, but for `gap` (start, end). In `invalid` the last record is refused \
                (`failure` record), or rebuilds to something that its tag does not confirm (`failure` tag): of it nothing is \
                committed, and of the literal, held, added and packed bytes nothing is learned but what is authentic by itself.
                """)
        file.shared = [
            ("inputs", Inputs.session(suite: 1).json), ("transfer", .hex(Inputs.transfer)), ("log", .hex(log)),
            ("gap", [.count(gap.lowerBound), .count(gap.upperBound)]),
        ]
        let made = try JSONDecoder().decode(Frames.self, from: Data(contentsOf: frames)).frames
        let session = try VectorSession(Inputs.session(suite: 1))
        let key = session.initiator.integrity.key(for: TransferID(unchecked: Inputs.transfer))
        try accept(made, key, in: &file)
        try refuse(made, key, in: &file)
        try refuseTails(key, in: &file)
        return file
    }

    private static func accept(_ made: [Frames.Frame], _ key: IntegrityKey, in file: inout VectorFile) throws {
        let raw = LeafBlueprint(
            descriptors: [.literal(length: 5), .fill(byte: 9, length: 3), .copy(address: 1100, length: 40)],
            coding: .raw,
            literals: Array("hello".utf8), learnedAt: 1 << 30, tag: noTag)
        let rawLeaf = Array("hello".utf8) + [9, 9, 9] + log[1100..<1140]
        try accept("raw literals, a fill and a copy", [(raw, rawLeaf, Array("hello".utf8))], key, in: &file)

        let alone = literal(made[0].content.bytes.count, .zstd, made[0].frame.bytes)
        let behind = literal(made[1].content.bytes.count, .zstdPrevious, made[1].frame.bytes)
        try accept(
            "a zstd frame, and one with the previous literals",
            [(alone, made[0].content.bytes, []), (behind, made[1].content.bytes, [])], key, in: &file)

        let (added, addedLeaf) = adding()
        try accept("an add between copies", [(added, addedLeaf, Array(NativeCode.moved[..<1000]))], key, in: &file)
        let (summed, summedLeaf) = summing(made[0])
        try accept("adds whose differences are a zstd frame", [(summed, summedLeaf, [])], key, in: &file)
        let (modelled, modelledLeaf) = modelling()
        try accept("modelled literals with contexts", [(modelled, modelledLeaf, [])], key, in: &file)
        let (repacked, repackedLeaf, repackedStream) = packing()
        try accept("a stream that is packed anew", [(repacked, repackedLeaf, repackedStream)], key, in: &file)
        let (taught, taughtLeaf) = teaching(at: 1 << 33)
        try accept(
            "a copy of what a leaf before taught",
            [(taught, taughtLeaf, taughtLeaf), (copying(1 << 33, 60), Array(taughtLeaf[..<60]), [])], key, in: &file)
        let whole = LeafBlueprint(
            descriptors: raw.descriptors, coding: .raw, literals: raw.literals, learnedAt: 1 << 34, learning: .whole,
            tag: noTag)
        try accept(
            "a leaf that is learned whole, a copy of that, and modelled literals beside one",
            [(whole, rawLeaf, rawLeaf), (copying(1 << 34, 48), rawLeaf, []), besides(rawLeaf, at: 1 << 34)],
            key, in: &file)
    }

    /// A leaf of literals, all learned.
    private static func teaching(at address: UInt64) -> (LeafBlueprint, [UInt8]) {
        let text = Inputs.text(100, 23)
        var blueprint = literal(text.count, .raw, text)
        blueprint.learnedAt = address
        return (blueprint, text)
    }

    private static func literal(_ length: Int, _ coding: LiteralCoding, _ bytes: [UInt8]) -> LeafBlueprint {
        LeafBlueprint(descriptors: [.literal(length: length)], coding: coding, literals: bytes, tag: noTag)
    }

    private static func adding() -> (LeafBlueprint, [UInt8]) {
        let descriptors: [Descriptor] = [
            .copy(address: 50, length: 20), .add(address: 2000, length: 1000), .copy(address: 0, length: 10),
        ]
        var blueprint = LeafBlueprint(
            descriptors: descriptors, coding: .raw, literals: [], learnedAt: 1 << 31, tag: noTag)
        let leaf = Array(log[50..<70] + NativeCode.moved[..<1000] + log[..<10])
        let encoder = DifferenceEncoder()
        encoder.begin(blueprint.stretches)
        leaf.withUnsafeBytes { leaf in
            Array(log[2000..<3000]).withUnsafeBytes { encoder.add(leaf, 20..<1020, base: $0, address: 2000) }
        }
        blueprint.differences = encoder.finish()
        return (blueprint, leaf)
    }

    /// Two adds; what they lack is the content of the frame.
    private static func summing(_ made: Frames.Frame) -> (LeafBlueprint, [UInt8]) {
        let differences = made.content.bytes
        let first = differences.count / 3
        let base = Array(log[40..<40 + first] + log[7..<7 + differences.count - first])
        let blueprint = LeafBlueprint(
            descriptors: [
                .add(address: 40, length: first), .fill(byte: 3, length: 2),
                .add(address: 7, length: differences.count - first),
            ], coding: .raw, literals: [], differences: made.frame.bytes, differenceCoding: .zstd, tag: noTag)
        let sums = zip(base, differences).map { $0 &+ $1 }
        return (blueprint, sums[..<first] + [3, 3] + sums[first...])
    }

    private static func modelling() -> (LeafBlueprint, [UInt8]) {
        let leaf = Array(Inputs.text(300, 8) + log[10..<60] + log[200..<400])
        var blueprint = LeafBlueprint(
            descriptors: [.literal(length: 300), .copy(address: 10, length: 50), .literal(length: 200)],
            contexts: [AddressRange(address: 100, length: 350), AddressRange(address: 2000, length: 200)],
            coding: .modelled, literals: [], tag: noTag)
        blueprint.literals = literals(of: leaf, blueprint, log) { $0 < 1000 ? first : $0 < second.end ? second : nil }
        return (blueprint, leaf)
    }

    /// Literals around the first bytes of what a leaf before taught: they look back at all of that.
    private static func besides(_ taught: [UInt8], at address: UInt64) -> (LeafBlueprint, [UInt8], [UInt8]) {
        let leaf = Inputs.text(200, 24) + taught[..<5] + Inputs.text(100, 25)
        var blueprint = LeafBlueprint(
            descriptors: [.literal(length: 200), .copy(address: address, length: 5), .literal(length: 100)],
            coding: .modelled, literals: [], tag: noTag)
        let all = AddressRange(address: address, length: taught.count)
        blueprint.literals = literals(of: leaf, blueprint, taught, from: address) {
            $0 >= all.address && $0 < all.end ? all : nil
        }
        return (blueprint, leaf, [])
    }

    /// What is held of the log.
    private static let first = AddressRange(address: 0, length: 1000)
    private static let second = AddressRange(address: 1100, length: log.count - 1100)

    /// - Parameter start: the address of the first byte of `log`.
    private static func literals(
        of leaf: [UInt8], _ blueprint: some Blueprint, _ log: [UInt8], from start: UInt64 = 0,
        run: (UInt64) -> AddressRange?
    ) -> [UInt8] {
        let surroundings = blueprint.surroundings(run)
        let context = (blueprint.contexts + surroundings.ranges).flatMap {
            log[Int($0.address - start)..<Int($0.end - start)]
        }
        return leaf.withUnsafeBytes { leaf in
            context.withUnsafeBytes { LiteralModelEncoder().encode(leaf, surroundings.literals, context: $0) }
        }
    }

    private static func packed(_ content: [UInt8], level: Int, tokens: [Int]) -> [UInt8] {
        let blocks = (tokens + [0]).map { Packing.Block(isFixed: false, tokens: $0) }
        var patience = Packing.patience
        return content.withUnsafeBytes {
            Packing(length: $0.count, level: level, blocks: blocks).pack($0, limit: 1 << 20, patience: &patience)
        } ?? []
    }

    /// Of the old content: a part, some text in the context of a part, and a part a little changed.
    ///
    /// - Parameter lacking: bytes of the stream that the base leaves out.
    private static func packing(lacking: Int = 0) -> (LeafBlueprint, [UInt8], [UInt8]) {
        let text = Inputs.text(200, 22)
        var changed = Array(oldContent[1000...])
        for place in stride(from: 5, to: changed.count, by: 300) { changed[place] = 33 }
        let content = oldContent[..<900] + text + changed
        let stream = packed(content, level: 6, tokens: [300, 300])
        var opened = OpenedBlueprint(
            bases: [AddressRange(address: UInt64(2000 + NativeCode.old.count), length: Self.stream.count - lacking)],
            packings: [
                Packing(
                    length: content.count, level: 6,
                    blocks: [300, 300, 0].map { Packing.Block(isFixed: false, tokens: $0) })
            ],
            descriptors: [
                .copy(address: 0, length: 900), .literal(length: 200), .add(address: 1000, length: changed.count),
            ], contexts: [AddressRange(address: 900, length: 100)], coding: .modelled, literals: [])
        let encoder = DifferenceEncoder()
        encoder.begin(opened.stretches)
        content.withUnsafeBytes { content in
            Array(oldContent[1000...]).withUnsafeBytes {
                encoder.add(content, 1100..<content.count, base: $0, address: 1000)
            }
        }
        let all = AddressRange(address: 0, length: oldContent.count)
        opened.literals = literals(of: Array(content), opened, oldContent) { $0 < all.end ? all : nil }
        opened.differences = encoder.finish()
        let leaf = log[..<30] + stream + log[40..<50]
        let blueprint = LeafBlueprint(
            descriptors: [
                .copy(address: 0, length: 30), .packed(length: stream.count), .copy(address: 40, length: 10),
            ], coding: .raw, literals: [], opened: opened, learnedAt: 1 << 32, tag: noTag)
        return (blueprint, Array(leaf), stream)
    }

    private static func accept(
        _ name: String, _ leaves: [(LeafBlueprint, [UInt8], [UInt8])], _ key: IntegrityKey, in file: inout VectorFile
    ) throws {
        let records = try records(leaves.map { ($0.0, $0.1) }, key)
        let receiver = try receiver(key)
        for (record, (_, leaf, learned)) in zip(records, leaves) {
            guard try receiver.rebuild(record) == (leaf, learned) else { throw BrokenVector(name: name) }
        }
        file.accept(
            name,
            [
                "records": .list(records.map { .hex($0) }),
                "leaves": .list(leaves.map { .hex($0.1) }), "learned": .list(leaves.map { .hex($0.2) }),
            ])
    }

    private static func records(_ leaves: [(LeafBlueprint, [UInt8])], _ key: IntegrityKey) throws -> [[UInt8]] {
        try leaves.enumerated().map { number, leaf in
            let id = LeafID(.content, UInt64(number))
            var blueprint = leaf.0
            blueprint.tag = leaf.1.withUnsafeBytes { key.tag(leaf: id, bytes: $0) }
            return try DataRecord.leaf(id, blueprint).encode()
        }
    }

    private static func refuse(_ made: [Frames.Frame], _ key: IntegrityKey, in file: inout VectorFile) throws {
        let content = made[0].content.bytes
        var cut = literal(content.count, .zstdContext, made[0].frame.bytes.dropLast())
        cut.contexts = [AddressRange(address: 0, length: 100)]
        let cases: [(String, LeafBlueprint, [UInt8], String)] = [
            ("a copy outside of what is held", copying(990, 20), content, "record"),
            ("a copy beyond the log", copying(UInt64(log.count) - 5, 6), content, "record"),
            (
                "an add outside of what is held",
                LeafBlueprint(
                    descriptors: [.add(address: 1050, length: 9)], coding: .raw, literals: [], tag: noTag), content,
                "record"
            ),
            (
                "a context outside of what is held",
                LeafBlueprint(
                    descriptors: [.literal(length: 1)], contexts: [AddressRange(address: 999, length: 2)],
                    coding: .modelled,
                    literals: [1], tag: noTag), content, "record"
            ),
            (
                "a frame that gives fewer bytes", literal(content.count + 1, .zstd, made[0].frame.bytes), content,
                "record"
            ),
            (
                "a frame that gives more bytes", literal(content.count - 1, .zstd, made[0].frame.bytes), content,
                "record"
            ),
            ("a frame cut", literal(content.count, .zstd, made[0].frame.bytes.dropLast()), content, "record"),
            (
                "a frame with the previous literals, of which there are none",
                literal(content.count, .zstdPrevious, made[0].frame.bytes), content, "record"
            ),
            ("a leaf that is not that of its tag", literal(5, .raw, Array("hullo".utf8)), Array("hello".utf8), "tag"),
            ("a frame with context cut", cut, content, "tag"),
            ("a base that is no whole stream", packing(lacking: 1).0, packing().1, "tag"),
        ]
        for (name, blueprint, tagged, failure) in cases {
            try refuse(name, records([(blueprint, tagged)], key), failure, key, in: &file)
        }
        let (taught, taughtLeaf) = teaching(at: UInt64(gap.lowerBound))
        try refuse(
            "a copy that begins in what is held and ends in what a leaf before taught",
            records([(taught, taughtLeaf), (copying(990, 20), Array(log[990..<1000] + taughtLeaf[..<10]))], key),
            "record", key, in: &file)
    }

    /// The last of the records.
    private static func refuse(
        _ name: String, _ records: [[UInt8]], _ failure: String, _ key: IntegrityKey, in file: inout VectorFile
    ) throws {
        let receiver = try receiver(key)
        for record in records.dropLast() { _ = try receiver.rebuild(record) }
        do {
            for record in records.suffix(1) { _ = try receiver.rebuild(record) }
            throw BrokenVector(name: name)
        } catch is VectorReceiver.WrongTag where failure == "tag" {
        } catch  where failure == "record" && (error is WireError || error is RebuildError) {}
        file.refuse(name, ["records": .list(records.map { .hex($0) }), "failure": .text(failure)])
    }

    private static func receiver(_ key: IntegrityKey) throws -> VectorReceiver {
        try VectorReceiver(log: log, gap: gap, key: key)
    }

    /// Records whose literals are not those that their fields ask for.
    private static func refuseTails(_ key: IntegrityKey, in file: inout VectorFile) throws {
        let filling = LeafBlueprint(descriptors: [.fill(byte: 0, length: 4)], coding: .raw, literals: [], tag: noTag)
        let cases: [(String, LeafBlueprint, [UInt8])] = [
            ("raw literals of another length", literal(9, .raw, [UInt8](repeating: 5, count: 9)), [1, 2, 3]),
            ("no raw literals", literal(9, .raw, [UInt8](repeating: 5, count: 9)), []),
            ("literals where none are needed", filling, [1]),
        ]
        for (name, blueprint, tail) in cases {
            let record = try records([(blueprint, [])], key)[0]
            let changed = [2, record[1], UInt8(tail.count)] + record[3..<3 + Int(record[1])] + tail
            try refuse(name, [changed], "record", key, in: &file)
        }
    }

    private static func copying(_ address: UInt64, _ length: Int) -> LeafBlueprint {
        LeafBlueprint(descriptors: [.copy(address: address, length: length)], coding: .raw, literals: [], tag: noTag)
    }
}
