import Glibc
import PacketFSStore
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// The stat cache of a destination, which many transfers add to.
@Suite struct SnapshotMergeTests {
    @Test func whatIsNotNamedIsStillKnown() {
        let earlier = Self.snapshot(["a": 1, "b": 2])
        let merged = Self.snapshot(["b": 3, "c": 3]).merged(over: earlier)
        #expect(merged == Self.snapshot(["a": 1, "b": 3, "c": 3]))
        #expect(merged.merged(over: merged) == merged)
    }

    @Test func aMergeIsThatOfTheirPaths() {
        var random = SeededRandom(seed: 6)
        for _ in 0..<200 {
            func files(_ number: UInt8) -> [String: UInt8] {
                let paths = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    ["a", "b", "a/b", "a-", "a/", "ab"][Int(random.next() % 6)] + "\(random.next() % 3)"
                }
                return Dictionary(paths.map { ($0, number) }) { first, _ in first }
            }
            let (earlier, later) = (files(1), files(2))
            let merged = Self.snapshot(later).merged(over: Self.snapshot(earlier))
            #expect(merged == Self.snapshot(earlier.merging(later) { $1 }))
        }
    }

    @Test func whatWasDeletedIsForgotten() {
        let earlier = Self.snapshot(["a/b/c": 1, "a/b": 1, "ab": 1, "d/e": 1, "f": 1])
        func left(_ folders: String...) -> [String] {
            earlier.without(Set(folders.map { Array($0.utf8) })).entries.map {
                String(decoding: $0.path, as: UTF8.self)
            }
        }
        #expect(left("a") == ["ab", "d/e", "f"])
        #expect(left("a/b", "d") == ["a/b", "ab", "f"])
        #expect(left("") == [] && left() == ["a/b", "a/b/c", "ab", "d/e", "f"])
    }

    /// In both homes, where files give way to others again and again.
    @Test(arguments: [false, true]) func snapshotsGrowWithWhatIsThere(deletes: Bool) throws {
        let pair = try TestPair()
        var random = SeededRandom(seed: 3)
        var setup = SessionSetup()
        setup.options.deletes = deletes
        var earlier = Tree()
        for number in 0..<4 {
            let tree = Tree([
                "folder": .folder(mode: 0o755),
                "folder/\(number)": .file([1], mode: 0o600, modified: 0),
            ])
            tree.write(to: pair.outbox, over: earlier)
            earlier = tree
            // What changed within a tick of the scan's clock is not remembered.
            usleep(60_000)
            let session = try SimulatedSession(pair, setup, random: &random)
            try session.run()
            #expect(session.isComplete)
        }
        for (home, role) in [(pair.left, TransferRole.sending), (pair.right, .receiving)] {
            let store = try Store(folder: home.location.state)
            let bytes = try store.snapshot(peer: store.peers()[0].party, role: role, destination: pair.inbox)
            #expect(try Snapshot(decoding: #require(bytes)).entries.count == (deletes ? 1 : 4))
        }
    }

    /// A peer that may get names destinations as it likes.
    @Test func aPeerHasNoMoreSnapshotsThanThat() throws {
        let pair = try TestPair()
        var random = SeededRandom(seed: 4)
        Tree(["file": .file([1], mode: 0o600, modified: 0)]).write(to: pair.outbox)
        let store = try Store(folder: pair.left.location.state)
        let peer = try store.peers()[0].party
        let now = WallClock.seconds
        func known() throws -> [Int] {
            try (0..<300).filter {
                try store.snapshot(peer: peer, role: .sending, destination: "\($0)") != nil
            }
        }
        for number in 0..<300 {
            try store.saveSnapshot(
                [1], peer: peer, role: .sending, destination: "\(number)", at: now - 1000 + Int64(number))
        }
        var setup = SessionSetup()
        setup.verb = .get
        let session = try SimulatedSession(pair, setup, random: &random)
        try session.run()
        #expect(session.isComplete)
        #expect(try known() == Array(45..<300))
        try pair.left.dropSnapshots(before: now - 800)
        #expect(try known() == Array(200..<300))
    }

    /// What is named stays before what is not, and what changed late before what changed early.
    @Test(arguments: [
        (SnapshotBounds(entries: 3), ["a": 9, "d": 3, "e": 9]),
        (SnapshotBounds(versions: 2), ["a": 9, "d": 3, "e": 9]),
        (SnapshotBounds(entries: 1), ["a": 9]), (SnapshotBounds(versions: 1), ["a": 9, "e": 9]),
        (SnapshotBounds(pathBytes: 3), ["a": 9, "d": 3, "e": 9]), (SnapshotBounds(entries: 0), [:]),
    ]) func theOldestIsForgotten(_ bounds: SnapshotBounds, _ left: [String: UInt8]) {
        let earlier = Self.snapshot(["a": 1, "b": 1, "c": 2, "d": 3])
        let merged = Self.snapshot(["a": 9, "e": 9]).merged(over: earlier, within: bounds)
        #expect(merged == Self.snapshot(left))
    }

    /// As many transfers as a snapshot can name, or more files than it can hold, and then one more of either.
    @Test func aFullSnapshotFailsNoTransfer() throws {
        let pair = try TestPair()
        var random = SeededRandom(seed: 1)
        let full = Snapshot(
            entries: (0..<Limits.versions).map { number in
                let path = Array("old \(number + 100_000)".utf8)
                return Self.entry(path, TransferID(unchecked: random.bytes(16)), changed: Int64(number))
            })
        for (home, role) in [(pair.left, TransferRole.sending), (pair.right, .receiving)] {
            let store = try Store(folder: home.location.state)
            try store.saveSnapshot(
                full.encode(), peer: store.peers()[0].party, role: role, destination: pair.inbox, at: 1)
        }
        for name in ["new", "newer"] {
            Tree([name: .file([1], mode: 0o600, modified: 0)]).write(to: pair.outbox)
            let session = try SimulatedSession(pair, SessionSetup(), random: &random)
            try session.run()
            #expect(session.isComplete)
            #expect(Tree(at: pair.inbox).nodes[name] != nil)
        }
        let store = try Store(folder: pair.right.location.state)
        let bytes = try store.snapshot(peer: store.peers()[0].party, role: .receiving, destination: pair.inbox)
        let known = try Snapshot(decoding: #require(bytes)).entries
        #expect(known.contains { $0.path == Array("newer".utf8) } && known.count >= Limits.versions)
        #expect(!known.contains { $0.path == full.entries[0].path })
    }

    /// What a crash or an older version left in its place.
    @Test func aDamagedSnapshotIsNone() throws {
        let pair = try TestPair()
        var random = SeededRandom(seed: 2)
        Tree(["file": .file([1], mode: 0o600, modified: 0)]).write(to: pair.outbox)
        for (home, role) in [(pair.left, TransferRole.sending), (pair.right, .receiving)] {
            let store = try Store(folder: home.location.state)
            try store.saveSnapshot(
                random.bytes(100), peer: store.peers()[0].party, role: role, destination: pair.inbox, at: 1)
        }
        let session = try SimulatedSession(pair, SessionSetup(), random: &random)
        try session.run()
        #expect(session.isComplete)
    }

    /// Paths, and the number of the transfer that brought each, which is also when it changed.
    private static func snapshot(_ files: [String: UInt8]) -> Snapshot {
        Snapshot(
            entries: files.sorted { PathOrder.precedes(Array($0.key.utf8), Array($1.key.utf8)) }.map { path, number in
                entry(
                    Array(path.utf8), TransferID(unchecked: [UInt8](repeating: number, count: 16)),
                    changed: Int64(number))
            })
    }

    private static func entry(_ path: [UInt8], _ version: TransferID, changed: Int64) -> Snapshot.Entry {
        let time = FileTime(seconds: changed, nanoseconds: 0)
        return Snapshot.Entry(
            path: path, stat: StatKey(device: 1, inode: 2, size: 3, modified: time, changed: time), version: version,
            confirmed: version)
    }
}
