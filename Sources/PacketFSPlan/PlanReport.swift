internal import PacketFSWire

/// Bytes by what carries them.
package struct PlanBytes: Equatable, Sendable {
    /// Stream bytes that copies, adds, fills, literals, and what the receiver still had stand for.
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
        case .add: added += count
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
    /// Descriptors that are copies.
    package var copies: UInt64 = 0
    /// Bytes that tell how adds differ from what they resemble.
    package var differences: UInt64 = 0
    /// Bytes of the literals as coded, and of the tags. What else leaf records take depends on how they are encoded.
    package var codedLiterals: UInt64 = 0
    package var tags: UInt64 = 0

    package init() {}
}

/// Where the bytes of one file came from.
package struct FileReport: Equatable, Sendable {
    package var entry: Int
    package var bytes = PlanBytes()
    /// Its share of the coded literals, in proportion to its literal bytes leaf by leaf.
    package var codedLiterals: UInt64 = 0

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
        leaves += 1
        codedLiterals += UInt64(blueprint.literals.count)
        differences += UInt64(blueprint.differences.count)
        tags += UInt64(blueprint.tag.count)
    }
}

extension PlanReport {
    /// Shares a leaf's steps out among the files that it touches, in order. `start`: the leaf's place in the stream.
    mutating func add(
        _ steps: ContiguousArray<Step>, of parts: ArraySlice<StreamLayout.Part>, from start: UInt64, coded: Int
    ) {
        let literals = steps.reduce(0) { $1.kind == .literal ? $0 + $1.length : $0 }
        var number = 0
        for part in parts {
            let lower = part.start > start ? Int(part.start - start) : 0
            let upper = Int(clamping: part.end - start)
            var share = FileReport(entry: part.entry)
            while number < steps.count, steps[number].start < upper {
                let step = steps[number]
                share.bytes.add(step, count: min(step.end, upper) - max(step.start, lower))
                if step.end > upper { break }
                number += 1
            }
            if literals > 0 { share.codedLiterals = share.bytes.literal * UInt64(coded) / UInt64(literals) }
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
        files[last].codedLiterals += share.codedLiterals
    }
}
