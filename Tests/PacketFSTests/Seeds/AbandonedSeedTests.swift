import Foundation
import PacketFSStore
import Testing

@testable import PacketFS
@testable import PacketFSVault

/// Seeds that are given up: destroyed where they are, and nothing else with them.
@Suite struct AbandonedSeedTests {
    /// Of some seed file.
    private static let seed = Data(SeedFile.magic + [UInt8](repeating: 1, count: 32))
    /// Of some sealed one, as far as can be told.
    private static let sealedSeed: [UInt8] = {
        let begin = SealedFile.magic + [SealedFile.Kind.seed.rawValue]
        return begin + [UInt8](repeating: 1, count: SealedFile.seedSize - begin.count)
    }()

    private let pair: SeedPair
    private let home: Home

    init() throws {
        pair = try SeedPair()
        home = pair.home(.left)
    }

    private func elsewhere(_ name: String = "seed") -> SeedKeeping { SeedKeeping(uri: "file:\(pair.folder)/\(name)") }

    /// Somebody who answers every question of the same home.
    private func answering(_ text: String) throws -> Home {
        try Home.open(at: home.location) { _, buffer in
            buffer.copyBytes(from: text.utf8)
            return text.utf8.count
        }
    }

    @Test func twoProcessesDoNotDestroyWhatTheOtherPutsDown() throws {
        let file = pair.folder + "/half-done"
        let lock = try SeedLock.take(in: home.seedFolder)
        try home.store.reserve(AbandonedPlace(vaultURI: "file:" + file))
        try #require(
            FileManager.default.createFile(atPath: file, contents: Self.seed, attributes: [.posixPermissions: 0o600]))
        home.keeper.sweepIfFree()
        #expect(FileManager.default.fileExists(atPath: file))
        withExtendedLifetime(lock) {}
    }

    /// A stick that is not mounted leaves its folder empty, or none.
    @Test(arguments: [true, false])
    func aSeedOnAStickThatIsAwayIsDestroyedWhenItIsBack(_ leavesFolder: Bool) throws {
        let (stick, away) = (pair.folder + "/stick", pair.folder + "/away")
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: false)
        try home.moveSeed(of: "peer", to: elsewhere("stick/seed"))
        try FileManager.default.moveItem(atPath: stick, toPath: away)
        if leavesFolder { try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: false) }
        try home.revokeSeeds(of: "peer")
        #expect(try home.destroyAbandonedSeeds() == ["file:\(stick)/seed"])
        if leavesFolder { try FileManager.default.removeItem(atPath: stick) }
        try FileManager.default.moveItem(atPath: away, toPath: stick)
        #expect(try home.destroyAbandonedSeeds().isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: stick).isEmpty)
    }

    /// What lies under its name on another stick is somebody else's, a sealed seed too, which nobody can tell from ours
    /// without its passphrase; and until it is back nothing of ours comes there.
    @Test func anotherStickInItsSteadIsLeftAlone() throws {
        let (stick, away) = (pair.folder + "/stick", pair.folder + "/away")
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: false)
        try home.moveSeed(of: "peer", to: elsewhere("stick/seed"))
        try FileManager.default.moveItem(atPath: stick, toPath: away)
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: false)
        let others = Data(Self.sealedSeed)
        try #require(
            FileManager.default.createFile(
                atPath: stick + "/seed", contents: others, attributes: [.posixPermissions: 0o600]))
        try home.revokeSeeds(of: "peer")
        #expect(try home.destroyAbandonedSeeds() == ["file:\(stick)/seed"])
        #expect(try Data(contentsOf: URL(filePath: stick + "/seed")) == others)
        try FileManager.default.removeItem(atPath: stick + "/seed")
        let error = #expect(throws: PacketFSError.self) {
            try home.rotateSeed(
                of: "peer", exportingTo: pair.folder + "/rotation", keeping: elsewhere("stick/seed"))
        }
        #expect(error?.cause as? StoreError == .placeInUse)
        #expect(try home.destroyAbandonedSeeds() == ["file:\(stick)/seed"])
        try FileManager.default.removeItem(atPath: stick)
        try FileManager.default.moveItem(atPath: away, toPath: stick)
        #expect(try home.destroyAbandonedSeeds().isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: stick).isEmpty)
    }

    /// A file on a stick that a seed was removed from by hand, after it was given up while the stick was away.
    private func placeOfRemovedSeed() throws -> String {
        let (stick, away) = (pair.folder + "/stick", pair.folder + "/away")
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: false)
        try home.moveSeed(of: "peer", to: elsewhere("stick/seed"))
        try FileManager.default.moveItem(atPath: stick, toPath: away)
        try home.revokeSeeds(of: "peer")
        try FileManager.default.moveItem(atPath: away, toPath: stick)
        try FileManager.default.removeItem(atPath: stick + "/seed")
        #expect(try home.store.abandonedPlaces().count == 1)
        return stick + "/seed"
    }

    @Test func anExportWhereASeedWasIsLeftAlone() throws {
        let file = try placeOfRemovedSeed()
        _ = try home.newPeer("other", exportingTo: file)
        #expect(try home.destroyAbandonedSeeds().isEmpty)
        #expect(try pair.home(.right).importPeer(from: file, as: "other").name == "other")
    }

    @Test func aBackupWhereASeedWasIsLeftAlone() throws {
        _ = try home.newPeer("other", exportingTo: pair.folder + "/half")
        let file = try placeOfRemovedSeed()
        try answering("tulip").backUpSeed(of: "other", to: file)
        #expect(try home.destroyAbandonedSeeds().isEmpty)
        try home.removePeer("other")
        #expect(try answering("tulip").restoreSeed(from: file, as: "other").name == "other")
    }

    @Test func aSeedOfAnotherHomeWhereOneWasIsLeftAlone() throws {
        let file = try placeOfRemovedSeed()
        let other = pair.home(.right)
        _ = try other.newPeer("other", exportingTo: pair.folder + "/half", keeping: elsewhere("stick/seed"))
        #expect(try home.destroyAbandonedSeeds().isEmpty)
        #expect(FileManager.default.fileExists(atPath: file))
        try pair.restart()
        #expect(try pair.home(.right).unlockedSeeds(of: other.record(named: "other")).count == 1)
    }

    /// What lies in the home's own folder is its own, also after the home was copied to another disk.
    @Test func aHomeThatWasCopiedDestroysItsSeeds() throws {
        try home.store.reserve(AbandonedPlace(vaultURI: "file:half-done", holder: "as an earlier version noted it"))
        try #require(
            FileManager.default.createFile(
                atPath: home.seedFolder + "/half-done", contents: Self.seed, attributes: [.posixPermissions: 0o600]))
        try FileManager.default.moveItem(atPath: home.seedFolder, toPath: home.seedFolder + ".old")
        try FileManager.default.copyItem(atPath: home.seedFolder + ".old", toPath: home.seedFolder)
        try home.revokeSeeds(of: "peer")
        #expect(try home.destroyAbandonedSeeds().isEmpty)
        #expect(try pair.seedFiles(.left).isEmpty)
    }

    /// What somebody took away from where it was is gone.
    @Test func aSeedThatIsGoneFromItsFolderIsForgotten() throws {
        try home.moveSeed(of: "peer", to: elsewhere())
        try FileManager.default.removeItem(atPath: pair.folder + "/seed")
        try home.revokeSeeds(of: "peer")
        #expect(try home.destroyAbandonedSeeds().isEmpty)
    }

    @Test func whatIsAbandonedIsDestroyedOnceNobodyPutsItDown() throws {
        let file = pair.folder + "/half-done"
        try home.store.reserve(AbandonedPlace(vaultURI: "file:" + file))
        try #require(
            FileManager.default.createFile(atPath: file, contents: Self.seed, attributes: [.posixPermissions: 0o600]))
        home.keeper.sweepIfFree()
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(try home.store.abandonedPlaces().isEmpty)
    }
}
