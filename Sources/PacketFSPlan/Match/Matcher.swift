internal import CLinux
internal import PacketFSBlob
internal import PacketFSWire

/// Finds what of a leaf the log holds: at anchors, extended byte by byte both ways, and on along the diagonal of the
/// copy before where a few bytes differ.
struct Matcher {
    /// Bytes that are scanned for anchors at once: what a long copy covers is not scanned at all.
    private static let block = 32 << 10
    /// Shortest copy that an anchor may give. What is shorter costs more as a copy than as literals, for these may look
    /// back at the bytes that they replace.
    private static let shortest = 64
    /// Shortest copy on the diagonal of the copy before, where its address costs nothing: two words, by which it is found.
    private static let resynced = 16
    /// Diagonals that are tried beside the candidates of an anchor: of bytes that stand in many places the index knows
    /// only the newest.
    private static let remembered = 8
    /// A match of this length is taken without a look at the others.
    private static let enough = 64 << 10
    /// A copy of this length no longer gives way to a longer match. Shorter ones do: where much is alike, the first
    /// match found is seldom the one that goes on.
    private static let firm = 4096
    /// Anchors between that which is looked at and that whose matches are sent for.
    private static let lookahead = 6
    /// How far a diagonal is followed over bytes that differ.
    private static let longestReach = 4096

    /// Where copies were found.
    private struct Diagonal {
        /// Address less offset.
        let value: UInt64
        /// The match that was found on it last, which is cut off before what was firm then.
        var known = 0..<0
    }

    private let index: MatchIndex?
    var runs: MatchableRuns
    private(set) var copies: ContiguousArray<Copy> = []
    /// All anchors of the stretches that were not covered by copies when they were reached.
    private(set) var anchors = AnchorList()

    private var leaf = UnsafeRawBufferPointer(start: nil, count: 0)
    private var log = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Of the latest copies, latest first.
    private var recent: ContiguousArray<Diagonal> = []
    /// Of the anchors that are looked at now.
    private var candidates: ContiguousArray<Candidates> = []
    /// Up to where copies reach that no longer give way.
    private var firmEnd = 0

    /// Without `matches` only anchors are collected.
    init(index: MatchIndex?, runs: MatchableRuns, matches: Bool) {
        self.index = matches ? index : nil
        self.runs = runs
    }

    private var position: Int { copies.last?.end ?? 0 }

    /// Fills `copies` and `anchors`. `log` is the log from address 0 on; `diagonal` that of the stream so far, relative
    /// to the leaf's start.
    mutating func match(_ leaf: UnsafeRawBufferPointer, in log: UnsafeRawBufferPointer, diagonal: UInt64?) {
        self.leaf = leaf
        self.log = log
        defer {
            self.leaf = UnsafeRawBufferPointer(start: nil, count: 0)
            self.log = self.leaf
        }
        skip()
        let isMatching = index != nil && !runs.isEmpty && !log.isEmpty
        recent.removeAll(keepingCapacity: true)
        if isMatching, let diagonal {
            recent.append(Diagonal(value: diagonal))
            follow(diagonal, reach: 256)
        }
        var cursor = 0
        while cursor < leaf.count {
            cursor = max(cursor, position)
            let end = min(leaf.count, cursor + Self.block)
            let first = anchors.count
            scan(max(0, cursor - Anchors.window + 1)..<end)
            if isMatching { takeAnchors(from: first) }
            cursor = end
        }
    }

    /// Leaves `copies` and `anchors` empty.
    mutating func skip() {
        copies.removeAll(keepingCapacity: true)
        anchors.removeAll()
        firmEnd = 0
    }

    private mutating func scan(_ range: Range<Int>) {
        var found = anchors
        anchors = AnchorList()
        Anchors.scan(UnsafeRawBufferPointer(rebasing: leaf[range])) { end, hash in
            found.append(end: range.lowerBound + end, hash: hash)
        }
        anchors = found
    }

    private mutating func takeAnchors(from first: Int) {
        guard let index else { return }
        for anchor in first..<anchors.count { index.prefetch(anchors.hashes[anchor]) }
        candidates.removeAll(keepingCapacity: true)
        for anchor in first..<anchors.count {
            for next in first + candidates.count..<min(anchors.count, anchor + Self.lookahead) { sendFor(next, index) }
            let end = Int(anchors.ends[anchor])
            guard end > firmEnd else { continue }
            if let best = best(at: end, candidates: candidates[anchor - first]) { take(best) }
        }
    }

    /// Looks up an anchor, and sends for the places of the log that it will be compared with: they are anywhere.
    private mutating func sendFor(_ anchor: Int, _ index: MatchIndex) {
        let end = Int(anchors.ends[anchor])
        guard end > firmEnd else { return candidates.append(Candidates()) }
        let found = index.candidates(for: anchors.hashes[anchor])
        candidates.append(found)
        for diagonal in recent { prefetch(before: diagonal.value &+ UInt64(end)) }
        for address in found { prefetch(before: address) }
    }

    private func prefetch(before address: UInt64) {
        guard let base = log.baseAddress, address >= 8, address <= UInt64(log.count) else { return }
        packetfs_prefetch(base + Int(address) - 8)
    }

    private mutating func best(at end: Int, candidates: Candidates) -> Copy? {
        var best: Copy?
        for place in recent.indices {
            guard let found = extended(end: end, along: place) else { continue }
            if found.length > best?.length ?? 0 { best = found }
            if found.length >= Self.enough { break }
        }
        for address in candidates where !recent.contains(where: { $0.value == address &- UInt64(end) }) {
            if let best, best.length >= Self.enough { break }
            guard let found = extended(end: end, address: address) else { continue }
            if found.length > best?.length ?? 0 { best = found }
        }
        return best
    }

    /// The whole match on a diagonal of `recent` around the window that ends at `end`.
    private mutating func extended(end: Int, along place: Int) -> Copy? {
        let (diagonal, known) = (recent[place].value, recent[place].known)
        guard end > known.lowerBound, end <= known.upperBound else {
            guard let found = extended(end: end, address: diagonal &+ UInt64(end)) else { return nil }
            recent[place].known = found.start..<found.end
            return found
        }
        let start = max(known.lowerBound, firmEnd)
        guard end - start >= min(Anchors.window, end - firmEnd) else { return nil }
        return Copy(start: start, length: known.upperBound - start, address: diagonal &+ UInt64(start))
    }

    /// The whole match around the window that ends at `end` and, in the log, at `address`.
    private mutating func extended(end: Int, address: UInt64) -> Copy? {
        guard address >= UInt64(Anchors.window), let run = runs.run(holding: address - 1),
            address - run.address >= UInt64(Anchors.window), let bytes = leaf.baseAddress, let base = log.baseAddress
        else { return nil }
        let runEnd = min(run.end, UInt64(log.count))
        guard address <= runEnd else { return nil }
        let here = bytes + end
        let there = base + Int(address)
        let least = min(Anchors.window, end - firmEnd)
        if least >= 8, ByteCompare.word(here - 8) != ByteCompare.word(there - 8) { return nil }
        let back = ByteCompare.backward(here, there, limit: min(end - firmEnd, Int(address - run.address)))
        guard back >= least else { return nil }
        let ahead = ByteCompare.forward(here, there, limit: min(leaf.count - end, Int(runEnd - address)))
        return Copy(start: end - back, length: back + ahead, address: address - UInt64(back))
    }

    /// Appends a match, in place of the soft copies that it outdoes.
    private mutating func take(_ match: Copy) {
        var kept = copies.count
        if let last = copies.last, match.start < last.end {
            guard match.end > last.end, last.isSoft ? match.length > last.length : true else { return }
            guard match.diagonal != last.diagonal else { return }
            while kept > 0, copies[kept - 1].isSoft, copies[kept - 1].start >= match.start { kept -= 1 }
        }
        var cut = 0
        var shortened: Int?
        if kept > 0, copies[kept - 1].end > match.start {
            if copies[kept - 1].isSoft, match.length > copies[kept - 1].length {
                shortened = match.start - copies[kept - 1].start
            } else {
                cut = copies[kept - 1].end - match.start
            }
        }
        guard match.length - cut >= Self.shortest else { return }
        copies.removeSubrange(kept...)
        if let shortened { copies[kept - 1].length = shortened }
        append(
            Copy(
                start: match.start + cut, length: match.length - cut, address: match.address + UInt64(cut),
                isSoft: match.length < Self.firm))
        follow(match.diagonal, reach: 64 + match.length / 2)
    }

    private mutating func append(_ copy: Copy) {
        if copy.length >= 64 { remember(copy.diagonal) }
        copies.append(copy)
        if !copy.isSoft { firmEnd = position }
    }

    private mutating func remember(_ diagonal: UInt64) {
        guard recent.first?.value != diagonal else { return }
        var latest = Diagonal(value: diagonal)
        if let place = recent.firstIndex(where: { $0.value == diagonal }) {
            latest = recent.remove(at: place)
        } else if recent.count == Self.remembered {
            recent.removeLast()
        }
        recent.insert(latest, at: 0)
    }

    /// Goes on along a diagonal from the end of the last copy, over stretches that differ. What was learned lies in the
    /// log without its fills, so that the diagonal moves back by the length of each fill that is passed.
    private mutating func follow(_ start: UInt64, reach: Int) {
        var (diagonal, cursor, reach) = (start, position, min(reach, Self.longestReach))
        while cursor < leaf.count, reach >= 0 {
            let address = diagonal &+ UInt64(cursor)
            guard let run = runs.run(holding: address), let bytes = leaf.baseAddress, let base = log.baseAddress,
                address < UInt64(log.count)
            else { return }
            let limit = min(leaf.count - cursor, Int(min(run.end, UInt64(log.count)) - address))
            let (here, there) = (bytes + cursor, base + Int(address))
            let equal = Self.nextEqual(here, there, limit: limit, reach: reach)
            let differing = min(leaf.count, cursor + (equal?.offset ?? reach))
            if let fill = Fill.first(in: bytes, from: cursor, before: differing, end: leaf.count) {
                reach -= fill.lowerBound - cursor
                diagonal &-= UInt64(fill.count)
                cursor = fill.upperBound
                continue
            }
            guard let (skipped, length) = equal else { return }
            append(
                Copy(
                    start: cursor + skipped, length: length, address: address + UInt64(skipped),
                    isSoft: length < Self.firm))
            cursor = position
            reach = min(Self.longestReach, max(reach, 64 + length / 2))
        }
    }

    /// The first stretch of at least `resynced` equal bytes that begins within `reach`.
    @inline(__always)
    private static func nextEqual(
        _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, limit: Int, reach: Int
    ) -> (offset: Int, length: Int)? {
        let last = min(limit - resynced, reach)
        var offset = 0
        while offset <= last {
            // Where the last of these bytes differ, no earlier offset can do.
            let tail = ByteCompare.word(left + offset + 8) ^ ByteCompare.word(right + offset + 8)
            if tail != 0 {
                offset += (63 - tail.leadingZeroBitCount) >> 3 + 9
                continue
            }
            let head = ByteCompare.word(left + offset) ^ ByteCompare.word(right + offset)
            if head != 0 {
                offset += (63 - head.leadingZeroBitCount) >> 3 + 1
                continue
            }
            let rest = offset + resynced
            let length = resynced + ByteCompare.forward(left + rest, right + rest, limit: limit - rest)
            return (offset, length)
        }
        return nil
    }
}
