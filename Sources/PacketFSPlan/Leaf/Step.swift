internal import PacketFSBlob
internal import PacketFSModel
internal import PacketFSWire

/// A descriptor at its place in the leaf.
struct Step: Equatable {
    enum Kind: Equatable {
        case copy(address: UInt64)
        case add(address: UInt64)
        case fill(UInt8)
        case literal
        case held
        case packed
    }

    var kind: Kind
    var start: Int
    var length: Int

    var end: Int { start + length }
    var isFill: Bool { if case .fill = kind { true } else { false } }
    /// Address of the log of a copy or an add.
    var address: UInt64? { descriptor.source?.address }

    /// What it takes from the log.
    var stretch: Stretch? {
        switch kind {
        case .copy(let address): Stretch(address: address, length: length, place: start, isAdd: false)
        case .add(let address): Stretch(address: address, length: length, place: start, isAdd: true)
        case .fill, .literal, .held, .packed: nil
        }
    }

    var descriptor: Descriptor {
        switch kind {
        case .copy(let address): .copy(address: address, length: length)
        case .add(let address): .add(address: address, length: length)
        case .fill(let byte): .fill(byte: byte, length: length)
        case .literal: .literal(length: length)
        case .held: .held(length: length)
        case .packed: .packed(length: length)
        }
    }
}

extension ContiguousArray where Element == Step {
    /// How far what follows may lie from where the step before went on and be taken for the same place, in bytes: an edit
    /// moves it by less.
    private static let near: UInt64 = 1 << 14

    /// How often the leaf goes on in another place of the log: what many versions brought a part of does, again and again.
    /// What the log lacks lies in one place by the next version, and is not counted before that.
    var leaps: Int {
        var count = 0
        var latest: UInt64?
        for step in self {
            guard let address = step.address else { continue }
            let diagonal = address &- UInt64(step.start)
            if let latest, diagonal &- latest &+ Self.near > 2 * Self.near { count += 1 }
            latest = diagonal
        }
        return count
    }

    /// Whether the log has all of it: copies, fills, and adds that do not differ. `log`: from address 0 on.
    func areKnown(_ bytes: UnsafeRawBufferPointer, from log: UnsafeRawBufferPointer) -> Bool {
        guard let bytes = bytes.baseAddress, let log = log.baseAddress else { return false }
        return allSatisfy { step in
            switch step.kind {
            case .copy, .fill: true
            case .literal, .held, .packed: false
            case .add(let address):
                ByteCompare.forward(bytes + step.start, log + Int(address), limit: step.length) == step.length
            }
        }
    }

    /// How the adds differ from what they resemble. Where that takes more bytes than they have, they become literals.
    /// `log`: from address 0 on.
    mutating func takeDifferences(
        of bytes: UnsafeRawBufferPointer, from log: UnsafeRawBufferPointer, _ encoder: DifferenceEncoder
    ) -> [UInt8] {
        encoder.begin(compactMap(\.stretch))
        eachAdd(from: log) { step, address, base in
            encoder.add(bytes, step.start..<step.end, base: base, address: address)
        }
        let (coded, count) = (encoder.finish(), addedCount)
        guard count == 0 || coded.count >= count else { return coded }
        dropAdds()
        return []
    }

    /// The bytes of the adds, one after another, less those that they resemble.
    func subtracted(
        _ bytes: UnsafeRawBufferPointer, from log: UnsafeRawBufferPointer, into block: Block
    ) -> UnsafeRawBufferPointer {
        let target = block.prefix(addedCount)
        var place = 0
        eachAdd(from: log) { step, _, base in
            ByteDifferences.subtract(
                base, from: UnsafeRawBufferPointer(rebasing: bytes[step.start..<step.end]),
                into: UnsafeMutableRawBufferPointer(rebasing: target[place...]))
            place += step.length
        }
        return UnsafeRawBufferPointer(target)
    }

    /// Bytes of the adds.
    var addedCount: Int {
        reduce(0) { if case .add = $1.kind { $0 + $1.length } else { $0 } }
    }

    /// The adds become literals.
    mutating func dropAdds() {
        for index in indices {
            if case .add = self[index].kind { self[index].kind = .literal }
        }
    }

    private func eachAdd(
        from log: UnsafeRawBufferPointer,
        _ body: (_ step: Step, _ address: UInt64, _ base: UnsafeRawBufferPointer) -> Void
    ) {
        for step in self {
            guard case .add(let address) = step.kind else { continue }
            body(step, address, UnsafeRawBufferPointer(rebasing: log[Int(address)..<Int(address) + step.length]))
        }
    }

    var literalRanges: [Range<Int>] {
        compactMap { $0.kind == .literal ? $0.start..<$0.end : nil }
    }
}

/// Turns the covers found in a leaf into steps.
struct StepBuilder {
    /// Shortest copy. A shorter one would cut what is learned in two, and later versions are to find it in one piece; as
    /// part of an add it costs no more.
    private static let shortestCopy = 32 << 10
    /// Shortest cover out of what this transfer taught, which is far from what it may be learned with; and in what the
    /// receiver still has.
    private static let shortestElsewhere = 4096
    /// Shorter covers out of what this transfer taught are adds, however equal: these are learned, so that the next
    /// version is found in one piece.
    private static let shortestApart = 64 << 10
    /// With more covers than so many, only long ones count: a leaf has room for so many descriptors.
    private static let most = Limits.descriptors / 8
    private static let longWithMany = 64
    /// Shortest range that is named as held: what the receiver has of many small files is no more than a leaf has room for.
    private static let shortestHeld = Limits.leaf / most

    private let leaf: UnsafeRawBufferPointer
    /// Ranges of the leaf that the receiver still has, ascending.
    private let held: [Range<Int>]
    private(set) var steps: ContiguousArray<Step>

    /// `steps`: an array whose memory is used again.
    init(leaf: UnsafeRawBufferPointer, held: [Range<Int>] = [], reusing steps: consuming ContiguousArray<Step> = []) {
        self.leaf = leaf
        self.held = held.filter { $0.count >= Self.shortestHeld }
        self.steps = steps
        self.steps.removeAll(keepingCapacity: true)
    }

    /// `packed`: ranges of the leaf that are packed anew, ascending, and in no cover; `fresh`: where what this transfer
    /// taught begins in the log, above all that was acknowledged; `log`: from address 0 on.
    mutating func build(
        covers: ContiguousArray<Copy>, packed: [Range<Int>] = [], fresh: UInt64, log: UnsafeRawBufferPointer
    ) {
        var position = 0
        var next = packed.makeIterator()
        var range = next.next()
        let takePacked = { (builder: inout StepBuilder, end: Int) in
            while let now = range, now.upperBound <= end {
                builder.gap(position..<now.lowerBound)
                builder.add(.packed, now)
                position = now.upperBound
                range = next.next()
            }
        }
        for cover in covers {
            takePacked(&self, cover.start)
            if covers.count > Self.most, cover.length < Self.longWithMany { continue }
            if cover.length < Self.shortestElsewhere {
                if cover.address >= fresh { continue }
                if !held.overlapping(cover.start..<cover.end).isEmpty { continue }
            }
            gap(position..<cover.start)
            if cover.address >= fresh, cover.length < Self.shortestApart {
                add(.add(address: cover.address), cover.start..<cover.end)
            } else {
                split(cover, log)
            }
            position = cover.end
        }
        takePacked(&self, leaf.count)
        gap(position..<leaf.count)
    }

    /// The long equal stretches of a cover are copies, what lies between them adds.
    private mutating func split(_ cover: Copy, _ log: UnsafeRawBufferPointer) {
        guard let bytes = leaf.baseAddress, let base = log.baseAddress else { return }
        let (new, old) = (bytes + cover.start, base + Int(cover.address))
        var (added, offset) = (0, 0)
        while offset + Self.shortestCopy <= cover.length {
            // From the end of the shortest copy that may begin here: none begins before the last byte that differs.
            let end = offset + Self.shortestCopy
            let back = ByteCompare.backward(new + end, old + end, limit: Self.shortestCopy)
            guard back == Self.shortestCopy else {
                offset = end - back
                continue
            }
            let equal = back + ByteCompare.forward(new + end, old + end, limit: cover.length - end)
            add(cover, added..<offset, isEqual: false)
            add(cover, offset..<offset + equal, isEqual: true)
            added = offset + equal
            offset = added + 1
        }
        add(cover, added..<cover.length, isEqual: false)
    }

    private mutating func add(_ cover: Copy, _ part: Range<Int>, isEqual: Bool) {
        let address = cover.address + UInt64(part.lowerBound)
        add(
            isEqual ? .copy(address: address) : .add(address: address),
            cover.start + part.lowerBound..<cover.start + part.upperBound)
    }

    /// What no copy covers: fills, which are not learned, also where the receiver has them; then what it has, and literals.
    private mutating func gap(_ range: Range<Int>) {
        guard let base = leaf.baseAddress else { return }
        var start = range.lowerBound
        while let run = Fill.first(in: base, from: start, before: range.upperBound, end: range.upperBound) {
            rest(start..<run.lowerBound)
            add(.fill(ByteCompare.byte(base + run.lowerBound)), run)
            start = run.upperBound
        }
        rest(start..<range.upperBound)
    }

    private mutating func rest(_ range: Range<Int>) {
        var position = range.lowerBound
        for part in held.overlapping(range) {
            add(.literal, position..<max(position, part.lowerBound))
            let start = max(position, part.lowerBound)
            position = min(part.upperBound, range.upperBound)
            add(.held, start..<position)
        }
        add(.literal, position..<range.upperBound)
    }

    private mutating func add(_ kind: Step.Kind, _ range: Range<Int>) {
        if !range.isEmpty { steps.append(Step(kind: kind, start: range.lowerBound, length: range.count)) }
    }
}
