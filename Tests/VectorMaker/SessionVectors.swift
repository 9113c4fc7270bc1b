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
                the ephemeral keys. `contents` maps the paths of the files to their bytes. In `invalid` one `direction` (0 of the \
                initiator) ends before all of its `end` is there.
                """)
        for suite in [UInt8(1), 2] { try add(Inputs.session(suite: suite), to: &file) }
        return file
    }

    private static func add(_ inputs: VectorInputs, to file: inout VectorFile) throws {
        let caller = try inputs.handshakeInitiator()
        let message1 = caller.message1
        let message2 = try inputs.response(to: message1).message2
        var session = try VectorSession(inputs, padding: .padme)
        let content = Inputs.text(5000, 13)
        let key = session.initiator.integrity.key(for: TransferID(unchecked: Inputs.transfer))
        let directions = [
            try Side(framed(message1), try sent(content, key), &session.initiator),
            try Side(framed(message2), try answered(content), &session.responder),
        ]
        func fields(_ cut: Int? = nil, to length: Int = 0) -> JSON {
            let bytes = directions.enumerated().map { $0 == cut ? Array($1.bytes.prefix(length)) : $1.bytes }
            return ["inputs": inputs.json, "from_initiator": .hex(bytes[0]), "from_responder": .hex(bytes[1])]
        }
        let contents: JSON = ["contents": ["in": .hex(content)]]
        file.accept("suite \(inputs.suite)", fields().with(contents))
        for (number, side) in directions.enumerated() {
            let name = "suite \(inputs.suite), direction \(number) ends"
            for (place, length) in [("before", side.end.lowerBound), ("within", side.end.upperBound - 40)] {
                let cut = fields(number, to: length)
                guard try !isHeard(side.bytes.prefix(length), number, inputs) else { throw BrokenVector(name: name) }
                file.refuse("\(name) \(place) its `end`", cut.with(["direction": .count(number)]))
            }
            guard side.end.upperBound < side.bytes.count else { continue }
            let cut = fields(number, to: side.bytes.count - 40)
            file.accept("\(name) within the padding behind its `end`", cut.with(contents))
        }
    }

    /// What one party says in a session.
    private struct Side {
        var bytes: [UInt8]
        /// Where the `end` lies in it.
        let end: Range<Int>

        init(_ handshake: [UInt8], _ frames: [Frame], _ channel: inout SealedChannel) throws {
            bytes = handshake
            var place = 0
            for frame in frames {
                place = bytes.count
                try channel.sealer.seal(frame, now: start, into: &bytes)
            }
            end = place..<bytes.count
            try channel.sealer.finish(now: start, into: &bytes)
        }
    }

    /// Whether an `end` is among the frames that open.
    private static func isHeard(_ bytes: ArraySlice<UInt8>, _ direction: Int, _ inputs: VectorInputs) throws -> Bool {
        let end = try ControlMessage.end(bytes: 0, frames: 0).encode()[0].type
        let frames = bytes.dropFirst(2 + Int(bytes[0]) << 8 + Int(bytes[1]))
        var channel = try VectorSession(inputs).channel(of: direction == 0 ? .responder : .initiator)
        var isHeard = false
        try channel.opener.open(Array(frames), now: start) { frame in
            isHeard = isHeard || frame.plane == .control && frame.type == end
        }
        return isHeard
    }

    private static let start = Instant(nanoseconds: 0)

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
