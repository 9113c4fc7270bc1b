internal import Glibc
internal import PacketFSModel
internal import PacketFSWire

/// A deflate stream of a leaf that can be packed again, and one of the log that holds another version of its content.
struct PackedMember {
    var range: Range<Int>
    var content: [UInt8]
    var packing: Packing
    var base: AddressRange
    var baseContent: [UInt8]
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

    /// What it took to open streams: bytes of content, and blocks, each of which may take a table of codes.
    struct Opened {
        var content = 0
        var blocks = 0

        mutating func add(_ stream: OpenedStream) {
            content += stream.content.count
            blocks += stream.blockCount
        }
    }

    private let leaf: UnsafeRawBufferPointer
    private let copies: ContiguousArray<Copy>
    private let log: UnsafeRawBufferPointer
    private var runs: MatchableRuns
    private var patience = Packing.patience
    /// To find out how members were made, which takes several tries.
    private var tries = 4 * Packing.patience
    private var found: [PackedMember] = []
    /// The streams of the members that were found, and of their bases.
    private var opened = Opened()
    private var based = Opened()
    /// Bytes of the bases' streams.
    private var baseBytes = 0
    /// Streams that were opened and are no part of a member: of what did not change, has no other version, or is no stream.
    private(set) var vain = Opened()
    private(set) var failures = 0

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
        while found.count < Limits.packed, mayTry, let start = GzipHeader.next(in: leaf, position..<leaf.count) {
            let next = GzipHeader.next(in: leaf, start + 1..<leaf.count) ?? leaf.count
            while first < copies.count, copies[first].end <= start { first += 1 }
            position = start + 1
            guard isChanged(start..<next, first: first), let member = member(at: start, first: first) else { continue }
            found.append(member)
            position = member.range.upperBound
        }
        return found
    }

    private var mayTry: Bool {
        failures < Self.mostFailures && vain.content < Limits.opened && vain.blocks < Limits.packedBlocks
    }

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
        guard let header = GzipHeader(leaf, at: start),
            let stream = open(header.rest, beside: opened, isToBePacked: true)
        else { return nil }
        let lower = start + header.length
        let range = lower..<lower + stream.byteCount
        guard isChanged(range, first: first), let base = base(of: header, at: start, first: first) else {
            vain.add(stream)
            return nil
        }
        guard let packing = stream.packing(patience: &patience, tries: &tries) else {
            vain.add(stream)
            vain.add(base.stream)
            return nil
        }
        opened.add(stream)
        based.add(base.stream)
        baseBytes += base.stream.byteCount
        return PackedMember(
            range: range, content: stream.content, packing: packing,
            base: AddressRange(address: base.address, length: base.stream.byteCount), baseContent: base.stream.content)
    }

    private mutating func base(
        of header: GzipHeader, at start: Int, first: Int
    ) -> (address: UInt64, stream: OpenedStream)? {
        var guesses = [first, first - 1].filter(copies.indices.contains).map { copies[$0].diagonal &+ UInt64(start) }
        if let last = found.last { guesses.append(last.base.end &+ UInt64(start - last.range.upperBound)) }
        for guess in guesses {
            guard guess < UInt64(log.count), let run = runs.run(holding: guess) else { continue }
            let part = UnsafeRawBufferPointer(rebasing: log[Int(run.address)..<Int(min(run.end, UInt64(log.count)))])
            guard let start = nearest(to: Int(guess - run.address), in: part),
                let other = GzipHeader(part, at: start), other.name.elementsEqual(header.name),
                let stream = open(
                    UnsafeRawBufferPointer(rebasing: other.rest.prefix(Limits.opened - baseBytes)), beside: based)
            else { continue }
            return (run.address + UInt64(start + other.length), stream)
        }
        return nil
    }

    /// `beside`: what was opened already and counts together with it.
    private mutating func open(
        _ bytes: UnsafeRawBufferPointer, beside taken: Opened, isToBePacked: Bool = false
    ) -> OpenedStream? {
        do throws(OpenedStream.Failure) {
            let stream = try OpenedStream(
                bytes, limit: Limits.opened - taken.content, blocks: Limits.packedBlocks - taken.blocks,
                isToBePacked: isToBePacked)
            if !stream.content.isEmpty { return stream }
            vain.add(stream)
        } catch {
            vain.content += error.content
            vain.blocks += error.blocks
        }
        failures += 1
        return nil
    }

    /// Where a member begins: at `place`, else from `reach` before it on.
    private func nearest(to place: Int, in part: UnsafeRawBufferPointer) -> Int? {
        if GzipHeader(part, at: place) != nil { return place }
        return GzipHeader.next(in: part, max(0, place - Self.reach)..<min(part.count, place + Self.reach + 1))
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
            guard let zero = Self.zero(in: bytes, from: end) else { return nil }
            if flag == Flag.name { named = end..<zero }
            end = zero + 1
        }
        if flags & Flag.check != 0 { end += 2 }
        guard end < bytes.count else { return nil }
        name = UnsafeRawBufferPointer(rebasing: bytes[named])
        rest = UnsafeRawBufferPointer(rebasing: bytes[end...])
        length = end - start
    }

    /// The first place of `range` where one begins.
    static func next(in bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var place = range.lowerBound
        while place < range.upperBound,
            let found = memchr(base + place, Int32(magic[0]), range.upperBound - place)
        {
            place = UnsafeRawPointer(found) - base
            if GzipHeader(bytes, at: place) != nil { return place }
            place += 1
        }
        return nil
    }

    /// The end of a text that begins at `start`.
    private static func zero(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, 0, min(Limits.path, bytes.count - start))
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
