import Foundation
import PacketFSStore
import PacketFSTestKit
import PacketFSWire
import Synchronization
import Testing

@testable import PacketFS
@testable import PacketFSVault

/// What a server answers to is remembered, but what becomes of seeds takes effect at the next handshake.
@Suite struct AnswerableSeedsTests {
    private let pair: SeedPair
    private let server: Home
    /// The same home as another process has it.
    private let other: Home

    init() throws {
        pair = try SeedPair()
        server = pair.home(.right)
        other = try Home.open(at: server.location)
        #expect(try server.answerableSeeds().count == 1)
    }

    private func names() throws -> [SeedName] {
        try server.answerableSeeds().map(\.record.name)
    }

    private func version() -> StoreVersion? {
        server.answerable.withLock { $0?.version }
    }

    @Test func aSeedIsRevokedAtOnceByWhomever() throws {
        _ = try other.revokeSeeds(of: "peer")
        #expect(try server.answerableSeeds().isEmpty)
        let keys = server.unlocked.withLock { $0.count }
        #expect(keys == 0)
        #expect(try !pair.session(from: .left))
    }

    @Test func aRemovedPeerIsGoneAndANewOneThere() throws {
        try other.removePeer("peer")
        #expect(try server.answerableSeeds().isEmpty)
        _ = try other.newPeer("another", exportingTo: pair.folder + "/another")
        #expect(try server.answerableSeeds().count == 1)
        _ = try server.newPeer("third", exportingTo: pair.folder + "/third")
        #expect(try server.answerableSeeds().count == 2)
    }

    @Test func aRotationIsAnsweredAtOnceAndTheOldSeedNoMoreOnceItIsSettled() throws {
        let old = try names()
        try other.rotateSeed(of: "peer", exportingTo: pair.folder + "/rotation")
        #expect(try names().count == 2)
        try pair.home(.left).importRotation(of: "peer", from: pair.folder + "/rotation")
        #expect(try pair.session(from: .left))
        let new = try names()
        #expect(new.count == 1 && new != old)
    }

    @Test func nothingIsReadAgainAsLongAsNothingChanges() throws {
        let seeds = try server.answerableSeeds()
        let before = version()
        for _ in 0..<3 {
            let again = try server.answerableSeeds()
            #expect(again.count == 1 && again.first?.keys === seeds.first?.keys)
        }
        #expect(before != nil && version() == before)
        try other.rotateSeed(of: "peer", exportingTo: pair.folder + "/rotation")
        _ = try server.answerableSeeds()
        #expect(version() != before)
    }

    /// A vault that stays closed is tried once in a while, one in the keyring each time.
    @Test(arguments: [("file:x", 1...3), ("keyring:user/x", 10...10)])
    func aClosedVaultIsNotKnockedAtByEveryStranger(uri: String, times: ClosedRange<Int>) throws {
        struct Closed: Error {}
        let peer = try other.record(named: "peer")
        let record = SeedRecord(party: peer.party, name: try #require(names().first), vaultURI: uri)
        let seed = try LockedSeed(record, of: peer, server.silentSite)
        var known = AnswerableSeeds(version: try server.store.version(), seeds: [seed])
        var knocks = 0
        for _ in 0..<10 {
            let opened = known.opened(isKnown: { _ in false }) { _ in
                knocks += 1
                throw Closed()
            }
            #expect(opened.isEmpty)
        }
        #expect(times.contains(knocks))
    }
}
