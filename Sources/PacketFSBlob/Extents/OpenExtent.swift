import Crypto
import PacketFSWire

/// An extent in the making: its hash up to the first missing byte, and what lies written beyond that.
struct OpenExtent {
    var range: AddressRange
    private var hash = SHA256()
    private var hashedEnd: UInt64
    /// Written ranges beyond `hashedEnd`: sorted, disjoint, not adjacent to each other.
    private var ahead: [AddressRange] = []

    init(range: AddressRange) {
        self.range = range
        hashedEnd = range.address
    }

    /// Bytes not written yet.
    var missing: Int {
        Int(range.end - hashedEnd) - ahead.reduce(0) { $0 + $1.length }
    }

    /// Only once nothing is missing.
    var digest: [UInt8] { Array(hash.finalize()) }

    /// Whether no byte of `range`, which lies in the extent, was written.
    func isFree(_ range: AddressRange) -> Bool {
        let next = firstAhead(endingAfter: range.address)
        return range.address >= hashedEnd && (next == ahead.count || ahead[next].address >= range.end)
    }

    /// Takes note of bytes that were written to `log`.
    mutating func add(_ bytes: UnsafeRawBufferPointer, at address: UInt64, log: Log) {
        let range = AddressRange(address: address, length: bytes.count)
        guard address == hashedEnd else { return insertAhead(range) }
        hash.update(bufferPointer: bytes)
        hashedEnd = range.end
        guard let next = ahead.first, next.address == hashedEnd else { return }
        ahead.removeFirst()
        Digests.update(&hash, with: next, of: log)
        hashedEnd = next.end
    }

    private mutating func insertAhead(_ range: AddressRange) {
        let place = firstAhead(endingAfter: range.address)
        let joinsPrevious = place > 0 && ahead[place - 1].end == range.address
        let joinsNext = place < ahead.count && ahead[place].address == range.end
        switch (joinsPrevious, joinsNext) {
        case (true, true):
            ahead[place - 1].length += range.length + ahead[place].length
            ahead.remove(at: place)
        case (true, false):
            ahead[place - 1].length += range.length
        case (false, true):
            ahead[place].address = range.address
            ahead[place].length += range.length
        case (false, false):
            ahead.insert(range, at: place)
        }
    }

    private func firstAhead(endingAfter address: UInt64) -> Int {
        var low = 0
        var high = ahead.count
        while low < high {
            let middle = (low + high) / 2
            if ahead[middle].end <= address { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
