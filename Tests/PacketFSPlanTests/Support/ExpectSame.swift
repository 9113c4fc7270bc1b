import Testing

/// Where two long byte strings differ first; `#expect` would work for minutes on the difference of megabytes.
private struct Difference: Equatable {
    let offset: Int
    let counts: [Int]
}

func expectSame(_ left: [UInt8]?, _ right: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
    guard let left else {
        Issue.record("nothing", sourceLocation: sourceLocation)
        return
    }
    guard left != right else { return }
    let offset = zip(left, right).prefix { $0 == $1 }.reduce(0) { count, _ in count + 1 }
    let difference = Difference(offset: offset, counts: [left.count, right.count])
    #expect(
        difference == Difference(offset: right.count, counts: [right.count, right.count]),
        sourceLocation: sourceLocation)
}
