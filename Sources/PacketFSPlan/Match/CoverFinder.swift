internal import PacketFSWire

/// Finds what of a leaf resembles the log: the copies that were found, shorter ones between them, joined where they lie on
/// one diagonal, and extended as far as more than half of the bytes are equal.
struct CoverFinder {
    /// Equal bytes that a short copy needs in text: there are many by chance, and a literal is worth half a byte.
    private static let shortestInText = 48
    /// So many more bytes than a window must be equal on another diagonal before it is taken, of those that are equal or
    /// lie within `horizon`.
    private static let gain = 4
    private static let horizon = 128
    /// So many more for a look away from the diagonal of the copy before, where it has eight.
    private static let inertia = 8
    /// A copy on the diagonal of the one before that is not looked at twice.
    private static let enough = 32
    /// Copies of this length are not questioned.
    private static let firm = 4096
    /// Most bytes that are compared on two diagonals, and that are joined.
    private static let reach = 4096
    /// Bytes between that which is looked for and that whose candidates are sent for.
    private static let lookahead = 16
    /// Where the equal bytes fall so far behind half, no extension goes on.
    private static let patience = 64

    /// `nil`: only what was found before is joined and extended.
    private let dense: DenseIndex?
    private var runs: MatchableRuns
    private let leaf: UnsafeRawBufferPointer
    private let log: UnsafeRawBufferPointer
    /// Equal bytes that a short copy needs elsewhere.
    private let window: Int
    private var exact: ContiguousArray<Copy> = []

    /// `log`: from address 0 on.
    init(leaf: UnsafeRawBufferPointer, log: UnsafeRawBufferPointer, runs: MatchableRuns, dense: DenseIndex?) {
        self.leaf = leaf
        self.log = log
        self.runs = runs
        self.dense = dense
        window = dense?.window ?? 0
    }

    /// The stretches of the leaf that equal or resemble the log, ascending. `copies`: what is known to be equal.
    mutating func covers(_ copies: ContiguousArray<Copy>) -> ContiguousArray<Copy> {
        guard dense != nil, !copies.isEmpty else { return joined(copies) }
        enterNeighbourhood(of: copies)
        var position = 0
        var hints = 0
        for (number, copy) in copies.enumerated() where copy.length >= Self.firm {
            search(position..<copy.start, hints: copies[hints..<number])
            exact.append(copy)
            position = copy.end
            hints = number + 1
        }
        search(position..<leaf.count, hints: copies[hints...])
        return joined(exact)
    }

    /// Has the dense index know what lies around the copies; the more there is to find, the wider.
    private func enterNeighbourhood(of copies: ContiguousArray<Copy>) {
        guard let dense else { return }
        let firmBytes = copies.reduce(0) { $1.length >= Self.firm ? $0 + $1.length : $0 }
        guard firmBytes < leaf.count else { return }
        var margin = UInt64(max(64 << 10, min(4 * (leaf.count - firmBytes), 8 << 20)))
        var wanted = Neighbourhood(copies, margin: margin, end: UInt64(log.count))
        while wanted.byteCount > DenseIndex.capacity, margin > 0 {
            margin /= 2
            wanted = Neighbourhood(copies, margin: margin, end: UInt64(log.count))
        }
        dense.enter(wanted.ranges, of: log)
    }
}

/// What of the log lies around copies.
private struct Neighbourhood {
    /// Shorter copies may stand anywhere by chance.
    private static let telling = 256

    /// Ascending, disjoint.
    private(set) var ranges: [Range<UInt64>] = []

    var byteCount: Int { ranges.reduce(0) { $0 + $1.count } }

    init(_ copies: ContiguousArray<Copy>, margin: UInt64, end: UInt64) {
        let telling = ContiguousArray(copies.filter { $0.length >= Self.telling })
        for copy in (telling.isEmpty ? copies : telling).sorted(by: { $0.address < $1.address }) {
            let lower = copy.address - min(copy.address, margin)
            let upper = min(end, copy.address + UInt64(copy.length) + margin)
            if let last = ranges.last, last.upperBound >= lower {
                ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, upper)
            } else if lower < upper {
                ranges.append(lower..<upper)
            }
        }
    }
}

/// Short copies.
extension CoverFinder {
    /// A match at a place: equal bytes from there on, and before it.
    private struct Match {
        var address: UInt64 = 0
        var ahead = 0
        var back = 0
        /// Equal bytes of those that lie ahead within `horizon`, and all before.
        var value = 0

        var length: Int { ahead + back }
    }

    /// Appends the copies found within `range`. `hints`: such as are known there.
    private mutating func search(_ range: Range<Int>, hints: ArraySlice<Copy>) {
        let shortest = isText(range) ? Self.shortestInText : window
        var hint = hints.startIndex
        var position = range.lowerBound
        var covered = range.lowerBound
        while position + window <= range.upperBound {
            while hint < hints.endIndex, hints[hint].end <= position { hint += 1 }
            let known = hint < hints.endIndex && hints[hint].start <= position ? hints[hint].diagonal : nil
            let diagonal = exact.last?.diagonal
            let match = best(position, covered: covered, end: range.upperBound, diagonal, known)
            let isOn = match.ahead > 0 && match.address &- UInt64(position) == diagonal
            guard isOn || match.length >= shortest && isWorth(match, at: position, diagonal) else {
                position += stepOver(position, end: range.upperBound)
                continue
            }
            exact.append(
                Copy(
                    start: position - match.back, length: match.length, address: match.address - UInt64(match.back)))
            position += match.ahead
            covered = position
        }
    }

    /// One byte; but of a run of one value, which is anywhere, all but its end.
    private func stepOver(_ position: Int, end: Int) -> Int {
        max(1, runLength(position, end: end) - window / 2)
    }

    /// How many bytes from here on have one value; 0 for fewer than eight.
    @inline(__always)
    private func runLength(_ position: Int, end: Int) -> Int {
        guard let bytes = leaf.baseAddress else { return 0 }
        guard ByteCompare.isRun(ByteCompare.word(bytes + position)) else { return 0 }
        return ByteCompare.runLength(bytes + position, limit: end - position)
    }

    private mutating func best(
        _ position: Int, covered: Int, end: Int, _ diagonal: UInt64?, _ known: UInt64?
    ) -> Match {
        var best = Match()
        var along = Match()
        if let diagonal {
            along = match(position, diagonal &+ UInt64(position), covered: covered, end: end)
            if along.ahead >= Self.enough { return along }
        }
        // A fill costs less than bytes from elsewhere.
        if runLength(position, end: end) >= Fill.shortest { return along }
        if let known {
            best = match(position, known &+ UInt64(position), covered: covered, end: end)
        }
        if let dense, let bytes = leaf.baseAddress {
            if position + Self.lookahead + window <= end { dense.prefetch(bytes + position + Self.lookahead) }
            let candidates = dense.candidates(bytes + position)
            for number in 0..<4 where candidates[number] != 0 {
                let found = match(position, candidates[number], covered: covered, end: end)
                if found.value > best.value { best = found }
            }
        }
        return along.ahead >= 8 && along.value + Self.inertia >= best.value ? along : best
    }

    @inline(__always)
    private mutating func match(_ position: Int, _ address: UInt64, covered: Int, end: Int) -> Match {
        guard address < UInt64(log.count), let run = runs.run(holding: address), let bytes = leaf.baseAddress,
            let base = log.baseAddress
        else { return Match() }
        let limit = min(end - position, Int(min(run.end, UInt64(log.count)) - address))
        let (here, there) = (bytes + position, base + Int(address))
        guard limit >= 8, ByteCompare.word(here) == ByteCompare.word(there) else { return Match() }
        let ahead = ByteCompare.forward(here, there, limit: limit)
        let back = ByteCompare.backward(here, there, limit: min(position - covered, Int(address - run.address)))
        let equal = ByteCompare.equal(here, there, count: min(limit, Self.horizon))
        return Match(address: address, ahead: ahead, back: back, value: back + max(ahead, equal))
    }

    /// Whether enough more bytes are equal than on the diagonal of the copy before.
    private mutating func isWorth(_ match: Match, at position: Int, _ diagonal: UInt64?) -> Bool {
        guard let diagonal else { return true }
        let start = position - match.back
        // Where the match ends for good, it goes on along the diagonal as before.
        let span = match.value > match.length ? max(match.length, match.back + Self.horizon) : match.length
        let count = min(span, Self.reach, leaf.count - start)
        let along = equal(start, diagonal &+ UInt64(start), count: count)
        return match.value >= along + window + Self.gain
    }

    /// How many of `count` bytes equal those from `address`, if these may be named.
    private mutating func equal(_ position: Int, _ address: UInt64, count: Int) -> Int {
        guard address < UInt64(log.count), let run = runs.run(holding: address), let bytes = leaf.baseAddress,
            let base = log.baseAddress
        else { return 0 }
        let count = min(count, Int(min(run.end, UInt64(log.count)) - address))
        return ByteCompare.equal(bytes + position, base + Int(address), count: count)
    }

    /// Whether a sample has next to no control characters.
    private func isText(_ range: Range<Int>) -> Bool {
        guard let bytes = leaf.baseAddress else { return false }
        var (samples, controls) = (0, 0)
        for place in stride(from: range.lowerBound, to: range.upperBound, by: max(1, range.count / 512)) {
            let byte = ByteCompare.byte(bytes + place)
            samples += 1
            if byte < 32, byte != 9, byte != 10, byte != 13 { controls += 1 }
        }
        return controls * 32 < samples
    }
}

/// Joining and extending.
extension CoverFinder {
    private mutating func joined(_ copies: ContiguousArray<Copy>) -> ContiguousArray<Copy> {
        var covers: ContiguousArray<Copy> = []
        covers.reserveCapacity(copies.count)
        for var copy in copies {
            guard var last = covers.last else {
                extendBack(&copy, gap: copy.start, taken: 0)
                covers.append(copy)
                continue
            }
            let gap = copy.start - last.end
            if last.diagonal == copy.diagonal, gap <= Self.reach, resembles(last, gap, copy) {
                covers[covers.count - 1].length = copy.end - last.start
                continue
            }
            let taken = extendAhead(&last, gap: gap)
            covers[covers.count - 1] = last
            extendBack(&copy, gap: gap, taken: taken)
            covers.append(copy)
        }
        if var last = covers.last {
            _ = extendAhead(&last, gap: leaf.count - last.end)
            covers[covers.count - 1] = last
        }
        return covers
    }

    /// Whether the gap between two copies of one diagonal, and of one run, is short or half equal.
    private mutating func resembles(_ last: Copy, _ gap: Int, _ next: Copy) -> Bool {
        guard let run = runs.run(holding: last.address), next.address < run.end else { return false }
        return gap <= 16 || equal(last.end, last.diagonal &+ UInt64(last.end), count: gap) * 2 >= gap
    }

    /// Lengthens a cover into the gap behind it as long as that pays; returns by how much.
    private mutating func extendAhead(_ cover: inout Copy, gap: Int) -> Int {
        let address = cover.address + UInt64(cover.length)
        guard gap > 0, let run = runs.run(holding: cover.address), let bytes = leaf.baseAddress,
            let base = log.baseAddress
        else { return 0 }
        let limit = min(gap, Int(min(run.end, UInt64(log.count)) - address))
        var score = Score(patience: Self.patience)
        let (here, there) = (bytes + cover.end, base + Int(address))
        Score.Word.all.withUnsafeBufferPointer { words in
            guard let words = words.baseAddress else { return }
            while score.length + 8 <= limit, !score.isHopeless {
                score.add(ByteCompare.word(here + score.length) ^ ByteCompare.word(there + score.length), words)
            }
        }
        while score.length < limit, !score.isHopeless {
            score.add(ByteCompare.byte(here + score.length) == ByteCompare.byte(there + score.length))
        }
        cover.length += score.bestLength
        return score.bestLength
    }

    /// Lengthens a cover into the gap before it, of which the last cover has `taken` bytes.
    private mutating func extendBack(_ cover: inout Copy, gap: Int, taken: Int) {
        guard gap > 0, let run = runs.run(holding: cover.address), let bytes = leaf.baseAddress,
            let base = log.baseAddress
        else { return }
        let limit = min(gap - taken, Int(cover.address - run.address))
        var score = Score(patience: Self.patience)
        let (here, there) = (bytes + cover.start, base + Int(cover.address))
        Score.Word.all.withUnsafeBufferPointer { words in
            guard let words = words.baseAddress else { return }
            while score.length + 8 <= limit, !score.isHopeless {
                let (new, old) = (here - score.length - 8, there - score.length - 8)
                score.add((ByteCompare.word(new) ^ ByteCompare.word(old)).byteSwapped, words)
            }
        }
        while score.length < limit, !score.isHopeless {
            score.add(ByteCompare.byte(here - score.length - 1) == ByteCompare.byte(there - score.length - 1))
        }
        cover.start -= score.bestLength
        cover.length += score.bestLength
        cover.address -= UInt64(score.bestLength)
    }
}
