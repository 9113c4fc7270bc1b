import PacketFSBlob
import PacketFSWire

/// Leaves that cannot be written yet: they failed and wait for their parts, or came before the manifest was known.
/// Their bytes and descriptors wait in a scratch file, a slot each, so that of each leaf a few KiB are in memory: some
/// hundred MiB at most.
struct PendingLeaves {
    /// Leaves that may wait at once.
    static let capacity = 1 << 16
    /// Ranges in place that are remembered for one leaf; with more, all of it is written again.
    static let ranges = 64

    struct Pending {
        fileprivate let slot: UInt64
        let length: Int
        let tag: [UInt8]
        let learnedAt: UInt64?
        let learning: Learning
        let literalsLearned: Bool
        fileprivate let descriptors: Int
        /// Ranges that its literals and what is packed in it rest on.
        fileprivate let rests: Int
        /// Ranges that lie where they belong already, whatever repair brings.
        fileprivate(set) var inPlace: [Range<Int>]
        /// Verified, and waits for the manifest alone.
        fileprivate(set) var isVerified: Bool
        var repair: Repair?
    }

    /// The parts that were asked for.
    struct Repair {
        let tags: [UInt8]
        /// Wanted parts, and how many bytes of each have come.
        var received: [Int: Int]
    }

    private static let stride = UInt64(
        Limits.leaf + DescriptorWords.byteCount * (Limits.descriptors + Limits.contexts + Limits.packed))

    private let scratch: ScratchFile
    private var pending: [LeafID: Pending] = [:]
    private var free: [UInt64] = []
    private var used: UInt64 = 0

    init(_ scratch: ScratchFile) {
        self.scratch = scratch
    }

    var isEmpty: Bool { pending.isEmpty }
    var ids: [LeafID] { pending.keys.sorted() }

    /// Leaves of which the tags of the parts are known, ascending.
    func underRepair(of stream: StreamKind) -> [LeafID] {
        ids.filter { $0.stream == stream && pending[$0]?.repair != nil }
    }

    subscript(_ id: LeafID) -> Pending? {
        pending[id]
    }

    mutating func add(
        _ id: LeafID, _ blueprint: LeafBlueprint, _ leaf: LeafDecoder.Leaf, literalsLearned: Bool, isVerified: Bool
    ) throws(RebuildError) {
        guard pending.count < Self.capacity else { throw .outOfResources }
        let slot = free.popLast() ?? used
        used = max(used, slot + 1)
        try scratch.write(leaf.bytes, at: slot * Self.stride)
        let rests = blueprint.contexts + (blueprint.opened?.bases ?? [])
        let words = DescriptorWords.encode(
            blueprint.descriptors + rests.map { .copy(address: $0.address, length: $0.length) })
        let offset = slot * Self.stride + UInt64(Limits.leaf)
        try words.withRawBytes { bytes throws(RebuildError) in try scratch.write(bytes, at: offset) }
        pending[id] = Pending(
            slot: slot, length: leaf.bytes.count, tag: blueprint.tag, learnedAt: blueprint.learnedAt,
            learning: blueprint.learning, literalsLearned: literalsLearned, descriptors: blueprint.descriptors.count,
            rests: rests.count,
            inPlace: leaf.inPlace.count <= Self.ranges ? leaf.inPlace : [], isVerified: isVerified, repair: nil)
    }

    mutating func startRepair(_ id: LeafID, tags: [UInt8], wanted: [Int]) {
        for part in wanted { pending[id]?.replace(part: part) }
        pending[id]?.repair = Repair(tags: tags, received: Dictionary(uniqueKeysWithValues: wanted.map { ($0, 0) }))
    }

    /// Writes the next bytes of a wanted part. Throws `outOfOrder` if others are due.
    mutating func write(_ bytes: [UInt8], of part: Int, at offset: Int, to id: LeafID) throws(RebuildError) {
        guard let leaf = pending[id], let done = leaf.repair?.received[part], done == offset, !bytes.isEmpty else {
            throw .outOfOrder
        }
        let start = part * Limits.part
        guard bytes.count <= min(Limits.part, leaf.length - start) - offset else { throw .wrongLength }
        let position = leaf.slot * Self.stride + UInt64(start + offset)
        try bytes.withRawBytes { bytes throws(RebuildError) in try scratch.write(bytes, at: position) }
        pending[id]?.repair?.received[part] = done + bytes.count
    }

    /// Keeps a repaired leaf, which then waits for the manifest alone.
    mutating func verify(_ id: LeafID) {
        pending[id]?.isVerified = true
        pending[id]?.repair = nil
    }

    func read(_ leaf: Pending, into block: Block) throws(RebuildError) -> UnsafeRawBufferPointer {
        let target = block.prefix(leaf.length)
        try scratch.read(into: target, at: leaf.slot * Self.stride)
        return UnsafeRawBufferPointer(target)
    }

    func blueprint(of leaf: Pending) throws(RebuildError) -> (descriptors: [Descriptor], rests: [AddressRange]) {
        var words = [UInt64](repeating: 0, count: 2 * (leaf.descriptors + leaf.rests))
        let offset = leaf.slot * Self.stride + UInt64(Limits.leaf)
        try words.withMutableRawBytes { bytes throws(RebuildError) in try scratch.read(into: bytes, at: offset) }
        let all = DescriptorWords.decode(words)
        return (Array(all[..<leaf.descriptors]), all[leaf.descriptors...].compactMap(\.source))
    }

    mutating func remove(_ id: LeafID) {
        guard let leaf = pending.removeValue(forKey: id) else { return }
        free.append(leaf.slot)
    }
}

extension PendingLeaves.Pending {
    /// The bytes of a part, as a range of the leaf; `nil` if the leaf has no such part.
    func range(ofPart part: Int) -> Range<Int>? {
        guard part >= 0, part < parts else { return nil }
        return part * Limits.part..<min((part + 1) * Limits.part, length)
    }

    /// A part that comes anew is in place nowhere.
    fileprivate mutating func replace(part: Int) {
        guard let bad = range(ofPart: part) else { return }
        inPlace = inPlace.flatMap { range in
            guard range.overlaps(bad) else { return [range] }
            let before = range.lowerBound..<max(range.lowerBound, bad.lowerBound)
            let after = min(range.upperBound, bad.upperBound)..<range.upperBound
            return [before, after].filter { !$0.isEmpty }
        }
    }

    var parts: Int { (length + Limits.part - 1) / Limits.part }

    /// Whether every wanted part has come whole.
    var isRepaired: Bool {
        guard let repair else { return false }
        return repair.received.allSatisfy { part, count in range(ofPart: part)?.count == count }
    }
}

/// Descriptors as pairs of words, for the scratch file alone.
enum DescriptorWords {
    /// Of one descriptor.
    static let byteCount = 16

    static func encode(_ descriptors: [Descriptor]) -> [UInt64] {
        var words: [UInt64] = []
        words.reserveCapacity(2 * descriptors.count)
        for descriptor in descriptors {
            let (kind, value): (UInt64, UInt64) =
                switch descriptor {
                case .copy(let address, _): (0, address)
                case .fill(let byte, _): (1, UInt64(byte))
                case .literal: (2, 0)
                case .held: (3, 0)
                case .add(let address, _): (4, address)
                case .packed: (5, 0)
                }
            words += [kind << 32 | UInt64(descriptor.length), value]
        }
        return words
    }

    static func decode(_ words: [UInt64]) -> [Descriptor] {
        stride(from: 0, to: words.count - 1, by: 2).map { index in
            let length = Int(words[index] & 0xffff_ffff)
            return switch words[index] >> 32 {
            case 0: .copy(address: words[index + 1], length: length)
            case 1: .fill(byte: UInt8(truncatingIfNeeded: words[index + 1]), length: length)
            case 2: .literal(length: length)
            case 3: .held(length: length)
            case 4: .add(address: words[index + 1], length: length)
            default: .packed(length: length)
            }
        }
    }
}
