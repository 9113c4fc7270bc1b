import CSodium
import Crypto
import Foundation
import PacketFSPad
import PacketFSWire

/// The pad of the vectors, by the rules of `Specs/pads.md` §3 and §6, written out.
enum VectorPad {
    static let header = PadHeader(
        pad: PadID(unchecked: Inputs.transfer), lower: PartyID(unchecked: Inputs.initiator),
        higher: PartyID(unchecked: Inputs.responder), holder: .higher, source: PadSource(kind: .file, name: "vectors"),
        blocks: 6)
    static let checkKey = Inputs.counting(from: 0xc0, 32)

    static func block(half: UInt8, _ number: UInt64) -> [UInt8] {
        (UInt8(0)..<128).flatMap { SHA256.hash(data: [half] + bigEndian(number) + [$0]) }
    }

    /// The higher party's copy.
    static func file() throws -> [UInt8] {
        let head = try header.encode()
        var first = head + [UInt8](repeating: 0, count: 1024 - head.count) + checkKey
        first += check(head, salt: [UInt8](repeating: 0xff, count: 16))
        first += [UInt8](repeating: 0, count: Limits.padBlock - first.count)
        var (checks, blocks): ([UInt8], [UInt8]) = ([], [])
        for half: UInt8 in 0...1 {
            for number in 0..<header.blocks {
                let block = block(half: half, number)
                checks += check(block, half: half, number)
                blocks += block
            }
        }
        return first + checks + [UInt8](repeating: 0, count: Limits.padBlock - checks.count) + blocks
    }

    static func check(_ bytes: [UInt8], half: UInt8, _ number: UInt64) -> [UInt8] {
        let salt = bigEndian(UInt64(half)) + bigEndian(number)
        let key = check([], salt: salt, personal: "packetfs/1 block", size: Limits.padKey)
        var value = [UInt8](repeating: 0, count: 16)
        crypto_onetimeauth_poly1305(&value, bytes, UInt64(bytes.count), key)
        return value
    }

    static func check(
        _ bytes: [UInt8], salt: [UInt8], personal: String = "packetfs/1 pad  ", size: Int = 16
    ) -> [UInt8] {
        var value = [UInt8](repeating: 0, count: size)
        crypto_generichash_blake2b_salt_personal(
            &value, value.count, bytes, UInt64(bytes.count), checkKey, checkKey.count, salt, Array(personal.utf8))
        return value
    }

    /// A message of the lower party, whose plaintext fills its blocks.
    static func message(from start: UInt64, _ plaintext: [UInt8]) -> [UInt8] {
        let blocks = (start..<start + UInt64(plaintext.count / Limits.padCover)).map { block(half: 0, $0) }
        let head = Array("PFSOTPM".utf8) + [2] + header.pad.bytes + [0] + bigEndian(start)
        let open = head + zip(plaintext, blocks.flatMap { $0.dropFirst(Limits.padKey) }).map { $0 ^ $1 }
        var tag = [UInt8](repeating: 0, count: Limits.tag)
        crypto_onetimeauth_poly1305(&tag, open, UInt64(open.count), Array(blocks[0].prefix(Limits.padKey)))
        return open + tag
    }

    static func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian, Array.init)
    }

    /// A home of the higher party in which nothing of the pad is used yet.
    static func withPad<R>(_ body: (Pad, _ folder: URL) throws -> R) throws -> R {
        let folder = FileManager.default.temporaryDirectory.appending(path: "packetfs-vector-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appending(path: name).path }
        try write(file(), to: folder.appending(path: "carried"))
        let place = PadPlace(pad: path("pad"), ledger: path("ledger"), messages: path("messages"))
        return try body(Pad.adopt(path("carried"), to: place, machine: MachineIdentity(id: "vectors")), folder)
    }

    static func write(_ bytes: [UInt8], to file: URL) throws {
        let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: file.path, contents: Data(bytes), attributes: mode) else {
            throw BrokenVector(name: file.lastPathComponent)
        }
    }
}
