package import PacketFSSecrets
package import PacketFSWire

/// What people on both sides compare to know that they hold the same seed for the same two parties.
///
/// Eighty bits out of the seed's PRF, from which the seed cannot be found: `J4TQ-0M2K-ZB7H-9XWC`.
package struct Fingerprint: Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init<S: SeedPRF>(of seed: S, between one: PartyID, and other: PartyID) throws(S.Failure) {
        let parties = [min(one, other).bytes, max(one, other).bytes]
        let bytes = try seed.prf(.fingerprint, fields: parties).withUnsafeBytes { Array($0.prefix(10)) }
        let letters = Self.letters(bytes)
        description = stride(from: 0, to: letters.count, by: 4).map { String(letters[$0..<$0 + 4]) }
            .joined(separator: "-")
    }

    /// The same of a seed that is about to be kept somewhere.
    package init(of seed: borrowing SecretKey<Seed>, between one: PartyID, and other: PartyID) throws(VaultError) {
        try self.init(of: HeldSeed(seed.copy()), between: one, and: other)
    }

    /// Crockford's base 32: no I, L, O, U to misread.
    private static func letters(_ bytes: [UInt8]) -> [Character] {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        var letters: [Character] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                letters.append(alphabet[Int(bits >> UInt32(count) & 31)])
            }
        }
        return letters
    }
}
