internal import CSodium
internal import PacketFSSecrets
internal import PacketFSWire

/// The keyed check values of a pad (`Specs/pads.md` §3). They show damage to whoever has the file, and go when their
/// block goes: a value that outlived its block would tell something of it.
final class BlockChecks: Sendable {
    private let key: SecretKey<PadCheck>

    init(key: consuming SecretKey<PadCheck>) {
        self.key = key
    }

    /// The check values of blocks that adjoin, one after another: Poly1305, several times as fast as BLAKE2b, under a key
    /// that half and block give. A block has one content as long as it lasts, so its key is used once.
    func values(of blocks: UnsafeRawBufferPointer, half: Int, from first: UInt64) -> [UInt8] {
        var values = [UInt8](repeating: 0, count: blocks.count / Limits.padBlock * PadLayout.check)
        defer { SecretBytes.wipeTraces() }
        values.withUnsafeMutableBytes { values in
            for index in 0..<values.count / PadLayout.check {
                let key = SecretKey<PadBlock> { hash([], place: .half(half, first + UInt64(index)), into: $0) }
                let (value, block) = (index * PadLayout.check, index * Limits.padBlock)
                key.withUnsafeBytes { key in
                    OneTimeTag.put(
                        into: UnsafeMutableRawBufferPointer(rebasing: values[value..<value + PadLayout.check]),
                        of: UnsafeRawBufferPointer(rebasing: blocks[block..<block + Limits.padBlock]), key: key)
                }
            }
        }
        return values
    }

    /// The check value of a header.
    func value(ofHeader header: [UInt8]) -> [UInt8] {
        value(of: header, place: .header)
    }

    /// What only a holder of the pad can say to one session.
    func proof(_ hello: [UInt8]) -> [UInt8] {
        value(of: hello, place: .hello)
    }

    func withKey<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        key.withUnsafeBytes(body)
    }

    private enum Place {
        case header
        case hello
        case half(Int, UInt64)

        var personal: StaticString {
            switch self {
            case .header: "packetfs/1 pad  "
            case .hello: "packetfs/1 hello"
            case .half: "packetfs/1 block"
            }
        }

        var salt: (UInt64, UInt64) {
            switch self {
            case .header: (.max, .max)
            case .hello: (0, 0)
            case .half(let half, let block): (UInt64(half).bigEndian, block.bigEndian)
            }
        }
    }

    private func value(of bytes: [UInt8], place: Place) -> [UInt8] {
        var value = [UInt8](repeating: 0, count: PadLayout.check)
        defer { SecretBytes.wipeTraces() }
        value.withUnsafeMutableBytes { hash(bytes, place: place, into: $0) }
        return value
    }

    /// BLAKE2b; its traces are for the caller to wipe.
    private func hash(_ bytes: [UInt8], place: Place, into value: UnsafeMutableRawBufferPointer) {
        guard let start = value.assumingMemoryBound(to: UInt8.self).baseAddress else { return }
        key.withUnsafeBytes { key in
            withUnsafeBytes(of: place.salt) { salt in
                // It fails for lengths that it does not know only.
                _ = crypto_generichash_blake2b_salt_personal(
                    start, value.count,
                    bytes, UInt64(bytes.count),
                    key.assumingMemoryBound(to: UInt8.self).baseAddress, key.count,
                    salt.assumingMemoryBound(to: UInt8.self).baseAddress, place.personal.utf8Start)
            }
        }
    }
}

extension PadHeader {
    private static let keyOffset = 1024
    private static let checkOffset = keyOffset + SecretKey<PadCheck>.byteCount

    /// Reads the first block of a pad file: header, zeros, at 1,024 the key and its check value, zeros.
    static func read(_ head: SecretBuffer) throws(PadError) -> (PadHeader, BlockChecks) {
        let open = Array(head.bytes.prefix(512))
        let decoded: (header: PadHeader, length: Int)
        do { decoded = try PadHeader.decode(open) } catch { throw .notAPad }
        let checks = BlockChecks(
            key: SecretKey(copying: UnsafeRawBufferPointer(head.part(keyOffset..<checkOffset))))
        let expected = Array(head.bytes[checkOffset..<checkOffset + PadLayout.check])
        guard SecretBytes.areEqual(checks.value(ofHeader: Array(open[..<decoded.length])), expected) else {
            throw .notAPad
        }
        return (decoded.header, checks)
    }

    /// The first block of a pad file.
    func block(checks: BlockChecks) throws(PadError) -> SecretBuffer {
        let bytes: [UInt8]
        do { bytes = try encode() } catch { throw .badSize }
        let head = SecretBuffer(byteCount: Limits.padBlock)
        head.bytes.copyBytes(from: bytes)
        checks.withKey { head.part(Self.keyOffset..<Self.checkOffset).copyBytes(from: $0) }
        head.part(Self.checkOffset..<Self.checkOffset + PadLayout.check)
            .copyBytes(from: checks.value(ofHeader: bytes))
        return head
    }
}
