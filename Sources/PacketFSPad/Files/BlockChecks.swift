internal import CSodium
internal import PacketFSSecrets
internal import PacketFSWire

/// The keyed check values of a pad: BLAKE2b, 16 bytes, salted with half and block. They show damage to whoever has the
/// file, and go when their block goes: a value that outlived its block would tell something of it.
final class BlockChecks: Sendable {
    private let key: SecretKey<PadCheck>

    init(key: consuming SecretKey<PadCheck>) {
        self.key = key
    }

    func value(of block: UnsafeRawBufferPointer, half: Int, block number: UInt64) -> [UInt8] {
        hash(block, place: .half(half, number))
    }

    /// The check value of a header.
    func value(ofHeader header: [UInt8]) -> [UInt8] {
        header.withUnsafeBytes { hash($0, place: .header) }
    }

    /// What only a holder of the pad can say to one session.
    func proof(_ hello: [UInt8]) -> [UInt8] {
        hello.withUnsafeBytes { hash($0, place: .hello) }
    }

    func withKey<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        key.withUnsafeBytes(body)
    }

    private enum Place: Equatable {
        case header
        case hello
        case half(Int, UInt64)
    }

    private func hash(_ bytes: UnsafeRawBufferPointer, place: Place) -> [UInt8] {
        var salt = ByteWriter()
        switch place {
        case .header: salt.raw(repeatElement(0xff, count: 16))
        case .hello: salt.raw(repeatElement(0, count: 16))
        case .half(let half, let block):
            salt.integer(UInt64(half))
            salt.integer(block)
        }
        let personal = place == .hello ? "packetfs/1 hello" : "packetfs/1 pad  "
        var value = [UInt8](repeating: 0, count: PadLayout.check)
        defer { SecretBytes.wipeTraces() }
        key.withUnsafeBytes { key in
            // It fails for lengths that it does not know only.
            _ = crypto_generichash_blake2b_salt_personal(
                &value, value.count, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, UInt64(bytes.count),
                key.assumingMemoryBound(to: UInt8.self).baseAddress, key.count, salt.bytes,
                Array(personal.utf8))
        }
        return value
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
