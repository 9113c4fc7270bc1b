import Crypto
import PacketFSWire

/// The digest of an extent, from its bytes in order (`Specs/blob.md` §3).
struct ExtentDigest {
    /// Bytes that one tag is of.
    private static let piece = 256 << 10

    private let key: SymmetricKey
    private var tags = SHA256()
    /// Of the piece that is not whole yet.
    private var address: UInt64
    private(set) var begun: [UInt8] = []

    /// - Parameter address: of the extent.
    init(of log: LogID, at address: UInt64) {
        key = SymmetricKey(data: SHA256.hash(data: Array("packetfs/1 extent".utf8) + log.bytes))
        self.address = address
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            if begun.isEmpty, rest.count >= Self.piece {
                tag(UnsafeRawBufferPointer(rebasing: rest[..<Self.piece]))
                rest = UnsafeRawBufferPointer(rebasing: rest[Self.piece...])
                continue
            }
            let count = min(rest.count, Self.piece - begun.count)
            begun.append(contentsOf: rest[..<count])
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if begun.count == Self.piece { tagBegun() }
        }
    }

    /// Of all that was added.
    mutating func finish() -> [UInt8] {
        if !begun.isEmpty { tagBegun() }
        return Array(tags.finalize())
    }

    /// Forgets the bytes of the piece that is not whole; returns where they lie, to be added again.
    mutating func dropBegun() -> AddressRange {
        defer { begun = [] }
        return AddressRange(address: address, length: begun.count)
    }

    private mutating func tagBegun() {
        begun.withUnsafeBytes { bytes in tag(bytes) }
        begun.removeAll(keepingCapacity: true)
    }

    private mutating func tag(_ bytes: UnsafeRawBufferPointer) {
        var nonce = ByteWriter(reserving: 12)
        nonce.integer(UInt32(0))
        nonce.integer(address)
        do {
            let sealed = try AES.GCM.seal(
                [UInt8](), using: key, nonce: .init(data: nonce.bytes), authenticating: bytes)
            tags.update(data: sealed.tag)
        } catch {
            fatalError("sealing nothing under a key and nonce of the right sizes cannot fail")
        }
        address += UInt64(bytes.count)
    }
}
