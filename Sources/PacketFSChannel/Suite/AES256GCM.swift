internal import Crypto
// For `Data.withUnsafeBytes`: swift-crypto gives plaintexts as `Data`.
internal import FoundationEssentials
internal import PacketFSSecrets

/// AES-256-GCM by swift-crypto. Its key object lives for one call, so that keys stay in locked memory.
enum AES256GCM {
    static func seal(
        _ plaintext: UnsafeRawBufferPointer, key: borrowing SecretKey<some KeyPurpose>, nonce: UnsafeRawBufferPointer,
        authenticating data: UnsafeRawBufferPointer, into output: inout some ByteSink
    ) throws(ChannelError) {
        let key = key.withUnsafeBytes { SymmetricKey(data: $0) }
        do {
            let box = try AES.GCM.seal(plaintext, using: key, nonce: .init(data: nonce), authenticating: data)
            guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
            output.append(combined.count - nonce.count) { target in
                combined.withUnsafeBytes { target.copy(inBlocks: UnsafeRawBufferPointer(rebasing: $0[nonce.count...])) }
            }
        } catch {
            throw .closed
        }
    }

    static func open<R>(
        _ sealed: UnsafeRawBufferPointer, key: borrowing SecretKey<some KeyPurpose>, nonce: UnsafeRawBufferPointer,
        authenticating data: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> R
    ) throws(ChannelError) -> R {
        let key = key.withUnsafeBytes { SymmetricKey(data: $0) }
        do {
            let split = sealed.count - SuiteAEAD.tagSize
            let box = try AES.GCM.SealedBox(
                nonce: .init(data: nonce), ciphertext: view(sealed[..<split]), tag: view(sealed[split...]))
            return try AES.GCM.open(box, using: key, authenticating: data).withUnsafeBytes(body)
        } catch {
            throw .notAuthentic
        }
    }

    /// The bytes as `Data` without a copy, for the caller's use alone: `SealedBox` is made several times faster from
    /// `Data` than from buffers.
    private static func view(_ bytes: Slice<UnsafeRawBufferPointer>) -> Data {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        guard let base = bytes.baseAddress else { return Data() }
        return Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count, deallocator: .none)
    }
}
