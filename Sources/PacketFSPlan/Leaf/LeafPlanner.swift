internal import PacketFSBlob
internal import PacketFSModel
internal import PacketFSWire

/// Turns the bytes of one leaf after another into blueprints. Its buffers serve all leaves.
struct LeafPlanner: ~Copyable {
    /// What a stream carries on from leaf to leaf.
    struct StreamState {
        /// Address less offset from the next leaf's start of the last copy.
        fileprivate var diagonal: UInt64?
        fileprivate var previous = PreviousLiterals()
    }

    private static let leastCompressed = 9

    /// Of the link; `nil` if that is not known.
    var pace: Pace?

    private let options: PlanOptions
    private let log: Log?
    private var matcher: Matcher
    /// Looks for the literals of a leaf, one after another, among those of earlier leaves: short ones are kept there in
    /// the same order, and none alone would be found.
    private var literalMatcher: Matcher
    private var learner: Learner?
    private let isHistory: Bool
    private let coder: LiteralCoder
    private let search: CoverSearch
    private let differenceEncoder = DifferenceEncoder()
    private let literalEncoder = LiteralModelEncoder()
    /// What of the leaf planned last is packed anew.
    private var opened: OpenedBlueprint?
    private let openedPlanner: OpenedPlanner
    private var steps: ContiguousArray<Step> = []
    private let gathered = Block(byteCount: Limits.leaf)
    private let context = Block(byteCount: Limits.contextBytes)

    init(
        options: PlanOptions, log: Log?, index: MatchIndex?, acknowledged: RunSet, isHistory: Bool = false,
        learner: consuming Learner?
    ) throws(PlanError) {
        self.options = options
        self.log = log
        self.learner = learner
        self.isHistory = isHistory
        let runs = MatchableRuns(acknowledged: options.matches ? acknowledged : RunSet([]))
        matcher = Matcher(index: index, runs: runs, matches: options.matches)
        literalMatcher = matcher
        search = CoverSearch(isDeep: options.effort != .fast && options.matches)
        coder = try LiteralCoder()
        openedPlanner = OpenedPlanner(coder, differenceEncoder, literalEncoder)
    }

    /// The steps of the leaf planned last.
    var latestSteps: ContiguousArray<Step> { steps }

    /// Plans one leaf, all but its tag. `isZero`: all of it is known to be zeros; `held`: ranges of it that the receiver
    /// has; `ahead`: stream bytes from its start on.
    mutating func plan(
        _ content: [UInt8], isZero: Bool = false, held: [Range<Int>], ahead: UInt64,
        state: inout StreamState
    ) throws(PlanError) -> LeafBlueprint {
        var blueprint = try content.span.bytes.withUnsafeBytes { bytes throws(PlanError) in
            try plan(bytes, isZero: isZero, held: held, ahead: ahead, state: &state)
        }
        // New content that does not compress travels as it is, uncopied.
        if blueprint.coding == .raw, isOneLiteral { blueprint.literals = content }
        return blueprint
    }

    /// Whether the link would wait for a hard look at a leaf, longer than that saves.
    private var isHurried: Bool { options.effort == .auto && Effort.isHurried(pace) }

    /// Whether streams that were packed are opened, for another version of what they hold: the receiver packs them anew.
    private var isOpening: Bool { search.isDeep && options.compresses && !options.isOffsetOnly && !isHurried }

    /// Whether only what is quickly coded will do.
    private var isQuick: Bool { options.effort == .fast || isHurried }

    private var isOneLiteral: Bool { steps.count == 1 && steps[0].kind == .literal }

    private mutating func plan(
        _ bytes: UnsafeRawBufferPointer, isZero: Bool, held: [Range<Int>], ahead: UInt64,
        state: inout StreamState
    ) throws(PlanError) -> LeafBlueprint {
        if isZero {
            steps = [Step(kind: .fill(0), start: 0, length: bytes.count)]
            opened = nil
        } else {
            try findSteps(bytes, held: held, diagonal: state.diagonal)
        }
        let (differenceCoding, differences) = try differences(bytes)
        let literalCount = steps.reduce(0) { $1.kind == .literal ? $0 + $1.length : $0 }
        let literals = gather(bytes, count: literalCount) { $0.kind == .literal }
        let coded = try code(literals, of: bytes, state: state)
        state.previous.note(literals, coding: coded.coding, isNeeded: options.compresses && ahead > UInt64(bytes.count))
        let learning = learning
        let learnedAt = try learn(bytes, learning, literals: literals, ahead: ahead)
        state.diagonal = Self.diagonal(after: bytes.count, steps) ?? state.diagonal.map { $0 &+ UInt64(bytes.count) }
        return LeafBlueprint(
            descriptors: steps.map(\.descriptor), contexts: coded.contexts, coding: coded.coding,
            literals: coded.bytes, differences: differences, differenceCoding: differenceCoding, opened: opened,
            learnedAt: learnedAt, learning: learnedAt == nil ? .lacked : learning,
            tag: [UInt8](repeating: 0, count: Limits.tag))
    }

    /// What is learned from here on begins a new extent.
    mutating func cutExtent() {
        learner?.cut()
    }

    mutating func takeUnused() -> AddressRange? {
        learner?.takeUnused()
    }

    mutating func finishLearning() throws(PlanError) -> [Extent] {
        try learner?.finish() ?? []
    }

    private mutating func findSteps(_ bytes: UnsafeRawBufferPointer, held: [Range<Int>], diagonal: UInt64?)
        throws(PlanError)
    {
        if let log, !matcher.runs.isEmpty {
            log.withMapped(AddressRange(address: 0, length: Int(log.end))) { mapped in
                matcher.match(bytes, in: mapped, diagonal: diagonal)
            }
        } else if learner != nil {
            matcher.match(bytes, in: UnsafeRawBufferPointer(start: nil, count: 0), diagonal: nil)
        } else {
            matcher.skip()
        }
        var builder = StepBuilder(leaf: bytes, held: held, reusing: steps)
        steps = []
        let runs = matcher.runs
        var copies = matcher.copies
        let packed = try open(bytes, held: held)
        copies = copies.outside(packed)
        withLog { mapped in
            // An offset is no offset if bytes must be told beside it.
            let covers =
                copies.isEmpty || options.isOffsetOnly
                ? copies
                : search.covers(copies, leaf: bytes, log: mapped, runs: runs, isHurried: isHurried)
            builder.build(
                covers: covers.outside(packed), packed: packed, fresh: runs.learned.first?.address ?? .max, log: mapped)
        }
        steps = builder.steps
    }

    /// Opens what the leaf and the log have packed; returns where in the leaf that saves bytes.
    private mutating func open(
        _ bytes: UnsafeRawBufferPointer, held: [Range<Int>]
    ) throws(PlanError) -> [Range<Int>] {
        opened = nil
        guard isOpening, held.isEmpty, !matcher.copies.isEmpty else { return [] }
        let (copies, runs) = (matcher.copies, matcher.runs)
        let members = withLog { log in
            var finder = MemberFinder(leaf: bytes, copies: copies, log: log, runs: runs)
            return finder.members()
        }
        let ranges = members.map(\.range)
        opened = try openedPlanner.plan(members, saving: copies.lacking(in: ranges))
        return opened == nil ? [] : ranges
    }

    /// Shows the log from address 0 on; nothing, where there is none.
    private func withLog<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        guard let log, !matcher.runs.isEmpty else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return log.withMapped(AddressRange(address: 0, length: Int(log.end)), body)
    }

    private mutating func differences(
        _ bytes: UnsafeRawBufferPointer
    ) throws(PlanError) -> (DifferenceCoding, [UInt8]) {
        guard steps.addedCount > 0 else { return (.modelled, []) }
        var steps = steps
        defer { self.steps = steps }
        guard isQuick else {
            return (.modelled, withLog { steps.takeDifferences(of: bytes, from: $0, differenceEncoder) })
        }
        let subtracted = withLog { steps.subtracted(bytes, from: $0, into: gathered) }
        if let coded = try coder.compress(
            subtracted, prefix: nil, level: Effort.differences, below: subtracted.count)
        {
            return (.zstd, coded)
        }
        steps.dropAdds()
        return (.modelled, [])
    }

    /// The chosen steps' bytes one after another: in place where they are the whole leaf.
    private func gather(
        _ bytes: UnsafeRawBufferPointer, count: Int, _ isChosen: (Step) -> Bool
    ) -> UnsafeRawBufferPointer {
        if count == bytes.count { return bytes }
        let target = gathered.prefix(count)
        var place = 0
        for step in steps where isChosen(step) {
            UnsafeMutableRawBufferPointer(rebasing: target[place...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[step.start..<step.end]))
            place += step.length
        }
        return UnsafeRawBufferPointer(target)
    }

    /// A leaf that many transfers brought a part of is kept once more, as a whole: the next version is told by fewer
    /// addresses. Of what one transfer brought there is but one part and what is kept now.
    private var learning: Learning {
        guard options.matches, !isQuick, isHistory else { return .lacked }
        return steps.leaps * Learner.leap >= steps.reduce(0, { $0 + $1.length }) ? .whole : .lacked
    }

    private mutating func learn(
        _ bytes: UnsafeRawBufferPointer, _ learning: Learning, literals: UnsafeRawBufferPointer, ahead: UInt64
    ) throws(PlanError) -> UInt64? {
        guard learner != nil, learning == .whole || !isKnown(bytes) else { return nil }
        let isKept = { (step: Step) in learning.takes(step.descriptor.kind) }
        let count = steps.reduce(0) { isKept($1) ? $0 + $1.length : $0 }
        guard count >= Learner.least else { return nil }
        guard let address = try learner?.address(for: count, ahead: ahead) else { return nil }
        let learned = count == literals.count ? literals : gather(bytes, count: count, isKept)
        try learner?.learn(learned, at: address)
        let range = AddressRange(address: address, length: count)
        switch learning {
        case .lacked: noteLacked(learned, isLeaf: count == bytes.count, at: range)
        case .whole: noteWhole(bytes, at: range)
        }
        // All of it, as the receiver does: what modelled literals look back at ends where runs end.
        if options.matches { matcher.runs.learn(range) }
        return address
    }

    /// Whether the log has all of the leaf already, in as few places as it would have it then.
    private func isKnown(_ bytes: UnsafeRawBufferPointer) -> Bool {
        withLog { steps.areKnown(bytes, from: $0) }
    }

    private mutating func noteLacked(_ learned: UnsafeRawBufferPointer, isLeaf: Bool, at range: AddressRange) {
        if isLeaf {
            learner?.index(matcher.anchors, at: range.address)
        } else {
            learner?.index(learned, at: range.address)
        }
    }

    /// What was kept once more is for the next transfer: in this one, each byte is better found where it lay before.
    private mutating func noteWhole(_ bytes: UnsafeRawBufferPointer, at range: AddressRange) {
        for step in steps where Learning.lacked.takes(step.descriptor.kind) {
            let address = range.address + UInt64(step.start)
            learner?.index(UnsafeRawBufferPointer(rebasing: bytes[step.start..<step.end]), at: address)
        }
        learner?.indexLater(range)
    }

    /// What of the log zstd may look back at.
    private mutating func contexts(
        _ bytes: UnsafeRawBufferPointer, literals: UnsafeRawBufferPointer, diagonal: UInt64?
    ) -> [AddressRange] {
        guard !matcher.runs.isEmpty, literals.count <= Effort.few || !Compressibility.looksRandom(literals) else {
            return []
        }
        var picker = ContextPicker(runs: matcher.runs)
        picker.takeReplaced(steps, diagonal: diagonal)
        // New content that only happens to hold a few known stretches gains little from what surrounds those.
        let isChanged = literals.count * 4 <= bytes.count * 3 || picker.replaced * 2 >= literals.count
        guard isChanged || literals.count < Effort.fresh else { return [] }
        if literals.count < bytes.count { picker.take(earlierLiterals(literals)) }
        return picker.limited()
    }

    /// What of the log equals stretches of the literals, taken one after another.
    private mutating func earlierLiterals(_ literals: UnsafeRawBufferPointer) -> ContiguousArray<Copy> {
        guard let log else { return [] }
        literalMatcher.runs = matcher.runs
        log.withMapped(AddressRange(address: 0, length: Int(log.end))) { mapped in
            literalMatcher.match(literals, in: mapped, diagonal: nil)
        }
        return literalMatcher.copies
    }

    private static func diagonal(after count: Int, _ steps: ContiguousArray<Step>) -> UInt64? {
        guard let step = steps.last(where: { $0.address != nil }) else { return nil }
        return step.address.map { $0 &- UInt64(step.start) &+ UInt64(count) }
    }
}

extension LeafPlanner {
    /// Bytes of a context range in the record, about.
    private static let contextCost = 5

    private typealias Coded = (coding: LiteralCoding, contexts: [AddressRange], bytes: [UInt8])

    /// The shortest of the codings worth trying.
    private mutating func code(
        _ literals: UnsafeRawBufferPointer, of leaf: UnsafeRawBufferPointer, state: StreamState
    ) throws(PlanError) -> Coded {
        guard options.compresses, literals.count >= Self.leastCompressed else { return raw(literals) }
        let isRandom = Compressibility.looksRandom(literals)
        if !isQuick, !isRandom, Effort.models(literals.count, of: leaf.count), let coded = model(literals, of: leaf) {
            return coded
        }
        var best: Coded?
        var bound = literals.count
        let contexts = contexts(leaf, literals: literals, diagonal: state.diagonal)
        if !contexts.isEmpty, let log {
            let prefix = LiteralCoder.Prefix(bytes: read(contexts, of: log), isClose: !isQuick)
            let cost = contexts.count * Self.contextCost
            let level = Effort.level(literals: literals.count, prefix: prefix.bytes.count, isQuick: isQuick, options)
            if let bytes = try coder.compress(literals, prefix: prefix, level: level, below: bound - cost) {
                best = (.zstdContext, contexts, bytes)
                bound = bytes.count + cost
            }
        }
        let paced =
            literals.count >= Effort.fresh
            ? Effort.pacedLevel(pace, isNew: state.diagonal == nil && contexts.isEmpty, options) : nil
        if best == nil ? !isRandom && paced != Effort.none : literals.count <= Effort.few {
            let prefix =
                paced == Effort.hasty
                ? nil : state.previous.bytes.map { LiteralCoder.Prefix(bytes: $0, isClose: false) }
            let level =
                paced ?? Effort.level(literals: literals.count, prefix: prefix?.bytes.count, isQuick: isQuick, options)
            if let bytes = try coder.compress(literals, prefix: prefix, level: level, below: bound) {
                best = (prefix == nil ? .zstd : .zstdPrevious, [], bytes)
            }
        }
        return best ?? raw(literals)
    }

    /// As the model codes the literals, unless that saves next to nothing.
    private mutating func model(_ literals: UnsafeRawBufferPointer, of leaf: UnsafeRawBufferPointer) -> Coded? {
        var surroundings = surroundings(told: 0)
        let contexts = farContexts(literals, of: leaf, beside: surroundings)
        if !contexts.isEmpty { surroundings = self.surroundings(told: contexts.byteCount) }
        let context =
            log.map { read(contexts + surroundings.ranges, of: $0) } ?? UnsafeRawBufferPointer(start: nil, count: 0)
        let bytes = literalEncoder.encode(leaf, surroundings.literals, context: context)
        let cost = bytes.count + contexts.count * Self.contextCost
        return cost < literals.count - literals.count / Effort.modelGain ? (.modelled, contexts, bytes) : nil
    }

    private func surroundings(told: Int) -> Surroundings {
        var runs = matcher.runs
        return Surroundings(steps.lazy.map(\.descriptor), told: told) { runs.run(holding: $0) }
    }

    /// What of the log the literals equal elsewhere than where they stand.
    private mutating func farContexts(
        _ literals: UnsafeRawBufferPointer, of leaf: UnsafeRawBufferPointer, beside near: Surroundings
    ) -> [AddressRange] {
        guard !matcher.runs.isEmpty, literals.count < leaf.count else { return [] }
        var picker = ContextPicker(runs: matcher.runs)
        picker.take(
            earlierLiterals(literals).filter { !near.holds(AddressRange(address: $0.address, length: $0.length)) })
        return picker.limited().remembered
    }

    private func raw(_ literals: UnsafeRawBufferPointer) -> Coded {
        (.raw, [], isOneLiteral ? [] : Array(literals))
    }

    private func read(_ ranges: [AddressRange], of log: Log) -> UnsafeRawBufferPointer {
        let bytes = context.prefix(ranges.reduce(0) { $0 + $1.length })
        withLog { mapped in
            var place = 0
            for range in ranges {
                let target = UnsafeMutableRawBufferPointer(rebasing: bytes[place..<place + range.length])
                place += range.length
                // What the file lacks reads as zeros.
                guard !log.isResident, range.end <= UInt64(mapped.count) else {
                    log.read(range, into: target)
                    continue
                }
                let source = mapped[Int(range.address)..<Int(range.end)]
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source))
            }
        }
        return UnsafeRawBufferPointer(bytes)
    }
}
