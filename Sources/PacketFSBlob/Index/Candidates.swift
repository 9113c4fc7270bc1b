/// At most four addresses, highest (newest) first.
package struct Candidates: Sequence, Sendable {
    private var addresses = SIMD4<UInt64>()
    package private(set) var count = 0

    package init() {}

    package subscript(position: Int) -> UInt64 {
        precondition(position >= 0 && position < count)
        return addresses[position]
    }

    package var isEmpty: Bool { count == 0 }

    /// Keeps the four highest.
    mutating func add(_ address: UInt64) {
        var place = count
        while place > 0, addresses[place - 1] < address {
            if place < 4 { addresses[place] = addresses[place - 1] }
            place -= 1
        }
        guard place < 4 else { return }
        addresses[place] = address
        count = Swift.min(4, count + 1)
    }

    package func makeIterator() -> Iterator {
        Iterator(candidates: self)
    }

    package struct Iterator: IteratorProtocol {
        fileprivate let candidates: Candidates
        private var position = 0

        fileprivate init(candidates: Candidates) {
            self.candidates = candidates
        }

        package mutating func next() -> UInt64? {
            guard position < candidates.count else { return nil }
            defer { position += 1 }
            return candidates[position]
        }
    }
}
