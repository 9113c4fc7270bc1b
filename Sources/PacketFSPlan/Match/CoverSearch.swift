/// Looks for what of a leaf resembles the log, as hard as the leaf is worth it.
final class CoverSearch {
    private enum Window {
        static let usual = 12
        static let short = 8
    }

    /// A leaf of which less than this part resembles nothing, or less than this part resembles anything, is not looked at
    /// again.
    private static let leastPart = 8
    /// The sum of the squares of the frequencies of the byte values, relative to evenly distributed ones, up to which
    /// bytes are taken for compressed ones: code and text have more.
    private static let mostSquares: UInt64 = 6

    /// `nil`: what the matcher found is only joined and extended.
    private let usual: DenseIndex?
    /// For what is lightly compressed: there, what is equal comes in short pieces.
    private lazy var short = DenseIndex(window: Window.short)

    var isDeep: Bool { usual != nil }

    init(isDeep: Bool) {
        usual = isDeep ? DenseIndex(window: Window.usual) : nil
    }

    /// The stretches of the leaf that equal or resemble the log, ascending. `copies`: what is known to be equal; `log`:
    /// from address 0 on; `isHurried`: these are only joined and extended.
    func covers(
        _ copies: ContiguousArray<Copy>, leaf: UnsafeRawBufferPointer, log: UnsafeRawBufferPointer, runs: MatchableRuns,
        isHurried: Bool
    ) -> ContiguousArray<Copy> {
        let dense = isHurried ? nil : usual
        var finder = CoverFinder(leaf: leaf, log: log, runs: runs, dense: dense)
        let covers = finder.covers(copies)
        guard dense != nil, Self.looksCompressed(leaf, without: covers) else { return covers }
        finder = CoverFinder(leaf: leaf, log: log, runs: runs, dense: short)
        return finder.covers(copies)
    }

    /// Whether much of the leaf is in no cover and has nearly evenly distributed bytes.
    private static func looksCompressed(_ leaf: UnsafeRawBufferPointer, without covers: ContiguousArray<Copy>) -> Bool {
        let rest = leaf.count - covers.reduce(0) { $0 + $1.length }
        guard rest * leastPart >= leaf.count, rest * leastPart <= leaf.count * (leastPart - 1) else { return false }
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 256) { counts in
            counts.initialize(repeating: 0)
            var position = 0
            for cover in covers {
                for byte in leaf[position..<max(position, cover.start)] { counts[Int(byte)] += 1 }
                position = cover.end
            }
            for byte in leaf[position...] { counts[Int(byte)] += 1 }
            let (sum, squares) = counts.reduce((UInt64(0), UInt64(0))) { ($0.0 + $1, $0.1 + $1 * $1) }
            return squares * 256 <= sum * sum * mostSquares
        }
    }
}
