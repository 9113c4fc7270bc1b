import Foundation
import PacketFSStore
import PacketFSWire
import Testing

@Suite struct StoreTests {
    @Test func identityIsMadeOnceAndSurvivesReopening() throws {
        let scratch = Scratch()
        let first = try scratch.store().identity()
        #expect(try scratch.store().identity() == first)
        #expect(try Scratch().store().identity() != first)
    }

    @Test func openingAtTheSameTimeMakesOneIdentity() async throws {
        let scratch = Scratch()
        let identities = try await withThrowingTaskGroup(of: PartyID.self) { group in
            for _ in 0..<16 { group.addTask { try scratch.store().identity() } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(identities.count == 1)
    }

    @Test func everyFileIsPrivate() throws {
        let scratch = Scratch()
        let store = try scratch.store()
        try store.add(peer(1))
        #expect(try permissions(scratch.path) == 0o700)
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(files.sorted() == ["ballast", "running", "state.db", "state.db-shm", "state.db-wal"])
        #expect(try permissions(scratch.path + "/running") == 0o700)
        for file in files where file != "running" { #expect(try permissions(scratch.path + "/" + file) == 0o600) }
    }

    @Test func writesAreFlushedAtEveryCommit() throws {
        let scratch = Scratch()
        for _ in 0..<2 {
            let durability = try scratch.store().durability()
            #expect(durability.journalMode == "wal")
            #expect(durability.synchronous == 2)
        }
    }

    @Test func whatOneCallWroteIsThereAfterTheProcessDies() throws {
        let scratch = Scratch()
        let store = try scratch.store()
        try store.add(peer(1))
        // Copied while it is open: nothing was closed or checkpointed.
        let copy = Scratch()
        try FileManager.default.copyItem(atPath: scratch.path, toPath: copy.path)
        #expect(try copy.store().peers() == [peer(1)])
        #expect(try copy.store().identity() == store.identity())
    }

    @Test func twoStoresSeeEachOther() throws {
        let scratch = Scratch()
        let (one, other) = (try scratch.store(), try scratch.store())
        try one.add(peer(1))
        #expect(try other.peers().count == 1)
        try other.removePeer(party(1))
        #expect(try one.peers().isEmpty)
    }

    @Test func aVersionStaysAsLongAsNobodyWrites() throws {
        let scratch = Scratch()
        let (one, other) = (try scratch.store(), try scratch.store())
        var version = try one.version()
        #expect(try one.peers().isEmpty && one.version() == version)
        for write in [
            { try one.add(peer(1)) }, { try other.add(peer(2)) }, { _ = try other.removePeer(party(1)) },
            { _ = try one.removePeer(party(2)) },
        ] {
            try write()
            #expect(try one.version() != version)
            version = try one.version()
            #expect(try one.peers().count < 3 && one.version() == version)
        }
    }

    @Test func aTransactionThatThrowsChangesNothing() throws {
        let store = try Scratch().store()
        #expect(throws: StoreError.diskFull) {
            try store.transaction { () throws(StoreError) in
                try store.add(peer(1))
                throw .diskFull
            }
        }
        #expect(try store.peers().isEmpty)
        try store.add(peer(2))
        #expect(try store.peers().count == 1)
    }

    @Test func aFailedCallInATransactionUndoesOnlyItself() throws {
        let store = try Scratch().store()
        try store.add(peer(1))
        let log = try store.ownLog(for: party(1))
        let range = try store.reserve(bytes: 100, in: log)
        try store.transaction { () throws(StoreError) in
            try store.add(peer(2))
            let overlapping = [extent(range.address, 60), extent(range.address + 50, 50)].map { record($0) }
            #expect(throws: StoreError.overlappingExtent) { try store.insert(overlapping, in: log) }
        }
        #expect(try store.peers().count == 2)
        #expect(try store.extents(in: log).isEmpty)
    }

    @Test func verifyFindsDamage() throws {
        let scratch = Scratch()
        do {
            let store = try scratch.store()
            try store.add(peer(1))
            try store.saveSnapshot(bytes(7, 1 << 20), peer: party(1), role: .sending, destination: "x", at: 1)
            try store.verify()
        }
        // The second page holds a table's root.
        try scratch.patch(bytes(0xff, 64), at: 4096)
        #expect(throws: StoreError.corrupted) { try scratch.store().verify() }
    }
}

@Suite struct StoreOpeningTests {
    /// Offsets in the header of an SQLite file (SQLite file format §1.3).
    private static let userVersion: UInt64 = 60
    private static let applicationID: UInt64 = 68

    private func made() throws -> Scratch {
        let scratch = Scratch()
        _ = try scratch.store()
        return scratch
    }

    @Test(arguments: [1, 2, 200] as [UInt8])
    func newerVersionIsRefusedAndLeftAlone(_ ahead: UInt8) throws {
        let scratch = try made()
        let ours = try Data(contentsOf: URL(fileURLWithPath: scratch.database))[Int(Self.userVersion) + 3]
        try scratch.patch([0, 0, 0, ours + ahead], at: Self.userVersion)
        let before = try Data(contentsOf: URL(fileURLWithPath: scratch.database))
        #expect(throws: StoreError.newerVersion) { try scratch.store() }
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.database)) == before)
    }

    @Test func versionZeroWithTablesIsNotANewStore() throws {
        let scratch = try made()
        try scratch.patch([0, 0, 0, 0], at: Self.userVersion)
        #expect(throws: StoreError.corrupted) { try scratch.store() }
    }

    @Test func anotherProgramsDatabaseIsRefused() throws {
        let scratch = try made()
        try scratch.patch([0, 0, 0, 1], at: Self.applicationID)
        #expect(throws: StoreError.corrupted) { try scratch.store() }
    }

    @Test func whatIsNoDatabaseIsRefused() throws {
        let scratch = try made()
        try scratch.patch(bytes(0x41, 100), at: 0)
        #expect(throws: StoreError.corrupted) { try scratch.store() }
    }

    @Test func aTruncatedDatabaseIsRefused() throws {
        let scratch = try made()
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: scratch.database))
        try file.truncate(atOffset: 5000)
        try file.close()
        #expect(throws: StoreError.corrupted) { try scratch.store() }
    }

    @Test func anEmptyFolderThatOthersMayReadIsClosedToThem() throws {
        let scratch = Scratch()
        try scratch.makeFolder(mode: 0o755)
        _ = try scratch.store()
        #expect(try permissions(scratch.path) == 0o700)
    }

    @Test func aDatabaseThatOthersMayReadIsClosedToThem() throws {
        let scratch = try made()
        try setPermissions(0o644, scratch.database)
        _ = try scratch.store()
        #expect(try permissions(scratch.database) == 0o600)
    }

    @Test func aFolderWithOtherThingsIsNotTakenOver() throws {
        let scratch = Scratch()
        try scratch.makeFolder(mode: 0o755)
        try Data().write(to: URL(fileURLWithPath: scratch.path + "/thesis.txt"))
        #expect(throws: StoreError.notPrivate) { try scratch.store() }
        #expect(try permissions(scratch.path) == 0o755)
    }

    @Test(arguments: [0o777, 0o1777, 0o720, 0o702])
    func aFolderThatOthersMayWriteToIsRefused(_ mode: Int) throws {
        let scratch = Scratch()
        try scratch.makeFolder(mode: mode)
        #expect(throws: StoreError.notPrivate) { try scratch.store() }
    }

    @Test func aLinkInPlaceOfTheDatabaseIsRefused() throws {
        let scratch = Scratch()
        let other = try made()
        try scratch.makeFolder(mode: 0o700)
        try FileManager.default.createSymbolicLink(atPath: scratch.database, withDestinationPath: other.database)
        #expect(throws: StoreError.notPrivate) { try scratch.store() }
    }

    @Test func foldersThatCannotBeAreRefused() throws {
        let scratch = try made()
        for path in ["", scratch.database, scratch.database + "/below", "a\u{0}b"] {
            #expect(throws: StoreError.notWritable) { try Store(folder: path) }
        }
    }

    @Test func parentsAreMade() throws {
        let scratch = Scratch()
        let store = try Store(folder: scratch.path + "/a/b/")
        #expect(try store.peers().isEmpty)
        #expect(try permissions(scratch.path + "/a") == 0o700)
    }
}
