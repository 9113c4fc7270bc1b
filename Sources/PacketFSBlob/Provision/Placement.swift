import Crypto
package import PacketFSWire

/// Where the units of provisioned bytes lie: in a random order drawn from a key of the blob (`Specs/blob.md` §6).
///
/// Both ends that place the same bytes with the same key at the same address get the same log.
package struct Placement: Sendable {
    /// Bytes of a unit; the last one of the source is shorter unless it comes out even.
    package static let unit = 256 << 10
    /// Bytes of a key.
    package static let keyLength = DrawnKey.length
    /// Most units at a time: 4 TiB.
    package static let maximumUnits = 1 << 24

    /// What the placed bytes occupy, without gaps.
    package let address: UInt64
    package let byteCount: UInt64
    /// Place of each unit of the source.
    private let places: [UInt32]

    /// Throws `outOfBounds` for a key of another length, no bytes, too many, or an address beyond `Limits`.
    package init(key: [UInt8], address: UInt64, byteCount: UInt64) throws(BlobError) {
        let most = UInt64(Self.maximumUnits) * UInt64(Self.unit)
        guard key.count == Self.keyLength, byteCount > 0, byteCount <= most else { throw .outOfBounds }
        guard AddressRange(address: address, length: Int(byteCount)).isWithinLimits else { throw .outOfBounds }
        self.address = address
        self.byteCount = byteCount
        let units = Int((byteCount - 1) / UInt64(Self.unit)) + 1
        var draws = PlacementDraws(key: key, address: address, byteCount: byteCount)
        var order = Array(UInt32(0)..<UInt32(units))
        for last in stride(from: units - 1, to: 0, by: -1) {
            order.swapAt(last, draws.next(below: last + 1))
        }
        var places = order
        for (place, unit) in order.enumerated() { places[Int(unit)] = UInt32(place) }
        self.places = places
    }

    package var unitCount: Int { places.count }

    /// Where the unit of this number, in source order, lies. Traps unless `0 <= unit < unitCount`.
    package func range(ofUnit unit: Int) -> AddressRange {
        let place = UInt64(places[unit])
        let last = places.count - 1
        let shortfall = UInt64(places.count) * UInt64(Self.unit) - byteCount
        let isAfterLast = unit != last && places[unit] > places[last]
        let start = address + place * UInt64(Self.unit) - (isAfterLast ? shortfall : 0)
        return AddressRange(address: start, length: unit == last ? Self.unit - Int(shortfall) : Self.unit)
    }
}

/// Even random numbers from a key: the 64-bit words of HMAC-SHA256 over label, address, byte count and a counter.
private struct PlacementDraws {
    private let key: SymmetricKey
    private let prefix: [UInt8]
    private var counter: UInt64 = 0
    private var words: [UInt64] = []

    init(key: [UInt8], address: UInt64, byteCount: UInt64) {
        self.key = SymmetricKey(data: key)
        var writer = ByteWriter()
        writer.raw("packetfs/1 placement".utf8)
        writer.integer(address)
        writer.integer(byteCount)
        prefix = writer.bytes
    }

    /// A number from 0 to `bound - 1`; words that would favour some are skipped.
    mutating func next(below bound: Int) -> Int {
        let bound = UInt64(bound)
        let excess = (UInt64.max % bound + 1) % bound
        while true {
            let word = nextWord()
            if word <= UInt64.max - excess { return Int(word % bound) }
        }
    }

    private mutating func nextWord() -> UInt64 {
        if words.isEmpty { refill() }
        return words.removeLast()
    }

    private mutating func refill() {
        var writer = ByteWriter()
        writer.raw(prefix)
        writer.integer(counter)
        counter += 1
        let block = Array(HMAC<SHA256>.authenticationCode(for: writer.bytes, using: key))
        words = stride(from: 24, through: 0, by: -8).map { start in
            block[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
