import PacketFSChannel
import PacketFSTestKit
import PacketFSWire

/// Frames of a session, in order and otherwise.
enum FrameVectors {
    private static let start = Instant(nanoseconds: 0)

    /// One frame to be sealed: with what the format forbids, if need be.
    private struct Sealed {
        var plane: UInt8 = 1
        var type: UInt8 = 0
        var flags: UInt8 = 0
        var payload: [UInt8] = []
        /// What the header says of the payload's length, if not that.
        var saying: Int?
        var length = 0
    }

    private static let said = [
        Sealed(plane: 0, type: 10), Sealed(payload: Array("the first data".utf8)),
        Sealed(plane: 2, type: 1, payload: [1, 2]), Sealed(plane: 3, length: 64),
        Sealed(payload: Array("and the last".utf8), length: 300),
    ]

    static func file() throws -> VectorFile {
        var file = VectorFile(
            "frames", of: "frames.md", "handshake.md",
            notes: """
                `wire` is what arrives in one direction of the session that follows from `inputs`: 0 from the initiator, 1 \
                from the responder. `released` is what may be handed on of it, pad frames left out. In `invalid` the frame \
                behind these must end the session; `incomplete`: the connection ends within a frame instead. `epoch_frames` \
                and `epoch_bytes` lower the frames and bytes of an epoch at both ends.
                """)
        for suite in [UInt8(1), 2] {
            let inputs = Inputs.session(suite: suite)
            for direction in [0, 1] {
                let wire = try seal(said, inputs, direction).flatMap { $0 }
                file.accept(
                    "suite \(suite), direction \(direction)", fields(inputs, direction, wire, released(said)))
            }
            let many = (0..<10).map { Sealed(payload: [UInt8($0)]) }
            let wire = try seal(many, inputs, 0, epochFrames: 4).flatMap { $0 }
            file.accept(
                "suite \(suite), three epochs",
                fields(inputs, 0, wire, released(many)).with(["epoch_frames": 4]))
            let short = try seal(many, inputs, 0, epochBytes: 60).flatMap { $0 }
            file.accept(
                "suite \(suite), epochs of three frames by their bytes",
                fields(inputs, 0, short, released(many)).with(["epoch_bytes": 60]))
            try refuse(inputs, in: &file)
        }
        return file
    }

    private static func refuse(_ inputs: VectorInputs, in file: inout VectorFile) throws {
        let frames = try seal(said, inputs, 0)
        func refused(_ name: String, _ wire: [[UInt8]], after count: Int, _ more: JSON = .object([])) {
            let fields = fields(inputs, 0, wire.flatMap { $0 }, released(Array(said.prefix(count))))
            file.refuse("suite \(inputs.suite): \(name)", fields.with(more))
        }
        refused("a frame is missing", [frames[0], frames[2]], after: 1)
        refused("two frames change places", [frames[0], frames[2], frames[1]], after: 1)
        refused("a frame comes again", [frames[0], frames[0]], after: 1)
        refused("a flipped bit of the length", [frames[0], frames[1].flipping(bit: 15)] + frames[2...], after: 1)
        refused("a flipped bit of the plane", [frames[0], frames[1].flipping(bit: 23)], after: 1)
        refused("a flipped bit of the tag", [frames[0], frames[1].flipping(bit: frames[1].count * 8 - 1)], after: 1)
        refused("a frame of the other direction", [frames[0], try seal(said, inputs, 1)[1]], after: 1)
        var other = inputs
        other.saltR = Hex(Inputs.counting(from: 0x62, 32))
        refused("a frame of another session", [frames[0], try seal(said, other, 0)[1]], after: 1)
        refused("a length of 20", [frames[0], [0, 20] + Inputs.noise(20, 1)], after: 1)
        refused("a length of 65,519", [frames[0], [0xff, 0xef]], after: 1)
        refused("an end within a frame", [frames[0], Array(frames[1].dropLast())], after: 1, ["incomplete": true])
        refused("an end within a length", [frames[0], [0]], after: 1, ["incomplete": true])
        try refuseEpochs(inputs, in: &file)
        try refuseContents(inputs, in: &file)
    }

    private static func refuseEpochs(_ inputs: VectorInputs, in file: inout VectorFile) throws {
        let many = (0..<6).map { Sealed(payload: [UInt8($0)]) }
        let short = try seal(many, inputs, 0, epochFrames: 4)
        let long = try seal(many, inputs, 0)
        let cases: [(String, [[UInt8]], Int)] = [
            ("a frame beyond the frames of an epoch", long, 4),
            ("a frame of the epoch that ended", Array(short.prefix(4)) + [long[4]], 4),
            ("a frame of the next epoch too early", Array(short.prefix(3)) + [short[4]], 3),
        ]
        for (name, wire, count) in cases {
            let fields = fields(inputs, 0, wire.flatMap { $0 }, released(Array(many.prefix(count))))
            file.refuse("suite \(inputs.suite): \(name)", fields.with(["epoch_frames": 4]))
        }
        let beyond = fields(inputs, 0, long.flatMap { $0 }, released(Array(many.prefix(3))))
        file.refuse("suite \(inputs.suite): a frame beyond the bytes of an epoch", beyond.with(["epoch_bytes": 60]))
    }

    private static func refuseContents(_ inputs: VectorInputs, in file: inout VectorFile) throws {
        let contents: [(String, Sealed)] = [
            ("an unknown plane", Sealed(plane: 4)),
            ("an unknown flag", Sealed(flags: 2)),
            ("data of another type", Sealed(type: 1)),
            ("a pad frame of another type", Sealed(plane: 3, type: 1)),
            ("a pad frame with payload", Sealed(plane: 3, payload: [1])),
            ("a byte behind the payload", Sealed(payload: [7, 0, 1], saying: 1)),
            ("a payload beyond the plaintext", Sealed(payload: [7, 8, 9], saying: 4)),
        ]
        for (name, content) in contents {
            let wire = try seal([said[0], content], inputs, 0).flatMap { $0 }
            file.refuse("suite \(inputs.suite): \(name)", fields(inputs, 0, wire, released([said[0]])))
        }
    }

    /// The frames as they travel, one by one.
    private static func seal(
        _ frames: [Sealed], _ inputs: VectorInputs, _ direction: Int, epochFrames: UInt64? = nil,
        epochBytes: UInt64? = nil
    ) throws -> [[UInt8]] {
        var limits = ChannelLimits.standard
        if let epochFrames { limits.frames = epochFrames }
        if let epochBytes { limits.bytes = epochBytes }
        var session = try VectorSession(inputs, limits: limits)
        return try frames.map { frame in
            var wire: [UInt8] = []
            let length = max(frame.length, frame.payload.count + 23)
            try frame.payload.withUnsafeBytes { payload in
                if direction == 0 {
                    try session.initiator.sealer.seal(
                        plane: frame.plane, type: frame.type, flags: frame.flags, payload: payload,
                        saying: frame.saying, length: length, now: start, into: &wire)
                } else {
                    try session.responder.sealer.seal(
                        plane: frame.plane, type: frame.type, flags: frame.flags, payload: payload,
                        saying: frame.saying, length: length, now: start, into: &wire)
                }
            }
            return wire
        }
    }

    private static func released(_ frames: [Sealed]) -> JSON {
        .list(
            frames.filter { $0.plane != 3 }.map {
                ["plane": .count(Int($0.plane)), "type": .count(Int($0.type)), "payload": .hex($0.payload)]
            })
    }

    private static func fields(_ inputs: VectorInputs, _ direction: Int, _ wire: [UInt8], _ released: JSON) -> JSON {
        ["inputs": inputs.json, "direction": .count(direction), "wire": .hex(wire), "released": released]
    }
}
