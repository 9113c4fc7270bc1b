internal import PacketFSWire

/// Bytes by what carries them.
package struct PlanBytes: Equatable, Sendable {
    /// Stream bytes that copies, adds (and what is packed anew), fills, literals, and what the receiver still had stand for.
    package var copied: UInt64 = 0
    package var added: UInt64 = 0
    package var filled: UInt64 = 0
    package var literal: UInt64 = 0
    package var held: UInt64 = 0

    package init() {}

    package var total: UInt64 { copied + added + filled + literal + held }

    mutating func add(_ step: Step, count: Int) {
        let count = UInt64(count)
        switch step.kind {
        case .copy: copied += count
        case .add, .packed: added += count
        case .fill: filled += count
        case .literal: literal += count
        case .held: held += count
        }
    }
}

/// One stream's share of a plan.
package struct StreamReport: Equatable, Sendable {
    package var bytes = PlanBytes()
    package var leaves: UInt64 = 0
    /// Descriptors, and those that are copies.
    package var descriptors: UInt64 = 0
    package var copies: UInt64 = 0
    /// Bytes that tell how adds, and what is packed anew, differ from what they resemble.
    package var differences: UInt64 = 0
    /// Bytes of the literals as coded, and of the tags. What else leaf records take depends on how they are encoded.
    package var codedLiterals: UInt64 = 0
    package var tags: UInt64 = 0

    package init() {}
}

/// Where the bytes of one file came from. What travels for several files at once is shared out among them, leaf by leaf, so
/// that the shares add up to it.
package struct FileReport: Equatable, Sendable {
    package var entry: Int
    package var bytes = PlanBytes()
    /// Descriptors that begin in it.
    package var descriptors: UInt64 = 0
    /// Of the differences, in proportion to its added bytes.
    package var differences: UInt64 = 0
    /// Of the coded literals, in proportion to its literal bytes.
    package var codedLiterals: UInt64 = 0
    /// Of the tags, in proportion to its bytes.
    package var tags: UInt64 = 0

    package init(entry: Int) {
        self.entry = entry
    }
}

/// What a plan came to so far.
package struct PlanReport: Equatable, Sendable {
    package var manifest = StreamReport()
    package var content = StreamReport()
    /// In the order of the content stream; empty unless `PlanOptions.reportsFiles`.
    package var files: [FileReport] = []
    /// Bytes of files that were read for the content stream. Holes are not.
    package var bytesRead: UInt64 = 0
    /// Entries whose source changed while it was read.
    package var dropped = 0

    package init() {}
}

extension StreamReport {
    mutating func add(_ blueprint: LeafBlueprint, steps: ContiguousArray<Step>) {
        for step in steps {
            bytes.add(step, count: step.length)
            if case .copy = step.kind { copies += 1 }
        }
        descriptors += UInt64(steps.count)
        leaves += 1
        codedLiterals += UInt64(blueprint.literals.count)
        differences += blueprint.differenceCount
        tags += UInt64(blueprint.tag.count)
    }
}

/// Shares a whole number out in proportion to weights that come one after another; the shares add up to it.
package struct Sharing {
    private let total: UInt64
    private let weights: UInt64
    private var seen: UInt64 = 0
    private var given: UInt64 = 0

    /// `weights`: all that will come, together. Of `total` and `weights`, the product must be below 2^64.
    package init(_ total: UInt64, among weights: UInt64) {
        self.total = total
        self.weights = weights
    }

    package mutating func share(of weight: UInt64) -> UInt64 {
        seen += weight
        let due = weights == 0 ? 0 : total * min(seen, weights) / weights
        defer { given = due }
        return due - given
    }
}

extension PlanReport {
    /// Shares a leaf out among the files that it touches, in order. `start`: the leaf's place in the stream.
    mutating func add(
        _ blueprint: LeafBlueprint, _ steps: ContiguousArray<Step>, of parts: ArraySlice<StreamLayout.Part>,
        from start: UInt64
    ) {
        var all = PlanBytes()
        for step in steps { all.add(step, count: step.length) }
        var literals = Sharing(UInt64(blueprint.literals.count), among: all.literal)
        var differences = Sharing(blueprint.differenceCount, among: all.added)
        var tags = Sharing(UInt64(blueprint.tag.count), among: all.total)
        var number = 0
        for part in parts {
            let lower = part.start > start ? Int(part.start - start) : 0
            let upper = Int(clamping: part.end - start)
            var share = FileReport(entry: part.entry)
            while number < steps.count, steps[number].start < upper {
                let step = steps[number]
                share.bytes.add(step, count: min(step.end, upper) - max(step.start, lower))
                if step.start >= lower { share.descriptors += 1 }
                if step.end > upper { break }
                number += 1
            }
            share.codedLiterals = literals.share(of: share.bytes.literal)
            share.differences = differences.share(of: share.bytes.added)
            share.tags = tags.share(of: share.bytes.total)
            add(share)
        }
    }

    private mutating func add(_ share: FileReport) {
        guard let last = files.indices.last, files[last].entry == share.entry else { return files.append(share) }
        files[last].bytes.copied += share.bytes.copied
        files[last].bytes.added += share.bytes.added
        files[last].bytes.filled += share.bytes.filled
        files[last].bytes.literal += share.bytes.literal
        files[last].bytes.held += share.bytes.held
        files[last].descriptors += share.descriptors
        files[last].differences += share.differences
        files[last].codedLiterals += share.codedLiterals
        files[last].tags += share.tags
    }
}

extension LeafBlueprint {
    fileprivate var differenceCount: UInt64 {
        UInt64(differences.count + (opened.map { $0.differences.count + $0.literals.count } ?? 0))
    }
}
