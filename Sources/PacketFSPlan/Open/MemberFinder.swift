internal import Glibc
internal import PacketFSModel
internal import PacketFSWire

/// A deflate stream of a leaf that can be packed again, and one of the log that holds another version of its content.
struct PackedMember {
    let range: Range<Int>
    let content: [UInt8]
    let packing: Packing
    let base: AddressRange
    let baseContent: [UInt8]
}

/// Finds the members of gzip files in a leaf that changed: what is equal needs no opening, and what has no other version in
/// the log gains nothing.
struct MemberFinder {
    /// Fewer bytes that no copy covers are no change of the content.
    private static let leastChange = 64
    /// How far from its guessed place a member of the log may begin.
    private static let reach = 1024
    /// What looks like a member and is none: so many of a leaf are tried, each of which may take a while to fail.
    private static let mostFailures = 16

    private let leaf: UnsafeRawBufferPointer
    private let copies: ContiguousArray<Copy>
    private let log: UnsafeRawBufferPointer
    private var runs: MatchableRuns
    private var patience = Packing.patience
    /// To find out how members were made, which takes several tries.
    private var tries = 4 * Packing.patience
    private var found: [PackedMember] = []
    private var opened = 0
    private var openedBlocks = 0
    private(set) var failures = 0
    /// Bytes of content that was opened and had no other version.
    private(set) var unlike = 0
    private var based = 0
    private var basedBlocks = 0

    /// `log`: from address 0 on.
    init(
        leaf: UnsafeRawBufferPointer, copies: ContiguousArray<Copy>, log: UnsafeRawBufferPointer, runs: MatchableRuns
    ) {
        self.leaf = leaf
        self.copies = copies
        self.log = log
        self.runs = runs
    }

    mutating func members() -> [PackedMember] {
        var position = 0
        var first = 0
        while found.count < Limits.packed, mayTry, let start = GzipHeader.next(in: leaf, from: position) {
            let next = GzipHeader.next(in: leaf, from: start + 1) ?? leaf.count
            while first < copies.count, copies[first].end <= start { first += 1 }
            position = start + 1
            guard isChanged(start..<next, first: first), let member = member(at: start, first: first) else { continue }
            found.append(member)
            position = member.range.upperBound
        }
        return found
    }

    private var mayTry: Bool { failures < Self.mostFailures && unlike < Limits.opened }

    /// `first`: the first copy that ends behind the range's start.
    private func isChanged(_ range: Range<Int>, first: Int) -> Bool {
        var left = range.count
        for copy in copies[first...] {
            guard copy.start < range.upperBound else { break }
            left -= min(copy.end, range.upperBound) - max(copy.start, range.lowerBound)
        }
        return left >= Self.leastChange
    }

    private mutating func member(at start: Int, first: Int) -> PackedMember? {
        guard let header = GzipHeader(leaf, at: start) else { return nil }
        guard
            let stream = OpenedStream(
                header.rest, limit: Limits.opened - opened, blocks: Limits.packedBlocks - openedBlocks),
            !stream.content.isEmpty
        else {
            failures += 1
            return nil
        }
        let lower = start + header.length
        let range = lower..<lower + stream.byteCount
        guard isChanged(range, first: first) else { return nil }
        guard let base = base(of: header, at: start, first: first),
            let packing = stream.packing(patience: &patience, tries: &tries)
        else {
            unlike += stream.content.count
            return nil
        }
        opened += stream.content.count
        openedBlocks += stream.blockCount
        based += base.content.count
        basedBlocks += base.blocks
        return PackedMember(
            range: range, content: stream.content, packing: packing, base: base.range, baseContent: base.content)
    }

    private mutating func base(
        of header: GzipHeader, at start: Int, first: Int
    ) -> (range: AddressRange, content: [UInt8], blocks: Int)? {
        var guesses = [first, first - 1].filter(copies.indices.contains).map { copies[$0].diagonal &+ UInt64(start) }
        if let last = found.last { guesses.append(last.base.end &+ UInt64(start - last.range.upperBound)) }
        for guess in guesses {
            guard guess < UInt64(log.count), let run = runs.run(holding: guess) else { continue }
            let part = UnsafeRawBufferPointer(rebasing: log[Int(run.address)..<Int(min(run.end, UInt64(log.count)))])
            guard let start = nearest(to: Int(guess - run.address), in: part),
                let other = GzipHeader(part, at: start), other.name.elementsEqual(header.name),
                let stream = OpenedStream(
                    other.rest, limit: Limits.opened - based, blocks: Limits.packedBlocks - basedBlocks),
                !stream.content.isEmpty
            else { continue }
            let address = run.address + UInt64(start + other.length)
            return (AddressRange(address: address, length: stream.byteCount), stream.content, stream.blockCount)
        }
        return nil
    }

    /// Where a member begins: at `place`, else from `reach` before it on.
    private func nearest(to place: Int, in part: UnsafeRawBufferPointer) -> Int? {
        if GzipHeader(part, at: place) != nil { return place }
        guard let found = GzipHeader.next(in: part, from: max(0, place - Self.reach)) else { return nil }
        return found <= place + Self.reach ? found : nil
    }
}

/// What a member of a gzip file begins with (RFC 1952 §2.3).
struct GzipHeader {
    private enum Flag {
        static let check: UInt8 = 2
        static let extra: UInt8 = 4
        static let name: UInt8 = 8
        static let comment: UInt8 = 16
        static let reserved: UInt8 = 0xe0
    }

    private static let magic: [UInt8] = [0x1f, 0x8b, 8]
    private static let fixed = 10

    let length: Int
    let name: UnsafeRawBufferPointer
    /// All bytes behind it.
    let rest: UnsafeRawBufferPointer

    /// `nil` where none begins.
    init?(_ bytes: UnsafeRawBufferPointer, at start: Int) {
        guard start + Self.fixed < bytes.count, bytes[start..<start + 3].elementsEqual(Self.magic) else { return nil }
        let flags = bytes[start + 3]
        guard flags & Flag.reserved == 0 else { return nil }
        var end = start + Self.fixed
        if flags & Flag.extra != 0 {
            guard end + 2 <= bytes.count else { return nil }
            end += 2 + Int(bytes[end]) + Int(bytes[end + 1]) << 8
        }
        var named = end..<end
        for flag in [Flag.name, Flag.comment] where flags & flag != 0 {
            guard end < bytes.count, let zero = bytes[end...].prefix(Limits.path).firstIndex(of: 0) else { return nil }
            if flag == Flag.name { named = end..<zero }
            end = zero + 1
        }
        if flags & Flag.check != 0 { end += 2 }
        guard end < bytes.count else { return nil }
        name = UnsafeRawBufferPointer(rebasing: bytes[named])
        rest = UnsafeRawBufferPointer(rebasing: bytes[end...])
        length = end - start
    }

    /// The first place from `start` on where one begins.
    static func next(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var place = start
        while place < bytes.count, let found = memchr(base + place, Int32(magic[0]), bytes.count - place) {
            place = UnsafeRawPointer(found) - base
            if GzipHeader(bytes, at: place) != nil { return place }
            place += 1
        }
        return nil
    }
}
