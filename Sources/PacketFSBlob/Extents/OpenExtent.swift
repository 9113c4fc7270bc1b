import PacketFSWire

/// An extent in the making: what of it is written.
struct OpenExtent {
    var range: AddressRange
    private var digest: ExtentDigest
    /// The first byte that is missing.
    private var writtenEnd: UInt64
    /// Written ranges beyond `writtenEnd`: sorted, disjoint, not adjacent to each other.
    private var ahead: [AddressRange] = []

    init(range: AddressRange, in log: LogID) {
        self.range = range
        digest = ExtentDigest(of: log, at: range.address)
        writtenEnd = range.address
    }

    /// Bytes not written yet.
    var missing: Int {
        Int(range.end - writtenEnd) - ahead.reduce(0) { $0 + $1.length }
    }

    /// Only once nothing is missing.
    consuming func finished() -> Extent {
        Extent(range: range, digest: digest.finish())
    }

    /// Whether no byte of `range`, which lies in the extent, was written.
    func isFree(_ range: AddressRange) -> Bool {
        let next = firstAhead(endingAfter: range.address)
        return range.address >= writtenEnd && (next == ahead.count || ahead[next].address >= range.end)
    }

    /// Takes note of bytes that were written to the log; those that came before their turn are read there again.
    mutating func add(_ bytes: UnsafeRawBufferPointer, at address: UInt64, in log: Log) {
        let range = AddressRange(address: address, length: bytes.count)
        guard address == writtenEnd else { return insertAhead(range) }
        digest.add(bytes)
        writtenEnd = range.end
        if let next = ahead.first, next.address == writtenEnd {
            ahead.removeFirst()
            Digests.update(&digest, with: next, of: log)
            writtenEnd = next.end
        }
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
        ahead.partitionPoint { $0.end <= address }
    }
}
