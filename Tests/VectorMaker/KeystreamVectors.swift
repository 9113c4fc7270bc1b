import PacketFSPad
import PacketFSTestKit
import PacketFSWire

/// What two parties say of a pad before a session is covered with it, and payloads that are covered.
enum KeystreamVectors {
    private static let session = Inputs.counting(from: 0x41, 32)

    static func file() throws -> VectorFile {
        var file = VectorFile(
            "keystream", of: "keystream.md",
            notes: """
                The pad is that of `pads.json`; nothing of it was used before, unless the higher party has `reserved` blocks of \
                its half. `hello`: what the lower party says in `cover` to the higher one. `frames`: what the lower party \
                announces (start, count), and says, in order, as the higher one gets it.
                """)
        file.shared = [("session_id", .hex(session))]
        try addHellos(to: &file)
        try addFrames(to: &file)
        return file
    }

    private static func addHellos(to file: inout VectorFile) throws {
        for (seen, reserved) in [(UInt64(0), UInt64(0)), (3, 4), (4, 4)] {
            let hello = hello(half: 0, seen: seen)
            guard isAccepted(hello, reserved: reserved) else { throw BrokenVector(name: "seen \(seen)") }
            file.accept("\(seen) blocks seen of \(reserved)", fields(hello, reserved))
        }
        let good = hello(half: 0, seen: 0)
        let cases: [(String, [UInt8], UInt64)] = [
            ("more was seen than reserved", hello(half: 0, seen: 1), 0),
            ("the proof of the reader", hello(half: 1, seen: 0), 0), ("another pad", good.flipping(bit: 8), 0),
            ("another proof", good.flipping(bit: good.count * 8 - 1), 0),
            ("a mark that the proof is not of", good.replacing(24, with: 1), 4),
            ("another session", hello(half: 0, seen: 0, of: Inputs.counting(from: 0x42, 32)), 0),
        ]
        for (name, hello, reserved) in cases {
            guard !isAccepted(hello, reserved: reserved) else { throw BrokenVector(name: name) }
            file.refuse("hello: \(name)", fields(hello, reserved))
        }
    }

    private static func fields(_ hello: [UInt8], _ reserved: UInt64) -> JSON {
        ["kind": "hello", "reserved": .number(reserved), "cover": .hex(hello)]
    }

    /// By the rule of `Specs/keystream.md` §3, written out.
    private static func hello(half: UInt8, seen: UInt64, of session: [UInt8] = session) -> [UInt8] {
        let mark = VectorPad.bigEndian(seen)
        let proof = VectorPad.check(
            [half] + mark + session, salt: [UInt8](repeating: 0, count: 16), personal: "packetfs/1 hello")
        return [1] + VectorPad.header.pad.bytes + mark + proof
    }

    private static func isAccepted(_ hello: [UInt8], reserved: UInt64) -> Bool {
        let pad = PadID(unchecked: Array(hello[1..<17]))
        let seen = hello[17..<25].reduce(0) { $0 << 8 | UInt64($1) }
        do {
            return try VectorPad.withPad { own, _ in
                if reserved > 0 { _ = try own.reserve(reserved) }
                try own.accept(.pad(pad, seen: seen, proof: Array(hello[25...])), session: session)
                return true
            }
        } catch {
            return false
        }
    }

    private enum Step {
        case announce(UInt64, UInt64)
        case say([UInt8])
    }

    private static func addFrames(to file: inout VectorFile) throws {
        let long = Inputs.text(9000, 22)
        let cases: [(String, [Step])] = [
            ("within a block", [.announce(0, 1), .say([1, 2, 3]), .say([]), .say([4])]),
            ("from a block into the next", [.announce(2, 3), .say(long), .say([5])]),
            (
                "from a range into the next",
                [.announce(0, 1), .say(Array(long[..<4000])), .announce(3, 1), .say([UInt8](repeating: 0, count: 100))]
            ),
        ]
        for (name, steps) in cases {
            guard let covered = try received(steps) else { throw BrokenVector(name: name) }
            file.accept("frames \(name)", ["kind": "frames", "steps": covered])
        }
        let refused: [(String, [Step])] = [
            ("that nothing was announced for", [.say([1])]),
            ("longer than what was announced", [.announce(0, 1), .say(Array(long[..<4065]))]),
            ("after blocks beyond the half", [.announce(5, 2)]),
            ("after blocks that are spent", [.announce(0, 2), .say([1]), .announce(1, 1)]),
            ("after three ranges that wait", [.announce(0, 1), .announce(1, 1), .announce(2, 1)]),
        ]
        for (name, steps) in refused {
            guard try received(steps) == nil else { throw BrokenVector(name: name) }
            file.refuse("frames \(name)", ["kind": "frames", "steps": covered(steps)])
        }
    }

    /// The steps as they are on the wire, if the program takes them.
    private static func received(_ steps: [Step]) throws -> JSON? {
        try VectorPad.withPad { pad, _ in
            let receiver = try KeystreamReceiver(pad)
            var stream = Stream()
            for step in steps {
                do {
                    switch step {
                    case .announce(let start, let count):
                        try receiver.expect(start..<start + count)
                        stream.announce(start, count)
                    case .say(let payload):
                        var bytes = stream.cover(payload)
                        try bytes.withUnsafeMutableBytes { try receiver.uncover($0) }
                        guard bytes == payload else { throw BrokenVector(name: "payload") }
                    }
                } catch is PadError {
                    return nil
                }
            }
            return covered(steps)
        }
    }

    private static func covered(_ steps: [Step]) -> JSON {
        var stream = Stream()
        return .list(
            steps.map { step in
                switch step {
                case .announce(let start, let count):
                    stream.announce(start, count)
                    return ["announced": [.number(start), .number(count)]]
                case .say(let payload):
                    return ["payload": .hex(payload), "covered": .hex(stream.cover(payload))]
                }
            })
    }

    /// The covers of what was announced, as far as there are any.
    private struct Stream {
        private var ahead: [UInt8] = []

        mutating func announce(_ start: UInt64, _ count: UInt64) {
            ahead += (start..<start + count).flatMap { VectorPad.block(half: 0, $0).dropFirst(Limits.padKey) }
        }

        mutating func cover(_ payload: [UInt8]) -> [UInt8] {
            let covered = zip(payload, ahead).map { $0 ^ $1 } + payload.dropFirst(ahead.count)
            ahead.removeFirst(min(payload.count, ahead.count))
            return covered
        }
    }
}
