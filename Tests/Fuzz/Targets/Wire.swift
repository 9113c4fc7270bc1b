import PacketFSRebuild
import PacketFSTestKit
import PacketFSWire

extension Target {
    /// What comes sealed from a peer.
    static let wire = [control, repair, records, manifest, snapshot, patterns]

    /// What is read is written as it was, but for how a list is cut into frames.
    private static let control = Target(name: "control") { bytes in
        var script = Script(bytes)
        let message = try ControlMessage.decode(type: script.byte(), payload: script.all())
        promise(
            try message.consists(of: message.encode().map { try ControlMessage.decode(type: $0, payload: $1) }),
            "a control message stays itself")
    } seeds: {
        examples(64) { random in
            try random.controlMessage(items: 12).encode().map { [$0.type] + $0.payload }
        }
    }

    private static let repair = Target(name: "repair") { bytes in
        var script = Script(bytes)
        let decoder = ZstdDecoder()
        let message = try RepairMessage.decode(type: script.byte(), payload: script.all()) { frame, count in
            decoder?.decode(frame, count: count)
        }
        promise(
            try message.consists(of: message.encode().map { try RepairMessage.decode(type: $0, payload: $1) }),
            "a repair message stays itself")
    } seeds: {
        examples(64) { random in
            try random.repairMessage().encode().map { [$0.type] + $0.payload }
        }
    }

    /// The stream of data in chunks, whose lengths come first.
    private static let records = Target(name: "records") { bytes in
        var script = Script(bytes)
        let step = 1 + script.number()
        let stream = script.all()
        var reader = RecordReader()
        let decoder = ZstdDecoder()
        for start in stride(from: 0, to: stream.count, by: step) {
            try reader.append(Array(stream[start..<min(start + step, stream.count)]))
            while let raw = reader.next() {
                let record = try DataRecord(decoding: raw) { frame, count in decoder?.decode(frame, count: count) }
                promise(try DataRecord.decoded(record.encode()) == record, "a record stays itself")
            }
        }
    } seeds: {
        examples(64) { random in
            let records = try (0..<3).flatMap { _ in try random.dataRecord(items: 12).encode() }
            return [[0, UInt8(random.draw(0...255))] + records]
        }
    }

    private static let manifest = Target(name: "manifest") { bytes in
        let manifest = try Manifest(decoding: Array(bytes))
        promise(try manifest.encode() == Array(bytes), "a manifest has one encoding")
    } seeds: {
        examples(48) { random in [try random.tree(12).encode()] }
    }

    private static let snapshot = Target(name: "snapshot") { bytes in
        let snapshot = try Snapshot(decoding: Array(bytes))
        promise(try Snapshot(decoding: snapshot.encode()) == snapshot, "a snapshot stays itself")
    } seeds: {
        examples(32) { random in
            let transfers = (0..<3).map { _ in TransferID(unchecked: random.bytes(16)) }
            let paths = Set((0..<8).map { _ in Array("file-\(random.draw(0...999))".utf8) })
            let entries = paths.sorted { $0.lexicographicallyPrecedes($1) }.map { path in
                let time = FileTime(seconds: Int64(random.draw(0...1 << 33)), nanoseconds: UInt32(random.draw(0...999)))
                let stat = StatKey(
                    device: 1, inode: random.next() >> 40, size: random.next() >> 40, modified: time, changed: time)
                return Snapshot.Entry(
                    path: path, stat: stat, version: transfers[random.draw(0...1)],
                    confirmed: transfers[random.draw(0...2)])
            }
            return [try Snapshot(entries: entries).encode()]
        }
    }

    /// A pattern, and a path that it is asked about.
    private static let patterns = Target(name: "patterns") { bytes in
        var script = Script(bytes)
        let text = String(decoding: script.piece(), as: UTF8.self)
        _ = try ExcludeList([text]).excludes(path: script.all(), isFolder: bytes.count.isMultiple(of: 2))
    } seeds: {
        [("*.o", "a/b.o"), ("/build/", "build"), ("**/x?[a-z]", "y/xab"), ("a\\*b", "a*b")].map { pattern, path in
            Script.piece(Array(pattern.utf8)) + Array(path.utf8)
        }
    }

    /// Inputs out of seeded randomness; one that cannot be encoded is left out.
    static func examples(_ count: Int, _ make: (inout SeededRandom) throws -> [[UInt8]]) -> [[UInt8]] {
        (0..<UInt64(count)).flatMap { seed in
            var random = SeededRandom(seed: seed)
            return (try? make(&random)) ?? []
        }
    }
}

extension DataRecord {
    fileprivate static func decoded(_ bytes: [UInt8]) throws -> DataRecord? {
        var reader = RecordReader()
        try reader.append(bytes)
        return try reader.next().map { try DataRecord(decoding: $0) }
    }
}
