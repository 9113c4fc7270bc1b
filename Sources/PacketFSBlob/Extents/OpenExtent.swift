import PacketFSWire

/// An extent in the making: what of it is written.
struct OpenExtent {
    private(set) var range: AddressRange
    /// Bytes not written yet.
    private(set) var missing: Int
    private(set) var digest: ExtentDigest
    /// Up to here, bytes are in the digest.
    private var digestedEnd: UInt64
    /// Written ranges beyond `digestedEnd`: sorted, disjoint, not adjacent to each other.
    private(set) var ahead: [AddressRange] = []
    private var isSetAside = false

    init(range: AddressRange, in log: LogID) {
        self.range = range
        missing = range.length
        digest = ExtentDigest(of: log, at: range.address)
        digestedEnd = range.address
    }

    /// Reserves bytes that follow.
    mutating func extend(by count: Int) {
        range.length += count
        missing += count
    }

    /// Another extent is begun: until nothing is missing, this one holds no bytes in memory. Those that are not in a whole
    /// piece of the digest, and those that come, are read from the log at the end.
    mutating func setAside() {
        isSetAside = true
        let begun = digest.dropBegun()
        guard begun.length > 0 else { return }
        digestedEnd = begun.address
        insertAhead(begun)
    }

    /// Only once nothing is missing.
    consuming func finished(in log: Log) -> Extent {
        digestNext(of: log)
        return Extent(range: range, digest: digest.finish())
    }

    /// Whether no byte of `range`, which lies in the extent, was written.
    func isFree(_ range: AddressRange) -> Bool {
        let next = firstAhead(endingAfter: range.address)
        return range.address >= digestedEnd && (next == ahead.count || ahead[next].address >= range.end)
    }

    /// Takes note of bytes that were written to the log; those that came before their turn are read there again.
    mutating func add(_ bytes: UnsafeRawBufferPointer, at address: UInt64, in log: Log) {
        let range = AddressRange(address: address, length: bytes.count)
        missing -= bytes.count
        guard address == digestedEnd, !isSetAside else { return insertAhead(range) }
        digest.add(bytes)
        digestedEnd = range.end
        digestNext(of: log)
    }

    private mutating func digestNext(of log: Log) {
        guard let next = ahead.first, next.address == digestedEnd else { return }
        ahead.removeFirst()
        Digests.update(&digest, with: next, of: log)
        digestedEnd = next.end
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
