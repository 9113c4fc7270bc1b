import Foundation
import PacketFSStore
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// Rotations that are interrupted anywhere, in any order, leave both sides a seed that they share.
@Suite struct RotationTests {
    private typealias Step = @Sendable (SeedPair) throws -> Void

    private static let walk: [Step] = [
        { try $0.rotate(.left) }, { try $0.importMail(.right) },
        { try expectSession(from: .right, $0) }, { try expectSession(from: .left, $0) },
    ]

    private static func expectSession(from side: SeedPair.Side, _ pair: SeedPair) throws {
        #expect(try pair.session(from: side))
    }

    private func expectSettled(_ pair: SeedPair) throws {
        for side in SeedPair.Side.allCases {
            #expect(try pair.names(side).count == 1)
            #expect(try pair.seedFiles(side).count == 1)
            #expect(try pair.home(side).store.abandonedPlaces().isEmpty)
        }
        #expect(try pair.names(.left) == pair.names(.right))
    }

    @Test func aRotationReplacesTheSeedOnBothSides() throws {
        let pair = try SeedPair()
        let before = try pair.names(.left)
        for step in Self.walk { try step(pair) }
        try expectSettled(pair)
        #expect(try pair.names(.left) != before)
        #expect(try pair.home(.left).seeds().map(\.fingerprint) == pair.home(.right).seeds().map(\.fingerprint))
    }

    @Test func aSeedThatItsVaultLostKeepsTheNextFromNothing() throws {
        let pair = try SeedPair()
        let old = try #require(try pair.seedFiles(.left).first)
        try pair.rotate(.left)
        try pair.importMail(.right)
        try FileManager.default.removeItem(atPath: "\(pair.folder)/left/state/seeds/\(old)")
        #expect(try pair.session(from: .left))
        try expectSettled(pair)
    }

    @Test(arguments: 0..<4)
    func anyStepMayCrashAnywhere(_ crashing: Int) throws {
        for crash in 0..<30 {
            let pair = try SeedPair()
            for step in Self.walk[..<crashing] { try step(pair) }
            pair.gate.crash(after: crash)
            let isWhole = (try? Self.walk[crashing](pair)) != nil
            #expect(try pair.shareASeed(), "step \(crashing), crash \(crash)")
            guard !isWhole else {
                #expect(crash > 0)
                return
            }
            // Whoever runs the same again gets through.
            for step in Self.walk { try step(pair) }
            try expectSettled(pair)
        }
        Issue.record("a step has more than 30 durable parts")
    }

    /// Both sides rotate, take in files, old ones too, cancel, and hold sessions, in any order, and crash on the way.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func anyOrderLeavesASeedThatBothShare(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let pair = try SeedPair()
        for event in 0..<25 {
            let side: SeedPair.Side = random.oneIn(2) ? .left : .right
            pair.gate.crash(after: random.oneIn(3) ? random.draw(0...8) : nil)
            // Much of this is refused, such as an eighth seed, or a file that is too old. No harm may come of it.
            switch random.draw(0...5) {
            case 0: try? pair.rotate(side)
            case 1, 2: try? pair.importMail(side, back: random.draw(0...2))
            case 3: try? pair.home(side).cancelRotation(of: "peer")
            default: _ = try? pair.session(from: side)
            }
            #expect(try pair.shareASeed(), "seed \(seed), event \(event)")
        }
        for side in SeedPair.Side.allCases {
            #expect(try pair.session(from: side))
            let known = Set(try pair.home(side).seeds().map { String($0.vault.dropFirst(5)) })
            pair.home(side).keeper.sweepIfFree()
            #expect(try Set(pair.seedFiles(side)) == known, "seed \(seed)")
        }
    }

    @Test func bothMayRotateAtOnce() throws {
        let pair = try SeedPair()
        for side in SeedPair.Side.allCases { try pair.rotate(side) }
        for side in SeedPair.Side.allCases { try pair.importMail(side) }
        #expect(try pair.session(from: .left))
        try expectSettled(pair)
    }

    @Test func aRotationIsGivenUpOnlyWhileThePeerCannotHaveSettledIt() throws {
        let pair = try SeedPair()
        let before = try pair.names(.left)
        let none = #expect(throws: PacketFSError.self) { try pair.home(.left).cancelRotation(of: "peer") }
        #expect(none?.code == .usage && none?.message == "no rotation of peer is under way")
        try pair.rotate(.left)
        try pair.home(.left).cancelRotation(of: "peer")
        #expect(try pair.names(.left) == before)
        #expect(try pair.seedFiles(.left).count == 1)
        try pair.rotate(.left)
        try pair.importMail(.right)
        // The session breaks right after the right side learned that the left one holds the seed.
        pair.gate.crash(after: 2)
        #expect(throws: CrashSeedGate.Crash.self) { _ = try pair.session(from: .left) }
        try pair.restart()
        let error = #expect(throws: PacketFSError.self) { try pair.home(.left).cancelRotation(of: "peer") }
        #expect(error?.code == .refused)
        #expect(try pair.shareASeed())
    }

    @Test func whatIsRevokedDoesNotComeBack() throws {
        let pair = try SeedPair()
        try pair.rotate(.left)
        try pair.importMail(.right)
        #expect(try pair.home(.right).revokeSeeds(of: "peer") == 2)
        #expect(try pair.seedFiles(.right).isEmpty)
        #expect(try !pair.session(from: .left))
        #expect(throws: PacketFSError.self) { try pair.importMail(.right) }
        #expect(try pair.seedFiles(.right).isEmpty)
        #expect(throws: PacketFSError.self) { _ = try pair.session(from: .right) }
        // A new one does.
        try pair.rotate(.right)
        try pair.importMail(.left)
        #expect(try pair.session(from: .left))
        try expectSettled(pair)
    }

    /// A session looks for that now and then; a new seed may be there by the time.
    @Test func aRevokedSeedStaysRevokedWhateverComesAfterIt() throws {
        let pair = try SeedPair()
        let home = pair.home(.right)
        let old = try #require(try home.store.seeds(of: home.record(named: "peer").party).last)
        #expect(!home.isRevoked(old))
        try pair.rotate(.right)
        #expect(!home.isRevoked(old))
        _ = try home.revokeSeeds(of: "peer")
        try pair.rotate(.right)
        let new = try #require(try home.store.seeds(of: old.party).last)
        #expect(home.isRevoked(old) && !home.isRevoked(new))
        try home.removePeer("peer")
        #expect(home.isRevoked(new))
    }

    /// Whoever imports a file again may do so because its seed is lost, and the file is destroyed.
    @Test func aSeedThatIsLostIsTakenInAgain() throws {
        let pair = try SeedPair()
        for step in Self.walk { try step(pair) }
        let folder = pair.home(.right).seedFolder
        let lost = try folder + "/" + #require(pair.seedFiles(.right).first)
        try FileManager.default.removeItem(atPath: lost)
        try pair.restart()
        try pair.importMail(.right)
        #expect(try pair.session(from: .left))
        try expectSettled(pair)
        // Nor does another seed stand for it.
        let file = try folder + "/" + #require(pair.seedFiles(.right).first)
        let seed = try Data(contentsOf: URL(filePath: file))
        try FileHandle(forWritingTo: URL(filePath: file)).write(contentsOf: seed.dropLast() + [~(seed.last ?? 0)])
        #expect(throws: PacketFSError.self) { try pair.importMail(.right) }
        #expect(FileManager.default.fileExists(atPath: pair.folder + "/carried"))
        // Where it is in its place, only the file goes.
        try FileHandle(forWritingTo: URL(filePath: file)).write(contentsOf: seed)
        try pair.importMail(.right)
        #expect(!FileManager.default.fileExists(atPath: pair.folder + "/carried"))
        try expectSettled(pair)
    }

    /// A lost seed that is put back where it was, by another name of that place: it is not what was abandoned there.
    @Test(arguments: ["seeds", "link"]) func aSeedMayComeBackUnderAnotherPath(_ folder: String) throws {
        let pair = try SeedPair()
        for step in Self.walk { try step(pair) }
        let home = pair.home(.right)
        let name = try #require(pair.seedFiles(.right).first)
        let link = home.location.state + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: home.seedFolder)
        try FileManager.default.removeItem(atPath: home.seedFolder + "/" + name)
        let uri = "file:\(home.location.state)/\(folder)/\(name)"
        try pair.importMail(.right, keeping: SeedKeeping(uri: uri))
        #expect(try pair.seedFiles(.right) == [name])
        #expect(try pair.home(.right).seeds().map(\.vault) == [uri])
        try pair.restart()
        #expect(try pair.session(from: .right))
        try expectSettled(pair)
        // What is abandoned for good goes from there.
        try pair.home(.right).revokeSeeds(of: "peer")
        #expect(try pair.seedFiles(.right).isEmpty)
    }

    @Test func aFileForSomebodyElseIsRefused() throws {
        let (one, two) = (try SeedPair(), try SeedPair())
        let file = one.folder + "/other"
        try one.home(.left).rotateSeed(of: "peer", exportingTo: file)
        for home in [two.home(.left), two.home(.right), one.home(.left)] {
            let error = #expect(throws: PacketFSError.self) { try home.importRotation(of: "peer", from: file) }
            #expect(error?.code == .peer)
        }
        #expect(FileManager.default.fileExists(atPath: file))
        #expect(throws: PacketFSError.self) { try one.home(.left).rotateSeed(of: "peer", exportingTo: file) }
        #expect(try one.names(.left).count == 2)
    }
}
