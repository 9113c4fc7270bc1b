import PacketFSBlob
import PacketFSPlan
import PacketFSTestKit
import PacketFSWire
import Testing

@Suite("Provisioning")
struct ProvisionTests {
    private let bench: Workbench
    private let key = [UInt8](repeating: 3, count: Placement.keyLength)

    init() throws {
        bench = try Workbench()
    }

    private func place(
        _ entries: [Int], of tree: ScannedTree, while isWanted: () -> Bool = { true }
    ) throws -> [TreePlacer.Placed] {
        var placer = TreePlacer(tree: tree, entries: entries, log: bench.log, index: bench.index, key: key)
        return try placer.place(while: isWanted) { [bench] count in bench.reserve(count) }
    }

    @Test func filesLieInTheirUnits() throws {
        var random = SeededRandom(seed: 1)
        let first = random.bytes(3 * Placement.unit + 100)
        let second = random.bytes(Placement.unit)
        try bench.folder.file("src/a", first)
        try bench.folder.file("src/b", [])
        try bench.folder.file("src/c", second)
        try bench.folder.file("src/left out", second)
        let tree = try bench.scan()
        let files = tree.manifest.entries.indices.filter { tree.manifest.entries[$0].kind == .file }
        let before = bench.reserved
        let placed = try place(Array(files.prefix(3)), of: tree)
        let source = first + second
        #expect(bench.reserved == before + UInt64(source.count) + 1, "one address stays unused behind the placement")
        #expect(placed.map(\.extent.range) == [AddressRange(address: before, length: source.count)])
        #expect(placed.map(\.entries) == [files[0]...files[2]])
        let placement = try Placement(key: key, address: before, byteCount: UInt64(source.count))
        for unit in 0..<placement.unitCount {
            let range = placement.range(ofUnit: unit)
            expectSame(
                bench.log.bytes(range), Array(source[unit * Placement.unit..<unit * Placement.unit + range.length]))
        }
        #expect(Healer.verify(placed[0].extent, in: bench.log))
    }

    @Test func whatWasPlacedIsFound() throws {
        var random = SeededRandom(seed: 2)
        let bytes = random.bytes(2 * Placement.unit + 5000)
        try bench.folder.file("src/f", bytes)
        let tree = try bench.scan()
        bench.acknowledge(try place([tree.manifest.entries.count - 1], of: tree).map(\.extent))
        let (_, planner) = try bench.send(bytes)
        #expect(planner.report.content.bytes.copied == UInt64(bytes.count))
    }

    @Test func placingStopsOnceItIsNotWanted() throws {
        try bench.folder.file("src/f", [UInt8](repeating: 7, count: Limits.leaf + 1))
        let tree = try bench.scan()
        var asked = 0
        #expect(throws: PlanError.cancelled) {
            try place([tree.manifest.entries.count - 1], of: tree) {
                asked += 1
                return asked == 1
            }
        }
        #expect(asked > 1)
    }

    @Test func nothingIsPlacedOfNothing() throws {
        try bench.folder.file("src/empty", [])
        let before = bench.reserved
        #expect(try place([], of: bench.scan()) == [])
        #expect(bench.reserved == before)
    }

    @Test func aFileThatChangedIsNotPlaced() throws {
        try bench.folder.file("src/f", "before")
        let tree = try bench.scan()
        try bench.folder.file("src/f", "after!")
        #expect(throws: PlanError.sourceChanged) { try place([tree.manifest.entries.count - 1], of: tree) }
    }

    /// No leaf holds bytes of two extents, and all but an extent's last are whole.
    @Test(arguments: [true, false])
    func leavesFollowTheExtents(compresses: Bool) throws {
        let lengths = [Limits.leaf + 1, 3, Limits.leaf]
        var extents: [Extent] = []
        var address: UInt64 = 77
        for (number, length) in lengths.enumerated() {
            let bytes = [UInt8](repeating: UInt8(number), count: length)
            var builder = ExtentBuilder(log: bench.log)
            try bytes.withUnsafeBytes { try builder.append($0, at: address) }
            extents += try builder.finish()
            address += UInt64(length) + 1
        }
        let transfer = TransferID(unchecked: [UInt8](repeating: 1, count: TransferID.byteCount))
        let planner = try LogPlanner(
            transfer: transfer, extents: extents, log: bench.log, tagger: FakeTagger(), compresses: compresses)
        #expect(
            try planner.nextRecord()
                == .opening(transfer, manifest: 0, content: planner.contentLength))
        #expect(planner.contentLength == UInt64(lengths.reduce(0, +)))
        var ranges: [AddressRange] = []
        while case .leaf(let id, let blueprint)? = try planner.nextRecord() {
            #expect(id == LeafID(.content, UInt64(ranges.count)))
            let range = AddressRange(address: try #require(blueprint.learnedAt), length: blueprint.length)
            #expect(blueprint.descriptors == [.literal(length: range.length)])
            #expect(blueprint.coding == (compresses && range.length > 100 ? .zstd : .raw))
            let bytes = bench.log.bytes(range)
            #expect(blueprint.coding == .zstd || blueprint.literals == bytes)
            #expect(bytes.withUnsafeBytes { FakeTagger.digest(id, -1, $0) } == blueprint.tag)
            ranges.append(range)
        }
        #expect(ranges.map(\.length) == [Limits.leaf, 1, 3, Limits.leaf])
        #expect(ranges[1].address == ranges[0].end && planner.contentPlanned == planner.contentLength)
    }
}
