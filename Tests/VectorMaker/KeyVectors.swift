import PacketFSChannel
import PacketFSTestKit
import PacketFSVault
import PacketFSWire

/// What follows from a seed outside of sessions, and the stream cipher, whose keys follow from both.
enum KeyVectors {
    static func file() throws -> VectorFile {
        var file = VectorFile(
            "keys", of: "handshake.md", "keystream.md", "frames.md",
            notes: """
                `fingerprint`: of a seed between two parties. `stream cipher`: payloads of one direction, in order, and what covers \
                them. `padme`: the total of a direction, rounded up.
                """)
        let one = PartyID(unchecked: Inputs.initiator), other = PartyID(unchecked: Inputs.responder)
        let seeds = [Inputs.seed, [UInt8](repeating: 0, count: 32), Inputs.noise(32, 12)]
        for (number, seed) in seeds.enumerated() {
            let found = Fingerprint(of: VectorSeed(seed), between: other, and: one)
            file.accept(
                "fingerprint \(number)",
                [
                    "kind": "fingerprint", "seed": .hex(seed), "parties": [.hex(one.bytes), .hex(other.bytes)],
                    "fingerprint": .text(found.description),
                ])
        }
        for suite in [UInt8(1), 2] { try addStream(Inputs.session(suite: suite), to: &file) }
        for total: UInt64 in [0, 1, 4096, 4097, 5000, 65_520, 65_536, 1_000_003, 1 << 40, (1 << 40) + 1] {
            file.accept(
                "padme of \(total)",
                ["kind": "padme", "total": .number(total), "padded": .number(Padding.padme(total))])
        }
        return file
    }

    private static func addStream(_ inputs: VectorInputs, to file: inout VectorFile) throws {
        let session = try VectorSession(inputs)
        let credentials = inputs.credentials(initiates: true)
        let ciphers = credentials.streamCiphers(for: .initiator, in: session.initiator.integrity)
        for (direction, cipher) in [(0, ciphers.sending), (1, ciphers.receiving)] {
            let payloads = [Inputs.text(100, 9), [1], Inputs.noise(200, 10)]
            let covered = payloads.map { payload in
                var bytes = payload
                bytes.withUnsafeMutableBytes { cipher.apply(to: $0) }
                return bytes
            }
            file.accept(
                "stream cipher, suite \(inputs.suite), direction \(direction)",
                [
                    "kind": "stream cipher", "inputs": inputs.json, "direction": .count(direction),
                    "payloads": .list(payloads.map { .hex($0) }), "covered": .list(covered.map { .hex($0) }),
                ])
        }
    }
}
