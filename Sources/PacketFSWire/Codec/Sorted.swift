extension Array {
    /// The index of the first element that `isBefore` is false of, `count` if there is none. The elements that it is true
    /// of come first.
    @inlinable
    package func partitionPoint(_ isBefore: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Range<Int> {
    /// Pieces of `length`, the last of what is left.
    package func split(by length: Int) -> [Range<Int>] {
        stride(from: lowerBound, to: upperBound, by: length).map { $0..<Swift.min($0 + length, upperBound) }
    }
}

extension Array where Element == Range<Int> {
    /// Of ranges that are ascending and disjoint: those that have places in common with `range`.
    package func overlapping(_ range: Range<Int>) -> ArraySlice<Range<Int>> {
        let first = partitionPoint { $0.upperBound <= range.lowerBound }
        return self[first..<Swift.max(first, partitionPoint { $0.lowerBound < range.upperBound })]
    }
    /// Adds what follows all of them, to the last one if that ends where it begins.
    package mutating func extend(by range: Range<Int>) {
        if let last, last.upperBound == range.lowerBound {
            self[count - 1] = last.lowerBound..<range.upperBound
        } else {
            append(range)
        }
    }
}
