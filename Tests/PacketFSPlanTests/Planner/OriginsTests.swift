import Glibc
import PacketFSPlan
import PacketFSTestKit
import PacketFSWire
import Testing

@Suite(.timeLimit(.minutes(15))) struct OriginsTests {
    private let first = TransferID(unchecked: [UInt8](repeating: 1, count: TransferID.byteCount))
    private let second = TransferID(unchecked: [UInt8](repeating: 2, count: TransferID.byteCount))

    /// Older than a tick of the file system's clock, so that a later change shows.
    private func settle() { usleep(60_000) }

    @Test func whatIsUnchangedIsKept() throws {
        let bench = try Workbench()
        for name in ["a-b", "a/..x", "b/c"] { try bench.folder.file("src/" + name, name) }
        settle()
        let tree = try bench.scan()
        let sent = Origins.choose(for: tree, from: nil, checksums: false)
        #expect(sent == [.sent, .sent, .sent])
        let snapshot = tree.snapshot(transfer: first, origins: sent, excluding: [])
        #expect(snapshot.entries.map(\.version) == [first, first, first])
        #expect(Origins.choose(for: tree, from: snapshot, checksums: false) == Array(repeating: .kept(first), count: 3))
        #expect(Origins.choose(for: tree, from: snapshot, checksums: true) == sent)

        try bench.folder.file("src/a-b", "A-b")
        try bench.folder.file("src/a/0", "new")
        try bench.folder.remove("src/b/c")
        settle()
        let changed = try bench.scan()
        let origins = Origins.choose(for: changed, from: snapshot, checksums: false)
        let files = changed.manifest.entries.filter { $0.kind == .file }.map {
            String(decoding: $0.path, as: UTF8.self)
        }
        #expect(
            Dictionary(uniqueKeysWithValues: zip(files, origins)) == [
                "a/..x": .kept(first), "a/0": .sent, "a-b": .sent,
            ])
        let next = changed.snapshot(transfer: second, origins: origins, excluding: [])
        #expect(next.entries.map(\.confirmed) == [second, second, second])
        let kept = [Origin](repeating: .kept(second), count: 3)
        #expect(Origins.choose(for: changed, from: next, checksums: false) == kept)
        // Nothing changed, so there is nothing to remember.
        let third = TransferID(unchecked: [UInt8](repeating: 3, count: TransferID.byteCount))
        #expect(changed.snapshot(transfer: third, origins: kept, excluding: []) == next)
    }

    /// More transfers than an origins record can name: the files of those with the fewest are sent.
    @Test func ofTooManyTransfersTheRarestAreSent() throws {
        let bench = try Workbench()
        let versions: [UInt8] = [1, 2, 2, 3, 4, 4]
        for index in versions.indices { try bench.folder.file("src/\(index)", "x") }
        settle()
        let tree = try bench.scan()
        var snapshot = tree.snapshot(
            transfer: first, origins: Array(repeating: .sent, count: versions.count), excluding: [])
        for (index, version) in versions.enumerated() {
            snapshot.entries[index].confirmed = TransferID(unchecked: [UInt8](repeating: version, count: 16))
        }
        let all = Origins.choose(for: tree, from: snapshot, checksums: false)
        #expect(all == snapshot.entries.map { .kept($0.confirmed) })
        let some = Origins.choose(for: tree, from: snapshot, checksums: false, atMost: 2)
        #expect(some == [.sent, all[1], all[2], .sent, all[4], all[5]])
        let believed = tree.snapshot(
            transfer: second, origins: Array(repeating: .sent, count: versions.count), excluding: [])
        snapshot.entries.removeLast(2)
        let late = Origins.choose(for: tree, from: snapshot, orElse: believed, checksums: false)
        #expect(late == Array(all.prefix(4)) + [.kept(second), .kept(second)])
        let none = Origins.choose(for: tree, from: snapshot, orElse: believed, checksums: false, atMost: 0)
        #expect(none.allSatisfy { $0 == .sent })
    }

    @Test func whatFailedIsNotRemembered() throws {
        let bench = try Workbench()
        try bench.folder.file("src/a", "a")
        try bench.folder.file("src/b", "b")
        settle()
        let tree = try bench.scan()
        let snapshot = tree.snapshot(transfer: first, origins: [.sent, .sent], excluding: [1])
        #expect(snapshot.entries.map(\.path) == [[UInt8(ascii: "b")]])
    }

    /// A change within the same tick of the clock would not show: such files are sent again.
    @Test func whatChangedJustNowIsNotTrusted() throws {
        var tree: ScannedTree
        var elapsed: Duration
        // A busy machine may take its time between the two.
        let begin = ContinuousClock.now
        repeat {
            let bench = try Workbench()
            let start = ContinuousClock.now
            try bench.folder.file("src/a", "a")
            tree = try bench.scan()
            elapsed = ContinuousClock.now - start
        } while elapsed > .milliseconds(8) && ContinuousClock.now - begin < .seconds(300)
        try #require(elapsed <= .milliseconds(8), "this machine is too slow to look twice within a tick")
        #expect(tree.snapshot(transfer: first, origins: [.sent], excluding: []).entries.isEmpty)
        #expect(tree.all(as: first).entries.allSatisfy { $0.version == .none })
    }

    @Test func wantedFilesFollowInLeavesOfTheirOwn() throws {
        var random = SeededRandom(seed: 1)
        let bench = try Workbench()
        let names = ["a", "b", "c", "d"]
        let contents = names.map { _ in random.bytes(1000) }
        for (name, bytes) in zip(names, contents) { try bench.folder.file("src/" + name, bytes) }
        try bench.folder.file("src/empty", "")
        let origins: [Origin] = [.kept(first), .sent, .kept(first), .kept(second), .kept(first)]
        let planner = try bench.planner(try bench.scan(), origins: origins)
        var reader = PlanReader(runs: [])
        func drain() throws {
            while let step = try planner.next() {
                if case .record(let record) = step { try reader.take(record) }
            }
        }
        try drain()
        #expect(reader.origins == origins)
        expectSame(reader.streams[.content], contents[1])
        #expect(throws: PlanError.unknownEntry) { try planner.want([2]) }
        #expect(throws: PlanError.unknownEntry) { try planner.want([0]) }
        #expect(throws: PlanError.unknownEntry) { try planner.want([4, 3]) }
        #expect(throws: PlanError.unknownEntry) { try planner.want([1, 99]) }
        #expect(throws: PlanError.unknownEntry) { try planner.want([-1]) }
        try planner.want([5])
        try planner.want([1, 4])
        #expect(throws: PlanError.unknownEntry) { try planner.want([1]) }
        try drain()
        expectSame(reader.streams[.content], contents[1] + contents[0] + contents[3])
        #expect(reader.leaves.keys.filter { $0.stream == .content }.count == 2)
        #expect(reader.announced.content == 3000)
        #expect(planner.origins == [.sent, .sent, .kept(first), .sent, .sent])
        #expect(try planner.part(0, of: LeafID(.content, 1)) == contents[0] + contents[3])
    }
}
