import Foundation
import PacketFSBlob
import Testing

@testable import PacketFS

@Suite("Adding to the blob", .timeLimit(.minutes(15)))
struct AddToBlobTests {
    private static let size = 1_300_000

    @Test func whatWasAddedIsNotSentAgain() async throws {
        let pair = try HomePair()
        let bytes = HomePair.random(Self.size, seed: 1)
        try pair.write(bytes, to: "corpus")
        try await pair.serving {
            let added = try await pair.add(["corpus"])
            #expect(added.bytesLearned == UInt64(Self.size) && added.treeBytes == UInt64(Self.size))
            #expect(added.filesWritten == 1 && added.filesKept == 0)
            #expect(try pair.names().isEmpty, "no file of the peer is touched")
            let sent = try await pair.send()
            #expect(pair.arrived("corpus") == bytes)
            #expect(sent.dataPlaneBytes < 2000 && sent.wireBytes < 65_536 && sent.leavesRepaired == 0)
        }
    }

    @Test func bothEndsHoldTheSameExtents() async throws {
        let pair = try HomePair()
        try pair.write(HomePair.random(Self.size, seed: 2), to: "a")
        try pair.write([UInt8](repeating: 7, count: 5), to: "b")
        try pair.write(Array(String(repeating: "all work and no play ", count: 9000).utf8), to: "c")
        try await pair.serving {
            _ = try await pair.add(["a", "c"])
            _ = try await pair.add(["b"])
        }
        let own = try pair.office.extents(peer: "ship").filter(\.isOwn)
        let replica = try pair.ship.extents(peer: "office").filter { !$0.isOwn }
        #expect(own.count == 2 && own.allSatisfy { $0.state == "acknowledged" })
        #expect(own.map(\.address) == replica.map(\.address) && own.map(\.length) == replica.map(\.length))
        #expect(own.map(\.firstPath) == ["a", "b"] && own.map(\.lastPath) == ["c", "b"])
        #expect(try pair.ship.verifyBlob().damaged.isEmpty)
    }

    @Test func anInterruptedAdditionIsRepeated() async throws {
        let pair = try HomePair()
        let bytes = HomePair.random(Self.size, seed: 3)
        try pair.write(bytes, to: "corpus")
        _ = try pair.office.updatePeer("ship", address: "127.0.0.1:9")
        await #expect(throws: PacketFSError.self) { try await pair.add(["corpus"]) }
        #expect(try pair.office.extents().map(\.state) == ["pending"])
        try await pair.serving {
            let added = try await pair.add(["corpus"])
            #expect(added.bytesLearned == UInt64(Self.size))
            #expect(try pair.office.extents().map(\.state) == ["acknowledged"])
            let again = try await pair.add(["corpus"])
            #expect(again.bytesLearned == 0 && again.dataPlaneBytes < 2000)
            #expect(again.filesWritten == 0 && again.filesKept == 1)
        }
    }

    /// Long before all of it is placed.
    @Test func anAdditionThatIsCancelledStops() async throws {
        let pair = try HomePair()
        try pair.write(HomePair.random(16 << 20, seed: 8), to: "corpus")
        _ = try pair.office.updatePeer("ship", address: "127.0.0.1:9")
        let adding = Task { try await pair.add(["corpus"]) }
        adding.cancel()
        let error = await #expect(throws: PacketFSError.self) { try await adding.value }
        #expect(error?.code == .interrupted)
        #expect(try pair.office.extents().isEmpty)
    }

    /// What is not sent yet is found all the same, by an index that had to be made anew.
    @Test func anIndexThatIsLostFindsWhatIsPending() async throws {
        let pair = try HomePair()
        try pair.write(HomePair.random(Self.size, seed: 6), to: "corpus")
        _ = try pair.office.updatePeer("ship", address: "127.0.0.1:9")
        await #expect(throws: PacketFSError.self) { try await pair.add(["corpus"]) }
        let blobs = pair.office.location.data + "/blob"
        let index = try #require(
            FileManager.default.subpathsOfDirectory(atPath: blobs).first { $0.hasSuffix("own.index") })
        try FileManager.default.removeItem(atPath: blobs + "/" + index)
        try await pair.serving {
            let added = try await pair.add(["corpus"])
            #expect(added.filesWritten == 0 && added.bytesLearned == UInt64(Self.size))
        }
    }

    /// The peer has no path of what was added, which may be of any.
    @Test func forgettingSaysWhatItDoesNotLookInto() async throws {
        let pair = try HomePair()
        try pair.write(HomePair.random(Self.size, seed: 7), to: "corpus")
        try await pair.serving { _ = try await pair.add(["corpus"]) }
        let there = try pair.ship.forget(path: "corpus")
        #expect(there.extents == 0 && there.addedBytes == UInt64(Self.size))
        let here = try pair.office.forget(path: "corpus")
        #expect(here.extents == 1 && here.addedBytes == 0)
        #expect(try pair.ship.trimBlob(to: 0).addedBytes == 0)
        #expect(try pair.ship.forget(path: "corpus").addedBytes == 0)
    }

    /// Else who finds the index could tell whether bytes that he guesses were there.
    @Test func theIndexKeepsNothingOfWhatIsForgotten() async throws {
        let pair = try HomePair()
        let files = (forgotten: HomePair.random(Self.size, seed: 8), kept: HomePair.random(Self.size, seed: 9))
        try pair.write(files.forgotten, to: "forgotten")
        try pair.write(files.kept, to: "kept")
        try await pair.serving { for name in ["forgotten", "kept"] { _ = try await pair.add([name]) } }
        func known(_ bytes: [UInt8]) throws -> Int {
            let index = try pair.office.domain(of: pair.office.record(named: "ship")).openOwn().index
            var count = 0
            bytes.withUnsafeBytes { bytes in
                Anchors.scan(bytes) { _, hash in count += index.candidates(for: hash).isEmpty ? 0 : 1 }
            }
            return count
        }
        #expect(try known(files.forgotten) > 2000)
        _ = try pair.office.forget(path: "forgotten")
        #expect(try known(files.forgotten) < 10)
        #expect(try known(files.kept) > 2000)
    }

    /// What a session brings counts only once it was acknowledged: one that had to bring all of much would never end.
    @Test func muchIsSentInPortions() async throws {
        let pair = try HomePair()
        _ = try pair.office.updatePeer("ship", address: "127.0.0.1:9")
        let names = ["a", "b", "c"]
        for (seed, name) in names.enumerated() {
            try pair.write(HomePair.random(70_000, seed: UInt64(seed)), to: name)
            await #expect(throws: PacketFSError.self) { try await pair.add([name]) }
        }
        try await pair.serving {
            let sources = names.map { pair.sources + "/" + $0 }
            let added = try await pair.office.addToBlob(
                sources, peer: "ship", options: SendOptions(), portion: 100_000
            ).summary()
            #expect(added.bytesLearned == 210_000)
        }
        #expect(try pair.office.extents().map(\.state) == ["acknowledged", "acknowledged", "acknowledged"])
        #expect(try pair.ship.extents().count == 3)
        #expect(try pair.ship.verifyBlob().damaged.isEmpty)
    }

    @Test func whatThePeerDroppedIsAddedAgain() async throws {
        let pair = try HomePair()
        try pair.write(HomePair.random(Self.size, seed: 4), to: "corpus")
        try pair.write(HomePair.random(70_000, seed: 5), to: "more")
        try await pair.serving {
            _ = try await pair.add(["corpus"])
            #expect(try pair.ship.trimBlob(to: 0).extents > 0 && pair.ship.extents().isEmpty)
            let added = try await pair.add(["corpus", "more"])
            #expect(added.bytesLearned == UInt64(Self.size + 70_000))
            #expect(try pair.office.extents().allSatisfy { $0.state == "acknowledged" })
            #expect(try await pair.send().dataPlaneBytes < 2000)
        }
    }

    /// What is damaged in our log is not what its record says, and not acknowledged.
    @Test func whatDoesNotArriveIsTold() async throws {
        let pair = try HomePair()
        try pair.write(HomePair.random(Self.size, seed: 6), to: "corpus")
        try pair.write(HomePair.random(70_000, seed: 7), to: "more")
        _ = try pair.office.updatePeer("ship", address: "127.0.0.1:9")
        await #expect(throws: PacketFSError.self) { try await pair.add(["corpus"]) }
        let extent = try #require(try pair.office.extents().first)
        try pair.office.domain(of: pair.office.record(named: "ship")).openOwn().log
            .write([1, 2, 3, 4], at: extent.address)
        try await pair.serving {
            let added = try await pair.add(["more"])
            #expect(added.filesWritten == 1 && added.warnings.count == 1)
            #expect(added.warnings.first?.reason.contains("on record: 1") == true)
            _ = try pair.office.verifyBlob()
            #expect(try await pair.add(["corpus"]).warnings.isEmpty)
        }
    }

    /// Such as a log that is appended to all the time.
    @Test func whatChangesWhileItIsLookedAtIsTold() throws {
        let pair = try HomePair()
        try pair.write([1, 2, 3], to: "changing")
        let domain = try pair.office.domain(of: pair.office.record(named: "ship"))
        let job = SendJob(sources: [pair.sources + "/"], destination: "", options: SendOptions())
        let tree = try job.scan()
        try pair.write([1, 2, 3, 4], to: "changing")
        let added = try BlobAddition(domain: domain, job: job).add(tree, to: domain.openOwn(), while: Wish())
        #expect(added.files == 0 && added.filesKept == 0)
        #expect(added.warnings.map(\.path) == ["changing"])
        #expect(try pair.office.extents().isEmpty)
    }

    @Test func aPeerThatMayOnlyGetMayNotAdd() async throws {
        let pair = try HomePair(verbs: [.get])
        try pair.write([1, 2, 3], to: "corpus")
        try await pair.serving {
            await #expect(throws: PacketFSError.self) { try await pair.add(["corpus"]) }
        }
        #expect(try pair.ship.extents().isEmpty)
    }
}
