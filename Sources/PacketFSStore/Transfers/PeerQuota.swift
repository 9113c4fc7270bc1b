/// How much of one kind is kept of one peer, which chooses some of the destinations.
package struct PeerQuota: Sendable {
    package var count = 256
    package var bytes = 256 << 20

    package init() {}

    /// How many of these are kept, the first of them in any case.
    ///
    /// - Parameter lengths: in bytes.
    func kept(of lengths: [Int]) -> Int {
        var (kept, total) = (0, 0)
        for length in lengths {
            total += length
            guard kept == 0 || (kept < count && total <= bytes) else { break }
            kept += 1
        }
        return kept
    }
}
