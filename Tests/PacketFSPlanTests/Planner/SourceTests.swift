import Foundation
import Glibc
import PacketFSBlob
import PacketFSPlan
import PacketFSTestKit
import PacketFSWire
import Testing

/// Sources that are not what the scan saw, and leaves that are read a second time.
@Suite struct SourceTests {
    enum Fate: CaseIterable, Sendable {
        case changed, shrunk, grown, gone, aLink, aFolder, aPipe, replaced
    }

    private func suffer(_ fate: Fate, _ folder: TemporaryFolder, _ name: String) throws {
        let path = folder.path + "/" + name
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        usleep(20_000)
        switch fate {
        case .changed:
            let file = open(path, O_WRONLY)
            #expect(pwrite(file, "!", 1, 10) == 1)
            close(file)
        case .shrunk: #expect(truncate(path, off_t(bytes.count / 2)) == 0)
        case .grown: #expect(truncate(path, off_t(bytes.count + 1)) == 0)
        case .gone: #expect(unlink(path) == 0)
        case .aLink:
            #expect(rename(path, path + "-moved") == 0)
            #expect(symlink(path + "-moved", path) == 0)
        case .aFolder:
            #expect(unlink(path) == 0 && mkdir(path, 0o700) == 0)
        case .aPipe:
            #expect(unlink(path) == 0 && mkfifo(path, 0o600) == 0)
        case .replaced:
            #expect(unlink(path) == 0)
            try bytes.write(to: URL(fileURLWithPath: path))
        }
    }

    @Test(arguments: Fate.allCases)
    func aFileThatChangesIsDroppedAndTheRestTravels(_ fate: Fate) throws {
        var random = SeededRandom(seed: 1)
        let bench = try Workbench()
        let (a, b, c) = (random.bytes(10_000), random.bytes(20_000), random.bytes(5000))
        try bench.folder.file("src/a", a)
        try bench.folder.file("src/b", b)
        try bench.folder.file("src/c", c)
        let tree = try bench.scan()
        try suffer(fate, bench.folder, "src/b")
        let planner = try bench.planner(tree)
        let reader = try bench.run(planner)
        expectSame(reader.streams[.content], a + [UInt8](repeating: 0, count: b.count) + c)
        #expect(reader.dropped == [FailedEntry(entry: 2, failure: .sourceChanged)])
        #expect(planner.report.dropped == 1)
    }

    @Test func aFileThatChangesInTheMiddleEndsInZeros() throws {
        var random = SeededRandom(seed: 2)
        let bench = try Workbench()
        let bytes = random.bytes(2 * Limits.leaf + 100)
        try bench.folder.file("src/a", bytes)
        try bench.folder.file("src/b", "behind it")
        let planner = try bench.planner(try bench.scan())
        var reader = PlanReader(runs: [])
        var leaves = 0
        while let step = try planner.next() {
            switch step {
            case .record(let record):
                // The word about a dropped entry comes before its last byte.
                if case .leaf(let leaf, _) = record, leaf == LeafID(.content, 2) { #expect(!reader.dropped.isEmpty) }
                try reader.take(record)
                if case .leaf(let leaf, _) = record, leaf == LeafID(.content, 0) {
                    try suffer(.changed, bench.folder, "src/a")
                }
                leaves += 1
            case .dropped(let entries): reader.take(entries)
            }
        }
        #expect(reader.dropped == [FailedEntry(entry: 1, failure: .sourceChanged)])
        let zeros = [UInt8](repeating: 0, count: Limits.leaf + 100)
        expectSame(reader.streams[.content], Array(bytes.prefix(Limits.leaf)) + zeros + Array("behind it".utf8))
        // The first leaf cannot be had again; the others can, as they were sent.
        #expect(throws: PlanError.sourceChanged) { try planner.tags(of: LeafID(.content, 0)) }
        #expect(throws: PlanError.sourceChanged) { try planner.part(1, of: LeafID(.content, 0)) }
        #expect(try planner.part(0, of: LeafID(.content, 1)) == [UInt8](repeating: 0, count: Limits.part))
        #expect(try planner.part(0, of: LeafID(.content, 2)).suffix(9) == Array("behind it".utf8))
        #expect(!bench.tagger.hasClash)
    }

    /// To root, every file is readable.
    @Test func anUnreadableFileIsDropped() async {
        await #expect(processExitsWith: .success) {
            let bench = try Workbench()
            try bench.folder.file("src/a", "secret")
            #expect(chmod(bench.folder.path + "/src/a", 0) == 0)
            if getuid() == 0 { #expect(seteuid(65_534) == 0) }
            defer { if getuid() == 0 { #expect(seteuid(0) == 0) } }
            let reader = try bench.run(try bench.planner(try bench.scan()))
            #expect(reader.dropped == [FailedEntry(entry: 1, failure: .unreadable)])
        }
    }

    @Test func leavesAreReadAgain() throws {
        var random = SeededRandom(seed: 3)
        let bench = try Workbench()
        let bytes = random.bytes(Limits.leaf + 2 * Limits.part + 17)
        let (reader, planner) = try bench.send(bytes)
        for (leaf, rebuilt) in reader.leaves {
            let tags = try planner.tags(of: leaf)
            let parts = (rebuilt.count + Limits.part - 1) / Limits.part
            #expect(tags.count == parts * Limits.tag)
            for part in 0..<parts {
                let expected = Array(rebuilt[part * Limits.part..<min(rebuilt.count, (part + 1) * Limits.part)])
                expectSame(try planner.part(part, of: leaf), expected)
                let tag = expected.withUnsafeBytes { FakeTagger.digest(leaf, part, $0) }
                #expect(Array(tags[part * Limits.tag..<(part + 1) * Limits.tag]) == tag)
            }
            #expect(throws: PlanError.unknownLeaf) { try planner.part(parts, of: leaf) }
            #expect(throws: PlanError.unknownLeaf) { try planner.part(-1, of: leaf) }
            #expect(throws: PlanError.unknownLeaf) { try planner.part(.max, of: leaf) }
        }
        for unknown in [LeafID(.content, 2), LeafID(.manifest, 1), LeafID(.manifest, .max), LeafID(.content, .max)] {
            #expect(throws: PlanError.unknownLeaf) { try planner.tags(of: unknown) }
        }
        #expect(!bench.tagger.hasClash)
        try suffer(.changed, bench.folder, "src/f")
        #expect(throws: PlanError.sourceChanged) { try planner.tags(of: LeafID(.content, 0)) }
        #expect(!bench.tagger.hasClash)
    }

    @Test func leavesToComeAreUnknown() throws {
        let bench = try Workbench()
        try bench.folder.file("src/a", "x")
        let planner = try bench.planner(try bench.scan())
        #expect(throws: PlanError.unknownLeaf) { try planner.tags(of: LeafID(.manifest, 0)) }
        #expect(throws: PlanError.unknownLeaf) { try planner.tags(of: LeafID(.content, 0)) }
    }

    @Test func heldBytesAreNotSentButLearned() throws {
        var random = SeededRandom(seed: 4)
        let bench = try Workbench()
        let bytes = random.bytes(Limits.leaf + 100_000)
        try bench.folder.file("src/a", "first")
        try bench.folder.file("src/b", bytes)
        let planner = try bench.planner(try bench.scan(), held: [2: UInt64(Limits.leaf + 50_000)])
        let reader = try bench.run(planner, held: Array("first".utf8) + bytes)
        expectSame(reader.streams[.content], Array("first".utf8) + bytes)
        #expect(planner.report.content.bytes.held == UInt64(Limits.leaf + 50_000))
        #expect(planner.report.content.bytes.literal == 50_005)
        let extents = try planner.finishLearning()
        #expect(extents.map(\.range) == reader.replica.map(\.range))
        for run in reader.replica { expectSame(bench.log.bytes(run.range), run.bytes) }
        bench.acknowledge(extents)
        try bench.folder.remove("src/a")
        try bench.folder.remove("src/b")
        let (_, again) = try bench.send(bytes)
        #expect(again.report.content.bytes.literal == 0)
    }

    /// Whatever number of files they are in, and however far it has them.
    @Test func whatIsHeldOfManyFilesFitsIntoALeaf() throws {
        var random = SeededRandom(seed: 6)
        let bench = try Workbench()
        var content: [UInt8] = []
        for number in 100..<400 {
            let bytes = random.bytes(1000)
            try bench.folder.file("src/\(number)", bytes)
            content += bytes
        }
        var held = Dictionary(uniqueKeysWithValues: (1...300).map { ($0, UInt64(1000)) })
        for (hundred, bytes) in [(100, 500), (200, 0), (300, 1)] { held[hundred] = UInt64(bytes) }
        let planner = try bench.planner(try bench.scan(), held: held)
        let reader = try bench.run(planner, held: content)
        expectSame(reader.streams[.content], content)
        #expect(
            reader.blueprints[LeafID(.content, 0)]?.descriptors == [
                .held(length: 99_500), .literal(length: 500), .held(length: 99_000), .literal(length: 1000),
                .held(length: 99_001), .literal(length: 999),
            ])
    }

    @Test func aLongCopyIsPreferredToWhatIsHeld() throws {
        var random = SeededRandom(seed: 5)
        let bench = try Workbench()
        let bytes = random.bytes(300_000)
        try bench.provide(Array(bytes[100_000..<200_000]))
        try bench.folder.file("src/a", bytes)
        let planner = try bench.planner(try bench.scan(), held: [1: 1 << 40])
        let reader = try bench.run(planner, held: bytes)
        expectSame(reader.streams[.content], bytes)
        #expect(planner.report.content.bytes.copied == 100_000)
        #expect(planner.report.content.bytes.held == 200_000)
    }
}
