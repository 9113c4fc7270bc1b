import PacketFSRebuild
import PacketFSWire

/// A sender's side by hand: a tree, its two streams, and a blueprint for each leaf.
struct TestSender {
    typealias Describe = (_ id: LeafID, _ bytes: [UInt8]) -> LeafBlueprint

    var transfer: TransferID
    var manifest: Manifest
    /// Bytes of the file entries.
    var contents: [Int: [UInt8]]
    /// Versions of entries that are kept; the others are sent.
    var kept: [Int: TransferID] = [:]
    /// As for a dry run: no contents travel.
    var omitsContent = false
    /// How leaves are described; raw literals if it returns nothing of interest.
    var describe: Describe = { id, bytes in TestSender.literal(id, bytes) }

    init(_ nodes: [Node], number: UInt8 = 1) {
        transfer = TransferID(unchecked: [UInt8](repeating: number, count: 16))
        manifest = Manifest(entries: nodes.map(\.entry))
        contents = [:]
        for (index, node) in nodes.enumerated() where node.entry.kind == .file { contents[index] = node.bytes }
    }

    static func literal(_ id: LeafID, _ bytes: [UInt8]) -> LeafBlueprint {
        LeafBlueprint(
            descriptors: [.literal(length: bytes.count)], coding: .raw, literals: bytes, tag: tag(id, bytes))
    }

    static func tag(_ id: LeafID, _ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { TestTagger().tag(leaf: id, bytes: $0) }
    }

    var files: [Int] { manifest.entries.indices.filter { manifest.entries[$0].kind == .file } }
    var content: [UInt8] { omitsContent ? [] : files.filter { kept[$0] == nil }.flatMap { contents[$0] ?? [] } }

    func content(of wanted: [Int]) -> [UInt8] {
        wanted.flatMap { contents[$0] ?? [] }
    }

    func bytes(of id: LeafID, wanted: [Int] = []) throws -> [UInt8] {
        let first = id.stream == .manifest ? try manifest.encode() : content
        let leaves = Self.cut(first, id.stream, from: 0)
        if let leaf = leaves.first(where: { $0.0 == id }) { return leaf.1 }
        let more = Self.cut(content(of: wanted), id.stream, from: UInt64(leaves.count))
        return more.first { $0.0 == id }?.1 ?? []
    }

    static func cut(_ bytes: [UInt8], _ stream: StreamKind, from first: UInt64) -> [(LeafID, [UInt8])] {
        stride(from: 0, to: bytes.count, by: Limits.leaf).enumerated().map { number, start in
            let id = LeafID(stream, first + UInt64(number))
            return (id, Array(bytes[start..<min(start + Limits.leaf, bytes.count)]))
        }
    }

    /// The data plane from opening to the last leaf that nobody had to ask for.
    func records() throws -> [DataRecord] {
        let encoding = try manifest.encode()
        let content = self.content
        var records: [DataRecord] = [
            .opening(transfer, manifest: UInt64(encoding.count), content: UInt64(content.count))
        ]
        records += Self.cut(encoding, .manifest, from: 0).map { .leaf($0, describe($0, $1)) }
        records.append(.origins(files.map { kept[$0].map(Origin.kept) ?? .sent }))
        records += Self.cut(content, .content, from: 0).map { .leaf($0, describe($0, $1)) }
        return records
    }

    func more(_ wanted: [Int]) -> [DataRecord] {
        let bytes = content(of: wanted)
        let first = UInt64(Self.cut(content, .content, from: 0).count)
        return [.more(content: UInt64(bytes.count))]
            + Self.cut(bytes, .content, from: first).map { .leaf($0, describe($0, $1)) }
    }

    /// One thing in a tree.
    struct Node {
        var entry: ManifestEntry
        var bytes: [UInt8] = []

        static func file(_ path: String, _ bytes: [UInt8], mode: UInt16 = 0o644, seconds: Int64 = 1_000_000) -> Node {
            let time = FileTime(seconds: seconds, nanoseconds: 123_456_789)
            return Node(
                entry: ManifestEntry(
                    path: Array(path.utf8), kind: .file, mode: mode, modified: time, size: UInt64(bytes.count)),
                bytes: bytes)
        }

        static func file(_ path: String, _ text: String, mode: UInt16 = 0o644, seconds: Int64 = 1_000_000) -> Node {
            file(path, Array(text.utf8), mode: mode, seconds: seconds)
        }

        static func folder(_ path: String, mode: UInt16 = 0o755, seconds: Int64 = 2_000_000) -> Node {
            let time = FileTime(seconds: seconds, nanoseconds: 7)
            return Node(entry: ManifestEntry(path: Array(path.utf8), kind: .folder, mode: mode, modified: time))
        }

        static func symlink(_ path: String, to target: String) -> Node {
            let time = FileTime(seconds: 3_000_000, nanoseconds: 9)
            return Node(
                entry: ManifestEntry(
                    path: Array(path.utf8), kind: .symlink, mode: 0o777, modified: time, target: Array(target.utf8)))
        }

        static func hardLink(_ path: String, to entry: Int) -> Node {
            let time = FileTime(seconds: 0, nanoseconds: 0)
            return Node(
                entry: ManifestEntry(path: Array(path.utf8), kind: .hardLink, mode: 0, modified: time, linked: entry))
        }

        func with(_ change: (inout ManifestEntry) -> Void) -> Node {
            var node = self
            change(&node.entry)
            return node
        }
    }
}

extension TestSender {
    /// Drives a whole transfer, repairs and wanted entries too. `limit`: stop after that many records.
    @discardableResult
    func run(
        _ rebuilder: Rebuilder, limit: Int = .max, before: (Int) throws -> Void = { _ in }
    ) throws -> FinishedTransfer? {
        var wanted: [Int] = []
        var queue = try records()
        var taken = 0
        while !queue.isEmpty, taken < limit {
            try before(taken)
            taken += 1
            try handle(rebuilder.record(queue.removeFirst()), rebuilder, &queue, &wanted)
        }
        guard taken < limit else { return nil }
        return rebuilder.isComplete ? try rebuilder.finish() : nil
    }

    private func handle(
        _ step: RebuildStep, _ rebuilder: Rebuilder, _ queue: inout [DataRecord], _ wanted: inout [Int]
    ) throws {
        switch step {
        case .none:
            break
        case .failed(let leaf):
            try handle(repair(leaf, rebuilder, wanted: wanted), rebuilder, &queue, &wanted)
        case .manifestReady:
            try handle(rebuilder.proceed(), rebuilder, &queue, &wanted)
        case .wanted(let entries):
            wanted = entries
            queue += more(entries)
        }
    }

    func partTags(_ id: LeafID, _ bytes: [UInt8]) -> [UInt8] {
        parts(bytes).enumerated().flatMap { part, bytes in
            bytes.withUnsafeBytes { TestTagger().tag(part: part, of: id, bytes: $0) }
        }
    }

    func parts(_ bytes: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: Limits.part).map { Array(bytes[$0..<min($0 + Limits.part, bytes.count)]) }
    }

    private func repair(_ id: LeafID, _ rebuilder: Rebuilder, wanted: [Int]) throws -> RebuildStep {
        let bytes = try bytes(of: id, wanted: wanted)
        var step = RebuildStep.none
        for part in try rebuilder.tags(id, partTags(id, bytes)) {
            let all = parts(bytes)[part]
            for start in stride(from: 0, to: all.count, by: Limits.part / 2) {
                let slice = Array(all[start..<min(start + Limits.part / 2, all.count)])
                if case .verified(let next) = try rebuilder.part(id, part: part, offset: start, bytes: slice) {
                    step = next
                }
            }
        }
        return step
    }
}
