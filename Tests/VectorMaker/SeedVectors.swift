import Foundation
import PacketFSSecrets
import PacketFSTestKit
import PacketFSVault
import PacketFSWire

/// Files that hand a seed over.
enum SeedVectors {
    static func file() throws -> VectorFile {
        var file = VectorFile("seeds", of: "seeds.md", notes: "Peer files. What is in `invalid` is refused as a whole.")
        let plain = try bytes(host: "office", address: "office.example:4747", usesMLKEM: true)
        file.accept("peer file", value(plain, "office", "office.example:4747", true))
        file.accept(
            "without address and ML-KEM", value(try bytes(host: "ö", address: "", usesMLKEM: false), "ö", "", false))
        let cases: [(String, [UInt8])] = [
            ("another version", plain.replacing(7, with: 2)), ("a flipped bit of the seed", plain.flipping(bit: 64)),
            ("a flipped bit of the generation", plain.flipping(bit: 43 * 8)),
            ("a generation of 2^31", plain.replacing(40, with: 0x80)),
            ("a flipped bit of a party", plain.flipping(bit: 60 * 8)),
            ("a flag of 2", plain.replacing(92, with: 2)), ("the other flag", plain.replacing(92, with: 0)),
            ("no host", plain.replacing(93, with: 0)), ("a longer host", plain.replacing(93, with: 255)),
            ("a host that is not UTF-8", plain.replacing(94, with: 0xff)), ("a byte more", plain + [0]),
            ("a flipped bit of the check", plain.flipping(bit: plain.count * 8 - 1)),
        ]
        for (name, bytes) in cases + Refusals.cuts(of: plain) {
            guard try !isAccepted(bytes) else { throw BrokenVector(name: name) }
            file.refuse(name, ["file": .hex(bytes)])
        }
        return file
    }

    private static func value(_ bytes: [UInt8], _ host: JSON, _ address: JSON, _ usesMLKEM: Bool) -> JSON {
        [
            "file": .hex(bytes), "seed": .hex(Inputs.seed), "generation": 7, "id": .hex(Inputs.transfer),
            "exporter": .hex(Inputs.initiator), "importer": .hex(Inputs.responder), "mlkem": .bool(usesMLKEM),
            "host": host, "address": address,
        ]
    }

    private static func bytes(host: String, address: String, usesMLKEM: Bool) throws -> [UInt8] {
        var seed = Replay(Inputs.seed)
        let file = try PeerFile(
            seed: .random(using: &seed), name: SeedName(generation: 7, id: SeedID(unchecked: Inputs.transfer)),
            exporter: PartyID(unchecked: Inputs.initiator), importer: PartyID(unchecked: Inputs.responder),
            usesMLKEM: usesMLKEM, host: host, address: address)
        return try withFile { path in
            try file.write(to: path)
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        }
    }

    private static func isAccepted(_ bytes: [UInt8]) throws -> Bool {
        try withFile { path in
            let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
            guard FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: mode) else {
                throw BrokenVector(name: path)
            }
            do {
                _ = try PeerFile(reading: path)
                return true
            } catch {
                return false
            }
        }
    }

    private static func withFile<R>(_ body: (String) throws -> R) throws -> R {
        let path = NSTemporaryDirectory() + "packetfs-vector-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }
}
