/// Lengths of codes by how often their symbols come, as gzip and zlib find them: of trees that are as good, this one
/// (`Specs/model.md` §7.2).
struct HuffmanTree {
    private(set) var lengths: [UInt8]
    /// The last symbol that has a code.
    private(set) var last = -1

    private var frequencies: [Int]
    private var depths: [Int]
    private var parents: [Int]
    /// From place 1 on: the smallest at the root.
    private var heap: [Int] = [0]
    /// All nodes, in the order in which they were joined.
    private var joined: [Int] = []
    private let limit: Int

    /// `limit`: bits of the longest code.
    init(frequencies: [Int], limit: Int) {
        let symbols = frequencies.count
        self.limit = limit
        self.frequencies = frequencies + [Int](repeating: 0, count: symbols)
        depths = [Int](repeating: 0, count: 2 * symbols)
        parents = depths
        lengths = [UInt8](repeating: 0, count: 2 * symbols)
        for symbol in 0..<symbols where frequencies[symbol] > 0 {
            heap.append(symbol)
            last = symbol
        }
        while heap.count < 3 {
            let symbol = last < 2 ? last + 1 : 0
            last = max(last, symbol)
            heap.append(symbol)
            self.frequencies[symbol] = 1
        }
        join(from: symbols)
        measure()
        lengths.removeLast(symbols)
    }

    private mutating func join(from first: Int) {
        for place in stride(from: (heap.count - 1) / 2, through: 1, by: -1) { sink(place) }
        var node = first
        while heap.count > 2 {
            let least = heap[1]
            heap[1] = heap.removeLast()
            sink(1)
            let next = heap[1]
            joined += [least, next]
            frequencies[node] = frequencies[least] + frequencies[next]
            depths[node] = max(depths[least], depths[next]) + 1
            (parents[least], parents[next]) = (node, node)
            heap[1] = node
            node += 1
            sink(1)
        }
        joined.append(heap[1])
    }

    private mutating func sink(_ start: Int) {
        let node = heap[start]
        var (place, child) = (start, 2 * start)
        while child < heap.count {
            if child + 1 < heap.count, isSmaller(heap[child + 1], heap[child]) { child += 1 }
            if isSmaller(node, heap[child]) { break }
            heap[place] = heap[child]
            (place, child) = (child, 2 * child)
        }
        heap[place] = node
    }

    private func isSmaller(_ left: Int, _ right: Int) -> Bool {
        (frequencies[left], depths[left]) <= (frequencies[right], depths[right])
    }

    /// From the root on. Where codes would be too long, others take turns in becoming longer.
    private mutating func measure() {
        var counts = [Int](repeating: 0, count: limit + 1)
        var excess = 0
        for node in joined.reversed().dropFirst() {
            var bits = Int(lengths[parents[node]]) + 1
            if bits > limit { (bits, excess) = (limit, excess + 1) }
            lengths[node] = UInt8(truncatingIfNeeded: bits)
            if node <= last { counts[bits] += 1 }
        }
        guard excess > 0 else { return }
        while excess > 0 {
            let bits = (1..<limit).last { counts[$0] > 0 } ?? 1
            counts[bits] -= 1
            counts[bits + 1] += 2
            counts[limit] -= 1
            excess -= 2
        }
        var symbols = joined.filter { $0 <= last }[...]
        for bits in stride(from: limit, to: 0, by: -1) {
            for symbol in symbols.prefix(counts[bits]) { lengths[symbol] = UInt8(truncatingIfNeeded: bits) }
            symbols = symbols.dropFirst(counts[bits])
        }
    }
}
