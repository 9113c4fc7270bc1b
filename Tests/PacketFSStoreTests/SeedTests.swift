import Foundation
import GRDB
import PacketFSStore
import PacketFSWire
import Testing

@Suite struct SeedTests {
    private let scratch = Scratch()
    private let store: Store

    init() throws {
        store = try scratch.store()
        try store.add(peer(1))
    }

    private func names() throws -> [SeedName] { try store.seeds(of: party(1)).map(\.name) }

    @Test func everyFieldSurvivesReopeningOldestFirst() throws {
        var newer = seed(1, generation: 7)
        newer.fingerprint = "AAAA"
        newer.isOffered = true
        try store.add(seed(9))
        try store.add(newer)
        try store.add(seed(2, generation: 3))
        #expect(try scratch.store().seeds(of: party(1)) == [seed(9), seed(2, generation: 3), newer])
        #expect(try store.seeds().count == 3)
        #expect(try store.seeds(of: party(2)).isEmpty)
    }

    @Test func whatIsOlderThanEverythingIsStaleAndTwinsAreRefused() throws {
        try store.add(seed(5, generation: 2))
        #expect(throws: StoreError.staleSeed) { try store.add(seed(6, generation: 1)) }
        #expect(throws: StoreError.staleSeed) { try store.add(seed(4, generation: 2)) }
        #expect(throws: StoreError.duplicateSeed) { try store.add(seed(5, generation: 2)) }
        try store.add(seed(6, generation: 2))
        #expect(try names() == [seed(5, generation: 2).name, seed(6, generation: 2).name])
    }

    @Test func aPeerHasABoundedNumberOfSeeds() throws {
        for generation in 0..<UInt32(Store.seedBound) { try store.add(seed(1, generation: generation)) }
        #expect(throws: StoreError.tooManySeeds) { try store.add(seed(1, generation: 99)) }
        #expect(throws: StoreError.unknownPeer) { try store.add(seed(1, of: 2)) }
    }

    @Test func settlingLeavesTheOlderOnesToBeDestroyed() throws {
        for generation in 0..<3 as Range<UInt32> { try store.add(seed(1, generation: generation)) }
        #expect(try store.settle(seed(1, generation: 1)))
        #expect(try names().map(\.generation) == [1, 2])
        #expect(try store.abandonedPlaces().map(\.vaultURI) == ["file:1-0-1"])
        #expect(try !store.settle(seed(1, generation: 1)))
        #expect(throws: StoreError.unknownSeed) { try store.settle(seed(1)) }
        try store.forget(place: "file:1-0-1")
        #expect(try store.abandonedPlaces().isEmpty)
    }

    @Test func revokedGenerationsDoNotComeBack() throws {
        try store.add(seed(1))
        try store.add(seed(1, generation: 4))
        #expect(try store.revokeSeeds(of: party(1)) == 2)
        #expect(try names().isEmpty)
        #expect(try store.abandonedPlaces().map(\.vaultURI) == ["file:1-0-1", "file:1-4-1"])
        #expect(try store.seedFloor(of: party(1)) == 5)
        #expect(throws: StoreError.staleSeed) { try store.add(seed(9, generation: 4)) }
        try store.add(seed(1, generation: 5))
        #expect(try store.peers().count == 1)
    }

    @Test func aRemovedPeerThatComesBackHasNoRevokedSeeds() throws {
        try store.add(seed(1, generation: 4))
        _ = try store.revokeSeeds(of: party(1))
        try store.removePeer(party(1))
        #expect(throws: StoreError.unknownPeer) { try store.seedFloor(of: party(1)) }
        try store.add(peer(1))
        #expect(try store.seedFloor(of: party(1)) == 5)
        #expect(throws: StoreError.staleSeed) { try store.add(seed(1, generation: 4)) }
        try store.add(seed(1, generation: 5))
        // No other peer is concerned, nor one whose seeds were not revoked.
        try store.add(peer(2))
        try store.add(seed(1, of: 2))
        try store.removePeer(party(2))
        try store.add(peer(2))
        try store.add(seed(1, of: 2))
    }

    @Test func aMoveSwapsTheSeedsPlaceWithTheOneToBeDestroyed() throws {
        try store.add(seed(1))
        try store.reserve(AbandonedPlace(vaultURI: "keyring:user/a"))
        #expect(try store.abandonedPlaces().map(\.vaultURI) == ["keyring:user/a"])
        try store.move(seed(1), to: "keyring:user/a", in: nil)
        #expect(try store.abandonedPlaces().map(\.vaultURI) == ["file:1-0-1"])
        #expect(try store.seeds(of: party(1)).map(\.vaultURI) == ["keyring:user/a"])
        #expect(throws: StoreError.placeInUse) { try store.reserve(AbandonedPlace(vaultURI: "keyring:user/a")) }
        #expect(throws: StoreError.unknownSeed) { try store.move(seed(2), to: "keyring:user/b", in: nil) }
    }

    /// What a place lies in goes with it, from the first record to the last.
    @Test func whatAPlaceLiesInStaysKnown() throws {
        var (first, second) = (seed(1), seed(2, generation: 1))
        (first.holder, second.holder) = ("folder", "keyring")
        for seed in [first, second] { try store.add(seed) }
        #expect(try scratch.store().seeds() == [first, second])
        try store.move(first, to: "file:stick", in: "stick")
        #expect(try store.seeds().map(\.holder) == ["stick", "keyring"])
        try store.removePeer(party(1))
        let left = [
            AbandonedPlace(vaultURI: first.vaultURI, holder: "folder"),
            AbandonedPlace(vaultURI: second.vaultURI, holder: "keyring"),
            AbandonedPlace(vaultURI: "file:stick", holder: "stick"),
        ]
        #expect(try store.abandonedPlaces() == left)
        let reserved = AbandonedPlace(vaultURI: "file:x", holder: "another")
        try store.reserve(reserved)
        #expect(try store.abandonedPlaces() == left + [reserved])
    }

    /// Which seed is to be destroyed stays known, also of a peer that is gone.
    @Test func whichSeedIsAbandonedStaysKnown() throws {
        var first = seed(1)
        first.fingerprint = "AAAA"
        for seed in [first, seed(2, generation: 1)] { try store.add(seed) }
        let mark = SeedMark(party: party(1), own: peer(1).own, fingerprint: "AAAA")
        try store.move(first, to: "file:stick", in: nil)
        #expect(try store.abandonedPlaces().map(\.seed) == [mark])
        try store.removePeer(party(1))
        #expect(try scratch.store().abandonedPlaces().map(\.seed) == [mark, nil, mark])
        // Another seed comes there when that one is gone.
        let next = AbandonedPlace(
            vaultURI: "file:stick", seed: SeedMark(party: party(2), own: party(3), fingerprint: "BBBB"))
        try store.reserve(next)
        #expect(try store.abandonedPlaces().last == next)
    }

    /// What is still to be destroyed is not lost sight of because another stick has its name.
    @Test func aPlaceIsReservedInOneHolderAtATime() throws {
        let place = AbandonedPlace(vaultURI: "file:/stick/seed", holder: "stick")
        try store.reserve(place)
        try store.reserve(place)
        for holder in ["another", nil] {
            #expect(throws: StoreError.placeInUse) {
                try store.reserve(AbandonedPlace(vaultURI: place.vaultURI, holder: holder))
            }
        }
        #expect(try store.abandonedPlaces() == [place])
    }

    @Test func aReservedPlaceIsKeptOnceItsSeedIsAdded() throws {
        try store.reserve(AbandonedPlace(vaultURI: "file:1-0-1"))
        try store.add(seed(1))
        #expect(try store.abandonedPlaces().isEmpty)
        try store.withdraw(seed(1))
        #expect(try store.abandonedPlaces().map(\.vaultURI) == ["file:1-0-1"])
        #expect(throws: StoreError.unknownSeed) { try store.withdraw(seed(1)) }
        #expect(throws: StoreError.unknownSeed) { try store.markOffered(seed(1)) }
    }

    @Test func aRemovedPeersSeedsAreLeftToBeDestroyed() throws {
        try store.add(seed(1))
        try store.markOffered(seed(1))
        #expect(try store.seeds().first?.isOffered == true)
        try store.removePeer(party(1))
        #expect(try store.abandonedPlaces().map(\.vaultURI) == ["file:1-0-1"])
        #expect(try store.seeds().isEmpty)
        try store.verify()
    }

    /// A home of the first version had one seed for each peer, in a column of the peer.
    @Test func aHomeOfTheFirstVersionKeepsItsSeeds() throws {
        let old = Scratch()
        try old.makeFolder(mode: 0o700)
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/version1.sql")
        let queue = try DatabaseQueue(path: old.database)
        try queue.write { try $0.execute(sql: String(contentsOf: page, encoding: .utf8)) }
        try queue.close()
        try setPermissions(0o600, old.database)
        let store = try old.store()
        let expected = SeedRecord(
            party: party(1), name: SeedName(generation: 0, id: SeedID(unchecked: bytes(0, 16))),
            vaultURI: "file:01010101010101010101010101010101.seed")
        #expect(try store.seeds() == [expected])
        #expect(try store.peers() == [peer(1)])
        try store.add(seed(1, generation: 1))
        try store.verify()
    }
}
