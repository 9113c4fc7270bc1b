import PacketFSBlob
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire

/// A whole session with everything that both ends drew: one file travels.
enum SessionVectors {
    static func file() throws -> VectorFile {
        var file = VectorFile(
            "session", of: "handshake.md", "frames.md", "blueprint.md", "blob.md",
            notes: """
                The bytes of both directions, handshake and lengths included, and the secrets of both ends: `inputs` has the seed and \
                the ephemeral keys. `contents` maps the paths of the files to their bytes.
                """)
        for suite in [UInt8(1), 2] { try add(Inputs.session(suite: suite), to: &file) }
        return file
    }

    private static func add(_ inputs: VectorInputs, to file: inout VectorFile) throws {
        let caller = try inputs.handshakeInitiator()
        let message1 = caller.message1
        let message2 = try inputs.response(to: message1).message2
        var session = try VectorSession(inputs, padding: .padme)
        var directions = [framed(message1), framed(message2)]
        let content = Inputs.text(5000, 13)
        let key = session.initiator.integrity.key(for: TransferID(unchecked: Inputs.transfer))
        for frame in try sent(content, key) { try session.initiator.say(frame, into: &directions[0]) }
        try session.initiator.sealer.finish(now: start, into: &directions[0])
        for frame in try answered(content) { try session.responder.say(frame, into: &directions[1]) }
        try session.responder.sealer.finish(now: start, into: &directions[1])
        file.accept(
            "suite \(inputs.suite)",
            [
                "inputs": inputs.json, "from_initiator": .hex(directions[0]), "from_responder": .hex(directions[1]),
                "contents": ["in": .hex(content)],
            ])
        for direction in directions.indices {
            var cut = directions
            cut[direction].removeLast(40)
            file.refuse(
                "suite \(inputs.suite), direction \(direction) ends within a frame",
                ["inputs": inputs.json, "from_initiator": .hex(cut[0]), "from_responder": .hex(cut[1])])
        }
    }

    fileprivate static let start = Instant(nanoseconds: 0)

    private static func framed(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 255)] + message
    }

    private static func sent(_ content: [UInt8], _ key: IntegrityKey) throws -> [Frame] {
        let transfer = TransferID(unchecked: Inputs.transfer), log = LogID(unchecked: Inputs.log)
        let offer = Offer(
            transfer: transfer, destination: "x", options: TransferOptions(), log: log,
            holdingsDigest: try Holdings(log: log, extents: []).digest)
        let manifest = try Manifest(entries: [
            ManifestEntry(
                path: Array("in".utf8), kind: .file, mode: 0o644, modified: FileTime(seconds: 9, nanoseconds: 0),
                size: UInt64(content.count))
        ]).encode()
        let records: [DataRecord] = [
            .opening(transfer, manifest: UInt64(manifest.count), content: UInt64(content.count)),
            .leaf(LeafID(.manifest, 0), leaf(.manifest, manifest, 0, key)), .origins([.sent]),
            .leaf(LeafID(.content, 0), leaf(.content, content, UInt64(manifest.count), key)),
        ]
        let stream = try records.flatMap { try $0.encode() }
        var frames = try ControlMessage.offer(offer).encode().map {
            Frame(plane: .control, type: $0.type, payload: $0.payload)
        }
        var place = 0
        while place < stream.count {
            let room = DataFrames.capacity(after: UInt64(place))
            frames.append(Frame(plane: .data, type: 0, payload: Array(stream[place...].prefix(room))))
            place += room
        }
        let data = UInt64(frames.count - 1)
        let end = try ControlMessage.end(bytes: UInt64(stream.count), frames: data).encode()
        return frames + end.map { Frame(plane: .control, type: $0.type, payload: $0.payload) }
    }

    private static func leaf(
        _ stream: StreamKind, _ bytes: [UInt8], _ address: UInt64, _ key: IntegrityKey
    ) -> LeafBlueprint {
        LeafBlueprint(
            descriptors: [.literal(length: bytes.count)], coding: .raw, literals: bytes, learnedAt: address,
            tag: bytes.withUnsafeBytes { key.tag(leaf: LeafID(stream, 0), bytes: $0) })
    }

    private static func answered(_ content: [UInt8]) throws -> [Frame] {
        let transfer = TransferID(unchecked: Inputs.transfer)
        let receipt = Receipt(transfer: transfer, filesWritten: 1, bytesWritten: UInt64(content.count))
        return try [.accept(transfer), .receipt(receipt, isLast: true), ControlMessage.end(bytes: 0, frames: 0)].flatMap
        {
            try $0.encode().map { Frame(plane: .control, type: $0.type, payload: $0.payload) }
        }
    }
}

extension SealedChannel {
    fileprivate mutating func say(_ frame: Frame, into output: inout [UInt8]) throws {
        try sealer.seal(frame, now: SessionVectors.start, into: &output)
    }
}
