import PacketFSBlob
import PacketFSPlan
import PacketFSWire
import Testing

/// A sender's home for tests: sources, a log with its index, and what the receiver acknowledged.
final class Workbench {
    let folder: TemporaryFolder
    let log: Log
    let index: MatchIndex
    /// That of the transfer planned last.
    private(set) var tagger = FakeTagger()
    var options = PlanOptions()
    /// Several transfers brought what the receiver has.
    var isHistory = false
    private(set) var acknowledged: [(AddressRange, [UInt8])] = []
    private(set) var reserved: UInt64 = 4096

    init() throws {
        folder = try TemporaryFolder()
        try folder.folder("src")
        log = try Log(
            file: folder.path + "/log", id: LogID(unchecked: [UInt8](repeating: 7, count: LogID.byteCount)),
            create: true)
        index = try MatchIndex(
            file: folder.path + "/index", log: LogID(unchecked: [UInt8](repeating: 7, count: LogID.byteCount)))
        try index.rebuild(from: log, runs: RunSet([]))
    }

    /// Puts bytes in the log that the receiver has, or not.
    func provide(_ bytes: [UInt8], isAcknowledged: Bool = true) throws {
        let range = AddressRange(address: reserved, length: bytes.count)
        reserved += UInt64(bytes.count) + 100
        try bytes.withUnsafeBytes { bytes in
            try log.write(bytes, at: range.address)
            index.insert(bytes, at: range.address)
        }
        if isAcknowledged { acknowledged.append((range, bytes)) }
    }

    func acknowledge(_ extents: [Extent]) {
        for extent in extents { acknowledged.append((extent.range, log.bytes(extent.range))) }
    }

    func scan() throws -> ScannedTree {
        try TreeScanner.scan(sources: [folder.path + "/src/"])
    }

    func planner(_ tree: ScannedTree, origins: [Origin]? = nil, held: [Int: UInt64] = [:]) throws -> Planner {
        tagger = FakeTagger()
        return try Planner(
            transfer: TransferID(unchecked: [UInt8](repeating: 1, count: TransferID.byteCount)), tree: tree,
            origins: origins ?? Origins.choose(for: tree, from: nil, checksums: false), held: held,
            runs: RunSet(acknowledged.map(\.0)), isHistory: isHistory, log: log, index: index, tagger: tagger,
            options: options,
            reserve: { [self] count in reserve(count) })
    }

    func reserve(_ count: Int) -> AddressRange {
        defer { reserved += UInt64(count) }
        return AddressRange(address: reserved, length: count)
    }

    /// Plans to the end, and reads it as the receiver would.
    func run(_ planner: Planner, held: [UInt8] = [], pace: Pace? = nil) throws -> PlanReader {
        var reader = PlanReader(runs: acknowledged)
        reader.held = held
        while let step = try planner.next(pace: pace) {
            switch step {
            case .record(let record): try reader.take(record)
            case .dropped(let entries): reader.take(entries)
            }
        }
        #expect(!tagger.hasClash)
        return reader
    }

    /// Sends one file of these bytes and checks that the receiver gets them.
    @discardableResult
    func send(_ bytes: [UInt8]) throws -> (PlanReader, Planner) {
        try folder.file("src/f", bytes)
        let tree = try scan()
        let planner = try planner(tree)
        let reader = try run(planner)
        expectSame(reader.streams[.content, default: []], bytes)
        expectSame(reader.streams[.manifest], try tree.manifest.encode())
        return (reader, planner)
    }
}
