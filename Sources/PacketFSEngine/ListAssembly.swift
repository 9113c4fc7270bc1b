import PacketFSWire

/// Collects a list that travels in several messages, up to a bound.
struct ListAssembly<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private let bound: Int

    init(atMost bound: Int) {
        self.bound = bound
    }

    /// The whole list with its last piece, else `nil`.
    mutating func add(_ piece: [Element], isLast: Bool) throws(EngineError) -> [Element]? {
        guard elements.count + piece.count <= bound else { throw .malformed }
        elements += piece
        guard isLast else { return nil }
        defer { elements = [] }
        return elements
    }
}
