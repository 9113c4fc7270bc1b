import Foundation
import PacketFSStore
import PacketFSTestKit
import Testing

@testable import PacketFS
@testable import PacketFSVault

/// Seeds on their way between vaults, and in backups.
@Suite struct SeedKeepingTests {
    private let pair: SeedPair
    private let home: Home

    init() throws {
        pair = try SeedPair()
        home = pair.home(.left)
    }

    /// The same home with somebody who answers every question with `text`.
    private func home(_ side: SeedPair.Side = .left, answering text: String) throws -> Home {
        try Home.open(at: pair.home(side).location) { _, buffer in
            buffer.copyBytes(from: text.utf8)
            return text.utf8.count
        }
    }

    private func elsewhere(_ name: String = "seed") -> SeedKeeping { SeedKeeping(uri: "file:\(pair.folder)/\(name)") }

    @Test func aMoveLeavesTheSeedInTheNewVaultAlone() throws {
        let fingerprint = try home.seeds().first?.fingerprint
        try home.moveSeed(of: "peer", to: elsewhere())
        #expect(try pair.seedFiles(.left).isEmpty)
        #expect(try home.seeds().map(\.vault) == ["file:\(pair.folder)/seed"])
        #expect(try home.seeds().first?.fingerprint == fingerprint)
        try pair.restart()
        #expect(try pair.session(from: .left) && pair.session(from: .right))
        try pair.home(.left).moveSeed(of: "peer", to: SeedKeeping(uri: "file:"))
        #expect(!FileManager.default.fileExists(atPath: pair.folder + "/seed"))
        #expect(try pair.seedFiles(.left).count == 1)
    }

    @Test func aMoveMayCrashAnywhereAndLeavesOneSeed() throws {
        for crash in 0..<20 {
            let pair = try SeedPair()
            let keeping = SeedKeeping(uri: "file:\(pair.folder)/seed")
            pair.gate.crash(after: crash)
            let isWhole = (try? pair.home(.left).moveSeed(of: "peer", to: keeping)) != nil
            try pair.restart()
            #expect(try pair.session(from: .left), "crash \(crash)")
            pair.home(.left).keeper.sweepIfFree()
            let isThere = FileManager.default.fileExists(atPath: pair.folder + "/seed")
            #expect(try pair.seedFiles(.left).count + (isThere ? 1 : 0) == 1, "crash \(crash)")
            #expect(try pair.home(.left).store.abandonedPlaces().isEmpty)
            if isWhole { return }
        }
        Issue.record("a move has more than 20 durable parts")
    }

    /// The file that systemd is to pass is the new place, or gone.
    @Test func aMoveToACredentialMayCrashAnywhere() throws {
        for crash in 0..<20 {
            let pair = try SeedPair()
            var keeping = SeedKeeping(uri: "credential:x")
            keeping.credentialFile = pair.folder + "/outlet"
            pair.gate.crash(after: crash)
            let isWhole = (try? pair.home(.left).moveSeed(of: "peer", to: keeping)) != nil
            try pair.restart()
            let home = pair.home(.left)
            home.keeper.sweepIfFree()
            let isThere = FileManager.default.fileExists(atPath: pair.folder + "/outlet")
            let isMoved = try home.store.seeds().map(\.vaultURI) == ["credential:x"]
            #expect(isThere == isMoved, "crash \(crash)")
            #expect(try pair.seedFiles(.left).count == (isMoved ? 0 : 1), "crash \(crash)")
            if !isMoved { #expect(try pair.session(from: .left), "crash \(crash)") }
            #expect(try home.store.abandonedPlaces().isEmpty)
            if isWhole { return #expect(isMoved) }
        }
        Issue.record("a move has more than 20 durable parts")
    }

    @Test func nothingThatIsThereIsOverwrittenOrDestroyed() throws {
        let file = pair.folder + "/seed"
        try Data("somebody's".utf8).write(to: URL(filePath: file))
        #expect(throws: PacketFSError.self) { try home.moveSeed(of: "peer", to: elsewhere()) }
        // Nor is another seed of the same home.
        let other = try home.newPeer("other", exportingTo: pair.folder + "/half")
        let taken = SeedKeeping(uri: other.vault)
        #expect(throws: PacketFSError.self) { try home.moveSeed(of: "peer", to: taken) }
        #expect(try Data(contentsOf: URL(filePath: file)) == Data("somebody's".utf8))
        #expect(try pair.seedFiles(.left).count == 2)
        #expect(try home.store.abandonedPlaces().isEmpty)
        #expect(try pair.session(from: .left))
    }

    /// Neither of two seeds is harmed by what happens to the other one, however alike their places are.
    @Test(arguments: [("x", "x.new"), ("x.new", "x")])
    func seedsOfNamesAlikeAreApart(_ ours: String, _ others: String) throws {
        _ = try home.newPeer("other", exportingTo: pair.folder + "/half", keeping: SeedKeeping(uri: "file:" + others))
        let other = try home.record(named: "other")
        func isThere() throws -> Bool {
            try home.site.place(VaultURI("file:" + others)).isTaken() && home.unlockedSeeds(of: other).count == 1
        }
        try home.moveSeed(of: "peer", to: SeedKeeping(uri: "file:" + ours))
        #expect(try isThere())
        try home.moveSeed(of: "peer", to: SeedKeeping(uri: "file:elsewhere"))
        #expect(try isThere())
        try home.rotateSeed(
            of: "peer", exportingTo: pair.folder + "/rotation", keeping: SeedKeeping(uri: "file:" + ours))
        try pair.home(.right).importRotation(of: "peer", from: pair.folder + "/rotation")
        #expect(try pair.session(from: .left))
        #expect(try pair.seedFiles(.left).sorted() == [ours, others].sorted())
        try home.revokeSeeds(of: "peer")
        #expect(try pair.seedFiles(.left) == [others])
        #expect(try isThere())
    }

    @Test(arguments: [("x", "x.new"), ("x.new", "x")])
    func aMoveBetweenNamesAlikeMayCrashAnywhere(_ old: String, _ new: String) throws {
        for crash in 0..<20 {
            let pair = try SeedPair()
            try pair.home(.left).moveSeed(of: "peer", to: SeedKeeping(uri: "file:" + old))
            pair.gate.crash(after: crash)
            let isWhole = (try? pair.home(.left).moveSeed(of: "peer", to: SeedKeeping(uri: "file:" + new))) != nil
            try pair.restart()
            #expect(try pair.session(from: .left), "crash \(crash)")
            pair.home(.left).keeper.sweepIfFree()
            #expect(try pair.seedFiles(.left).count == 1, "crash \(crash)")
            if isWhole { return }
        }
        Issue.record("a move has more than 20 durable parts")
    }

    @Test func anImportLeavesTheFileBesideAlone() throws {
        try pair.home(.right).rotateSeed(of: "peer", exportingTo: pair.folder + "/mail")
        try Data("the next one".utf8).write(to: URL(filePath: pair.folder + "/mail.new"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: pair.folder + "/mail.new")
        try home.importRotation(of: "peer", from: pair.folder + "/mail")
        #expect(!FileManager.default.fileExists(atPath: pair.folder + "/mail"))
        #expect(try Data(contentsOf: URL(filePath: pair.folder + "/mail.new")) == Data("the next one".utf8))
    }

    /// Gives the carried file a second name just before it is destroyed, so that this fails.
    private struct LinkingGate: SeedGate {
        let file: String

        func pass(_ step: SeedStep) {
            if step == .destroy { link(file, file + ".link") }
        }
    }

    /// A crash between the entry and the destruction of the file leaves only that to do.
    @Test func anImportThatCrashedIsFinished() throws {
        let (file, kept) = (pair.folder + "/mail", pair.folder + "/kept")
        _ = try pair.home(.left).newPeer("other", exportingTo: file)
        try FileManager.default.copyItem(atPath: file, toPath: kept)
        var steps = 0
        repeat {
            try pair.restart()
            pair.gate.crash(after: steps)
            steps += 1
            _ = try? pair.home(.right).importPeer(from: file, as: "other")
        } while try pair.home(.right).store.peer(named: "other") == nil
        #expect(FileManager.default.fileExists(atPath: file))
        try pair.restart()
        let home = pair.home(.right)
        let error = #expect(throws: PacketFSError.self) { try home.importPeer(from: file, as: "another") }
        #expect(error?.code == .peer && error?.message.contains("taken in as other") == true)
        #expect(FileManager.default.fileExists(atPath: file))
        #expect(try home.importPeer(from: file).name == "other")
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(try home.importPeer(from: kept, as: "other", keepsFile: true).name == "other")
        #expect(FileManager.default.fileExists(atPath: kept))
        #expect(try home.peers().count == 2)
        #expect(try home.store.seeds().count == 2)
    }

    /// What was taken in is ours, whatever becomes of the file: that is told, and the peer is there.
    @Test func aFileThatCannotBeDestroyedAfterAllIsTold() throws {
        let file = pair.folder + "/mail"
        let gate = LinkingGate(file: file)
        let home = try Home.open(at: pair.home(.right).location, answering: nil, seedGate: gate)
        _ = try pair.home(.left).newPeer("other", exportingTo: file)
        var told: [PacketFSError.Code] = []
        let peer = try home.importPeer(from: file, as: "other", leaving: { told.append($0.code) })
        #expect(peer.name == "other" && peer.fingerprint != nil)
        #expect(FileManager.default.fileExists(atPath: file))
        for name in [file, file + ".link"] { try FileManager.default.removeItem(atPath: name) }
        try pair.home(.left).rotateSeed(of: "peer", exportingTo: file)
        try home.importRotation(of: "peer", from: file, leaving: { told.append($0.code) })
        #expect(told == [.partial, .partial])
        #expect(try pair.session(from: .left))
    }

    @Test func aSealedSeedNeedsItsPassphrase() throws {
        let sealing = try home(answering: "tulip")
        var keeping = SeedKeeping(uri: "file:")
        keeping.protection = .passphrase
        #expect(throws: PacketFSError.self) { try home.moveSeed(of: "peer", to: keeping) }
        try sealing.moveSeed(of: "peer", to: keeping)
        try pair.restart()
        // The list needs none: what it shows is no secret.
        #expect(try pair.home(.left).seeds().count == 1)
        #expect(throws: (any Error).self) { _ = try pair.session(from: .left) }
        let peer = try pair.home(.left).record(named: "peer")
        #expect(try home(answering: "tulip").unlockedSeeds(of: peer).count == 1)
        #expect(throws: PacketFSError.self) { try home(answering: "rose").moveSeed(of: "peer", to: elsewhere()) }
        // A rotation keeps the new one as the old one is kept.
        try home(answering: "tulip").rotateSeed(of: "peer", exportingTo: pair.folder + "/rotation")
        let uris = try home.store.seeds().map(\.vaultURI)
        #expect(uris.count == 2)
        for uri in uris { #expect(home.site.isSealed(try VaultURI(uri))) }
    }

    /// Where it cannot be seen how the old one lies, the new one is not left open.
    @Test func theSuccessorOfASealedSeedThatIsAwayIsSealed() throws {
        var keeping = SeedKeeping(uri: "file:")
        keeping.protection = .passphrase
        try home(answering: "tulip").moveSeed(of: "peer", to: keeping)
        try FileManager.default.removeItem(atPath: home.seedFolder + "/" + #require(pair.seedFiles(.left).first))
        let error = #expect(throws: PacketFSError.self) {
            try home.rotateSeed(of: "peer", exportingTo: pair.folder + "/rotation")
        }
        #expect(error?.cause as? VaultError == .secretNeeded)
        #expect(try pair.seedFiles(.left).isEmpty)
    }

    /// As with the first one of all, somebody is asked, for there is no place like which it could be kept.
    @Test func theSeedAfterARevocationIsSealedIfSomebodySaysSo() throws {
        try home.revokeSeeds(of: "peer")
        try home(answering: "tulip").rotateSeed(of: "peer", exportingTo: pair.folder + "/rotation")
        let file = try home.seedFolder + "/" + #require(pair.seedFiles(.left).first)
        #expect(try Data(contentsOf: URL(filePath: file)).starts(with: Array("PFSSEAL".utf8)))
    }

    @Test func onlyAKeyInAKeyringHasATime() throws {
        var keeping = SeedKeeping()
        keeping.seconds = 60
        let error = #expect(throws: PacketFSError.self) {
            try home.rotateSeed(of: "peer", exportingTo: pair.folder + "/rotation", keeping: keeping)
        }
        #expect(error?.code == .usage)
        var last = try #require(try home.store.seeds().first)
        last.vaultURI = "keyring:user/x"
        #expect(try keeping.place(after: last, home.site).options.seconds == 60)
    }

    @Test func aServerDoesNotAskForWhatIsSealed() throws {
        let sealing = try home(answering: "tulip")
        var keeping = SeedKeeping(uri: "file:")
        keeping.protection = .passphrase
        try sealing.moveSeed(of: "peer", to: keeping)
        let server = try home(answering: "tulip")
        #expect(try server.answerableSeeds().isEmpty)
        #expect(try server.unlockAll().isEmpty)
        #expect(try server.answerableSeeds().count == 1)
        let locked = try Home.open(at: home.location)
        #expect(try locked.unlockAll().map(\.peer) == ["peer"])
        #expect(try locked.answerableSeeds().isEmpty)
    }

    @Test func aBackupRestoresALostSeed() throws {
        let backup = pair.folder + "/backup"
        try home(answering: "tulip").backUpSeed(of: "peer", to: backup)
        #expect(throws: PacketFSError.self) { try home(answering: "tulip").restoreSeed(from: backup) }
        let file = try #require(pair.seedFiles(.left).first)
        try FileManager.default.removeItem(atPath: home.seedFolder + "/" + file)
        try pair.restart()
        #expect(throws: (any Error).self) { _ = try pair.session(from: .left) }
        #expect(throws: PacketFSError.self) { try home(answering: "rose").restoreSeed(from: backup) }
        var keeping = SeedKeeping()
        keeping.protection = .modeAlone
        _ = try home(answering: "tulip").restoreSeed(from: backup, keeping: keeping)
        try pair.restart()
        #expect(try pair.session(from: .left) && pair.session(from: .right))
        #expect(try pair.seedFiles(.left).count == 1)
    }

    /// A backup of it would be found to be of no use on the day that it is needed.
    @Test func whatIsNotThePeersSeedIsNeitherBackedUpNorMoved() throws {
        let file = try home.seedFolder + "/" + #require(pair.seedFiles(.left).first)
        var seed = try Data(contentsOf: URL(filePath: file))
        seed[seed.count - 1] ^= 1
        try FileHandle(forWritingTo: URL(filePath: file)).write(contentsOf: seed)
        let backup = pair.folder + "/backup"
        for deed in [
            { try home(answering: "tulip").backUpSeed(of: "peer", to: backup) },
            { try home.moveSeed(of: "peer", to: elsewhere()) },
        ] {
            let error = #expect(throws: PacketFSError.self) { try deed() }
            #expect(error?.code == .state)
        }
        #expect(!FileManager.default.fileExists(atPath: backup))
        #expect(!FileManager.default.fileExists(atPath: pair.folder + "/seed"))
    }

    @Test func aBackupMakesTheEntryOfANewHome() throws {
        let backup = pair.folder + "/backup"
        try home(answering: "tulip").backUpSeed(of: "peer", to: backup)
        let fingerprint = try home.peers().first?.fingerprint
        try home.removePeer("peer")
        let restored = try home(answering: "tulip").restoreSeed(
            from: backup, as: "again", grants: [PacketFS.Grant(root: pair.folder, verbs: [.get])])
        #expect(restored.name == "again" && restored.fingerprint == fingerprint && restored.grants.count == 1)
        #expect(try home.seeds(of: "again").first?.generation == 0)
    }

    @Test func aBackupOfAnOlderOrRevokedSeedIsRefused() throws {
        let backup = pair.folder + "/backup"
        try home(answering: "tulip").backUpSeed(of: "peer", to: backup)
        try pair.rotate(.left)
        #expect(throws: PacketFSError.self) {
            try home(answering: "tulip").backUpSeed(of: "peer", to: pair.folder + "/second")
        }
        #expect(throws: PacketFSError.self) { try home.moveSeed(of: "peer", to: elsewhere()) }
        try pair.importMail(.right)
        #expect(try pair.session(from: .left))
        let error = #expect(throws: PacketFSError.self) { try home(answering: "tulip").restoreSeed(from: backup) }
        #expect(error?.code == .refused)
        try home.revokeSeeds(of: "peer")
        #expect(throws: PacketFSError.self) { try home(answering: "tulip").restoreSeed(from: backup) }
        #expect(try pair.seedFiles(.left).isEmpty)
    }

    /// After a leak one revokes, and may well remove the peer.
    @Test func aRevokedSeedIsNotTakenBackForAPeerThatWasRemoved() throws {
        let backup = pair.folder + "/backup"
        try home(answering: "tulip").backUpSeed(of: "peer", to: backup)
        try home.revokeSeeds(of: "peer")
        try home.removePeer("peer")
        let error = #expect(throws: PacketFSError.self) { try home(answering: "tulip").restoreSeed(from: backup) }
        #expect(error?.code == .refused)
        #expect(try home.peers().isEmpty && pair.seedFiles(.left).isEmpty)
    }
}
