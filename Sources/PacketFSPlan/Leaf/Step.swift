internal import PacketFSWire

/// A descriptor at its place in the leaf.
struct Step: Equatable {
    enum Kind: Equatable {
        case copy(address: UInt64)
        case fill(UInt8)
        case literal
        case held
    }

    var kind: Kind
    var start: Int
    var length: Int

    var end: Int { start + length }
    var isLearned: Bool { kind == .literal || kind == .held }

    var descriptor: Descriptor {
        switch kind {
        case .copy(let address): .copy(address: address, length: length)
        case .fill(let byte): .fill(byte: byte, length: length)
        case .literal: .literal(length: length)
        case .held: .held(length: length)
        }
    }
}

/// Turns the copies found in a leaf into steps that cover it.
struct StepBuilder {
    /// Shortest copy out of what this transfer taught: a shorter one would cut what is learned in two, and later
    /// versions are to find it in one piece.
    private static let freshCopy = 4096
    /// In what the receiver still has, only a longer copy is preferred: it spares learning the bytes again.
    private static let heldCopy = 4096

    private let leaf: UnsafeRawBufferPointer
    /// Ranges of the leaf that the receiver still has, ascending.
    private let held: [Range<Int>]
    private(set) var steps: ContiguousArray<Step>

    /// `steps`: an array whose memory is used again.
    init(leaf: UnsafeRawBufferPointer, held: [Range<Int>], reusing steps: consuming ContiguousArray<Step>) {
        self.leaf = leaf
        self.held = held
        self.steps = steps
        self.steps.removeAll(keepingCapacity: true)
    }

    /// `fresh`: where what this transfer taught begins in the log, above all that was acknowledged.
    mutating func build(copies: ContiguousArray<Copy>, fresh: UInt64) {
        var position = 0
        for copy in copies {
            if copy.length < Self.freshCopy, copy.address >= fresh { continue }
            if copy.length < Self.heldCopy, held.contains(where: { $0.overlaps(copy.start..<copy.end) }) { continue }
            gap(position..<copy.start)
            steps.append(Step(kind: .copy(address: copy.address), start: copy.start, length: copy.length))
            position = copy.end
        }
        gap(position..<leaf.count)
    }

    /// What no copy covers: held where the receiver has it, else fills and literals.
    private mutating func gap(_ range: Range<Int>) {
        var position = range.lowerBound
        for part in held where part.upperBound > position && part.lowerBound < range.upperBound {
            literals(position..<max(position, part.lowerBound))
            let start = max(position, part.lowerBound)
            position = min(part.upperBound, range.upperBound)
            add(.held, start..<position)
        }
        literals(position..<range.upperBound)
    }

    private mutating func literals(_ range: Range<Int>) {
        guard let base = leaf.baseAddress else { return }
        var start = range.lowerBound
        while let run = Fill.first(in: base, from: start, before: range.upperBound, end: range.upperBound) {
            add(.literal, start..<run.lowerBound)
            add(.fill(ByteCompare.byte(base + run.lowerBound)), run)
            start = run.upperBound
        }
        add(.literal, start..<range.upperBound)
    }

    private mutating func add(_ kind: Step.Kind, _ range: Range<Int>) {
        if !range.isEmpty { steps.append(Step(kind: kind, start: range.lowerBound, length: range.count)) }
    }
}
