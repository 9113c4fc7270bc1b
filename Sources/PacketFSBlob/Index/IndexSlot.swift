/// Eight bytes of the table: an address and what is left of its hash (`Specs/blob.md` §4). Zero is an empty slot.
///
/// The low 44 bits are the address plus one. The high 20 bits are the hash bits that the bucket's number does not tell,
/// lowest first, beneath a marker bit: a split of the bucket uses one of them up and moves the marker down.
struct IndexSlot {
    var bits: UInt64

    static let addressBits: UInt64 = 44
    /// Addresses from here on are not indexed.
    static let addressLimit: UInt64 = (1 << addressBits) - 1
    private static let marker: UInt64 = 1 << 19

    init(bits: UInt64) {
        self.bits = bits
    }

    /// `hash` without the bits that tell the bucket.
    init(address: UInt64, rest hash: UInt64) {
        bits = (address + 1) | Self.check(hash) << Self.addressBits
    }

    /// What a fresh slot for `hash` has above its address.
    static func check(_ hash: UInt64) -> UInt64 {
        hash & (marker - 1) | marker
    }

    /// Meaningless in an empty slot.
    var address: UInt64 { (bits & Self.addressLimit) &- 1 }

    /// Whether the slot holds an address that is not above `highest`; anything else is free.
    func isUsed(highest: UInt64) -> Bool {
        // No address, less one, is above all.
        let hasAddress = (bits & Self.addressLimit) &- 1 <= highest
        return hasAddress && bits > Self.addressLimit
    }

    /// Whether all hash bits that the slot still knows are those of `check`.
    func matches(check: UInt64) -> Bool {
        let known = bits >> Self.addressBits
        let different = (known ^ check) | Self.marker << 1
        let lowestDifferent = different & (0 &- different)
        // At the marker or above it, that is, `known < 2 * lowestDifferent`; and a `known` of 0 must fail.
        return known &- 1 < lowestDifferent << 1 &- 1
    }

    /// The slot after a split of its bucket, and which half it goes to; `nil` once it knows no more bits.
    func split() -> (slot: IndexSlot, goesUp: Bool)? {
        let known = bits >> Self.addressBits
        guard known > 1 else { return nil }
        let rest = bits & Self.addressLimit | (known >> 1) << Self.addressBits
        return (IndexSlot(bits: rest), known & 1 == 1)
    }
}
