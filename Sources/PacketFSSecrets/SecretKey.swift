internal import CSodium

/// What a key may be used for. Purposes are empty enums, so that a key of one is never taken for a key of another.
package protocol KeyPurpose {}

/// The secret that two parties share; it never leaves its vault but to be exported to the other party.
package enum Seed: KeyPurpose {}
/// The pre-shared key of the handshake (`Specs/handshake.md` §4).
package enum PresharedKey: KeyPurpose {}
/// The key by which a responder finds the seed of a handshake (`Specs/handshake.md` §4).
package enum IdentityKey: KeyPurpose {}
/// The stream cipher that may cover payloads.
package enum StreamSecret: KeyPurpose {}
/// Bytes that people compare to see that they hold the same seed.
package enum SeedFingerprint: KeyPurpose {}
/// Proof that a peer file came whole from who knows the seed.
package enum PeerFileCheck: KeyPurpose {}
/// The key that a passphrase gives, to seal a file with (`Specs/seeds.md` §4).
package enum SealingKey: KeyPurpose {}

/// Thirty-two secret bytes in locked memory, wiped when the key ends.
///
/// It cannot be copied by accident, has no description, and cannot be put into a string.
package struct SecretKey<Purpose: KeyPurpose>: ~Copyable, @unchecked Sendable {
    // Sendable: the slot is this key's alone, and is written only while the key is uniquely held.
    private let slot: SecretPool.Slot

    package static var byteCount: Int { SecretPool.keys.slotSize }

    /// Copies 32 bytes; the caller's are left as they are.
    package init(copying bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.byteCount, "a key has 32 bytes")
        slot = SecretPool.keys.take()
        UnsafeMutableRawBufferPointer(start: slot.base, count: Self.byteCount).copyMemory(from: bytes)
    }

    /// A key whose 32 bytes `fill` writes; they are zeros before.
    package init<E: Error>(filling fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        let slot = SecretPool.keys.take()
        do {
            try fill(UnsafeMutableRawBufferPointer(start: slot.base, count: Self.byteCount))
        } catch {
            SecretPool.keys.give(back: slot)
            throw error
        }
        self.slot = slot
    }

    deinit {
        SecretPool.keys.give(back: slot)
    }

    /// A key drawn from `generator`, which must be fit for secrets outside of tests.
    package static func random(using generator: inout some RandomNumberGenerator) -> SecretKey {
        SecretKey { SecretBytes.fill($0, using: &generator) }
    }

    /// A second key of the same bytes.
    package func copy() -> SecretKey {
        withUnsafeBytes { SecretKey(copying: $0) }
    }

    /// Makes every byte zero, for keys that must go before their holder does.
    package mutating func erase() {
        sodium_memzero(slot.base, Self.byteCount)
    }

    package borrowing func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: slot.base, count: Self.byteCount))
    }

    /// Compares without telling by its time where the keys differ.
    package borrowing func isEqual(to other: borrowing SecretKey) -> Bool {
        sodium_memcmp(slot.base, other.slot.base, Self.byteCount) == 0
    }
}
