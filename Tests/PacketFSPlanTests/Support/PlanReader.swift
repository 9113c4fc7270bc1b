import CZstd
import PacketFSModel
import PacketFSWire
import Testing

/// The other side of a plan, as plainly as can be: rebuilds both streams from records and from what the receiver may
/// look at, and checks every rule on the way.
struct PlanReader {
    enum Failure: Error, Equatable {
        case outsideRuns
        case badLiterals
        case badPacking
        case badTag
        case badOrder
        case learnedTwice
    }

    /// The receiver's replica: only what it acknowledged, and what it learns.
    private(set) var replica: [(range: AddressRange, bytes: [UInt8])]
    /// How many of these it had before.
    private let acknowledged: Int
    private(set) var streams: [StreamKind: [UInt8]] = [:]
    private(set) var leaves: [LeafID: [UInt8]] = [:]
    private(set) var dropped: [FailedEntry] = []
    private(set) var origins: [Origin] = []
    private(set) var blueprints: [LeafID: LeafBlueprint] = [:]
    private(set) var announced: (manifest: UInt64, content: UInt64) = (0, 0)
    private var previous: [StreamKind: [UInt8]] = [:]
    /// What the receiver has of the content stream from before, by offset.
    var held: [UInt8] = []

    init(runs: [(AddressRange, [UInt8])]) {
        replica = runs.map { (range: $0.0, bytes: $0.1) }
        acknowledged = runs.count
    }

    private func load(_ range: AddressRange) throws -> [UInt8] {
        guard let run = replica.first(where: { $0.range.address <= range.address && range.end <= $0.range.end }) else {
            throw Failure.outsideRuns
        }
        let start = Int(range.address - run.range.address)
        return Array(run.bytes[start..<start + range.length])
    }

    private func run(holding address: UInt64) -> AddressRange? {
        replica.first { $0.range.address <= address && address < $0.range.end }?.range
    }

    mutating func take(_ record: DataRecord) throws {
        // Through the wire and back: a plan that cannot be encoded is none.
        let record = try Self.sent(record)
        switch record {
        case .opening(_, let manifest, let content):
            announced = (manifest, content)
        case .origins(let origins):
            self.origins = origins
        case .more(let content):
            announced.content += content
        case .leaf(let leaf, let blueprint):
            try take(blueprint, leaf)
        }
    }

    mutating func take(_ entries: [FailedEntry]) { dropped += entries }

    private static func sent(_ record: DataRecord) throws -> DataRecord {
        var reader = RecordReader()
        try reader.append(try record.encode())
        let raw = reader.next()
        return try DataRecord(decoding: try #require(raw))
    }

    private mutating func take(_ blueprint: LeafBlueprint, _ leaf: LeafID) throws {
        guard leaves[leaf] == nil, leaf.index == 0 || leaves[LeafID(leaf.stream, leaf.index - 1)] != nil else {
            throw Failure.badOrder
        }
        var literals = blueprint.coding == .modelled ? [] : try decode(blueprint, leaf.stream)[...]
        if blueprint.coding == .modelled { literals += [UInt8](repeating: 0, count: blueprint.literalLength) }
        var packed = try packed(blueprint)[...]
        var rebuilt: [UInt8] = []
        for descriptor in blueprint.descriptors {
            switch descriptor {
            case .copy(let address, let length):
                rebuilt += try load(AddressRange(address: address, length: length))
            case .fill(let byte, let length):
                rebuilt += [UInt8](repeating: byte, count: length)
            case .literal(let length):
                guard literals.count >= length else { throw Failure.badLiterals }
                rebuilt += literals.prefix(length)
                literals = literals.dropFirst(length)
            case .held(let length):
                let start = streams[leaf.stream, default: []].count + rebuilt.count
                guard leaf.stream == .content, start + length <= held.count else { throw Failure.badLiterals }
                rebuilt += held[start..<start + length]
            case .add(_, let length):
                rebuilt += [UInt8](repeating: 0, count: length)
            case .packed(let length):
                let bytes = packed.popFirst() ?? []
                guard bytes.count == length else { throw Failure.badPacking }
                rebuilt += bytes
            }
        }
        guard literals.isEmpty else { throw Failure.badLiterals }
        try Self.readModelled(blueprint, into: &rebuilt, run: run(holding:), load)
        guard rebuilt.withUnsafeBytes({ FakeTagger.digest(leaf, -1, $0) }) == blueprint.tag else {
            throw Failure.badTag
        }
        if let address = blueprint.learnedAt { try learn(Self.learned(blueprint, of: rebuilt), at: address) }
        leaves[leaf] = rebuilt
        blueprints[leaf] = blueprint
        streams[leaf.stream, default: []] += rebuilt
    }

    private static func learned(_ blueprint: LeafBlueprint, of leaf: [UInt8]) -> [UInt8] {
        var learned: [UInt8] = []
        var offset = 0
        for descriptor in blueprint.descriptors {
            if blueprint.learning.takes(descriptor.kind) { learned += leaf[offset..<offset + descriptor.length] }
            offset += descriptor.length
        }
        return learned
    }

    /// What is told by the bytes of the log, or of the leaf, that it resembles.
    private static func readModelled(
        _ blueprint: some Blueprint, into leaf: inout [UInt8], run: (UInt64) -> AddressRange?,
        _ load: (AddressRange) throws -> [UInt8]
    ) throws {
        let bases = try blueprint.stretches.map { try load(AddressRange(address: $0.address, length: $0.length)) }
        var context: [UInt8] = []
        let surroundings = blueprint.surroundings(run)
        if blueprint.coding == .modelled {
            for range in blueprint.contexts + surroundings.ranges { context += try load(range) }
        }
        try leaf.withUnsafeMutableBytes { leaf in
            switch blueprint.differenceCoding {
            case .zstd: try Self.sum(blueprint, bases, into: leaf)
            case .modelled:
                let isExact = DifferenceDecoder().leaf(blueprint.differences, blueprint.stretches) { adds in
                    for (stretch, base) in zip(blueprint.stretches, bases) where stretch.isAdd {
                        let range = stretch.place..<stretch.place + stretch.length
                        base.withUnsafeBytes { adds.add(leaf, range, base: $0, address: stretch.address) }
                    }
                }
                guard isExact || !blueprint.hasAdds else { throw Failure.badLiterals }
            }
            guard blueprint.coding == .modelled else { return }
            let isRight = context.withUnsafeBytes {
                LiteralModelDecoder().decode(blueprint.literals, into: leaf, surroundings.literals, context: $0)
            }
            guard isRight else { throw Failure.badLiterals }
        }
    }

    private static func sum(_ blueprint: some Blueprint, _ bases: [[UInt8]], into leaf: UnsafeMutableRawBufferPointer)
        throws
    {
        let adds = zip(blueprint.stretches, bases).filter(\.0.isAdd)
        let differences = try inflate(blueprint.differences, prefix: [], adds.reduce(0) { $0 + $1.0.length })
        var taken = 0
        for (stretch, base) in adds {
            for offset in base.indices { leaf[stretch.place + offset] = base[offset] &+ differences[taken + offset] }
            taken += base.count
        }
    }

    /// The streams that are packed anew.
    private func packed(_ blueprint: LeafBlueprint) throws -> [[UInt8]] {
        guard let opened = blueprint.opened else { return [] }
        var base: [UInt8] = []
        for range in opened.bases {
            try load(range).withUnsafeBytes { bytes in
                let stream = try OpenedStream(bytes, limit: Limits.opened, blocks: Limits.packedBlocks)
                guard stream.byteCount == range.length else { throw Failure.badPacking }
                base += stream.content
            }
        }
        let part = { (range: AddressRange) throws -> [UInt8] in
            guard range.end <= UInt64(base.count) else { throw Failure.outsideRuns }
            return Array(base[Int(range.address)..<Int(range.end)])
        }
        var literals = try Self.literals(opened, part)[...]
        var content: [UInt8] = []
        for descriptor in opened.descriptors {
            switch descriptor {
            case .copy(let address, let length): content += try part(AddressRange(address: address, length: length))
            case .fill(let byte, let length): content += [UInt8](repeating: byte, count: length)
            case .add(_, let length): content += [UInt8](repeating: 0, count: length)
            case .literal(let length):
                content += literals.prefix(length)
                literals = literals.dropFirst(length)
            case .held, .packed: throw Failure.badPacking
            }
        }
        let all = AddressRange(address: 0, length: base.count)
        try Self.readModelled(opened, into: &content, run: { $0 < all.end ? all : nil }, part)
        var patience = Packing.patience
        var place = 0
        return try opened.packings.map { packing in
            defer { place += packing.length }
            return try content[place..<place + packing.length].withUnsafeBytes {
                try #require(packing.pack($0, limit: Limits.leaf, patience: &patience))
            }
        }
    }

    private static func literals(
        _ opened: OpenedBlueprint, _ part: (AddressRange) throws -> [UInt8]
    ) throws -> [UInt8] {
        let length = opened.literalLength
        switch opened.coding {
        case .raw: return opened.literals
        case .modelled: return [UInt8](repeating: 0, count: length)
        case .zstd: return try inflate(opened.literals, prefix: [], length)
        case .zstdContext: return try inflate(opened.literals, prefix: opened.contexts.flatMap(part), length)
        case .zstdPrevious: throw Failure.badPacking
        }
    }

    private mutating func learn(_ bytes: [UInt8], at address: UInt64) throws {
        guard !bytes.isEmpty else { throw Failure.badLiterals }
        let range = AddressRange(address: address, length: bytes.count)
        guard !replica.contains(where: { $0.range.address < range.end && range.address < $0.range.end }) else {
            throw Failure.learnedTwice
        }
        if let last = replica.indices.last, last >= acknowledged, replica[last].range.end == address {
            replica[last].range.length += bytes.count
            replica[last].bytes += bytes
        } else {
            replica.append((range: range, bytes: bytes))
        }
    }

    private mutating func decode(_ blueprint: LeafBlueprint, _ stream: StreamKind) throws -> [UInt8] {
        let length = blueprint.literalLength
        var literals = blueprint.literals
        switch blueprint.coding {
        case .raw, .modelled: break
        case .zstd: literals = try Self.inflate(literals, prefix: [], length)
        case .zstdContext:
            var prefix: [UInt8] = []
            for range in blueprint.contexts { prefix += try load(range) }
            literals = try Self.inflate(literals, prefix: prefix, length)
        case .zstdPrevious:
            literals = try Self.inflate(literals, prefix: previous[stream, default: []], length)
        }
        guard literals.count == length else { throw Failure.badLiterals }
        if blueprint.coding.isAuthentic, !literals.isEmpty { previous[stream] = literals.suffix(Limits.leaf) }
        return literals
    }

    private static func inflate(_ bytes: [UInt8], prefix: [UInt8], _ length: Int) throws -> [UInt8] {
        let context = try #require(ZSTD_createDCtx())
        defer { ZSTD_freeDCtx(context) }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 24)
        var output = [UInt8](repeating: 0, count: length + 1)
        let count = prefix.withUnsafeBytes { prefix in
            ZSTD_DCtx_refPrefix(context, prefix.baseAddress, prefix.count)
            return ZSTD_decompressDCtx(context, &output, output.count, bytes, bytes.count)
        }
        guard ZSTD_isError(count) == 0, count == length else { throw Failure.badLiterals }
        return Array(output.prefix(length))
    }
}
