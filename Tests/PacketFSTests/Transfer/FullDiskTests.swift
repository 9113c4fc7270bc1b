import Foundation
import Glibc
import PacketFSEngine
import PacketFSPlan
import PacketFSRebuild
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// The disk of a blob is full: both ends say so.
@Suite struct FullDiskTests {
    /// The blob of one home on a small RAM disk; `left` sends.
    private final class SmallBlob {
        let pair: TestPair
        private let data: String

        init?(of side: TestPair.Side) throws {
            pair = try TestPair()
            data = pair[side].location.data
            guard mount("none", data, "tmpfs", 0, "size=6m,mode=0700") == 0 else { return nil }
            var random = SeededRandom(seed: 3)
            let bytes = random.bytes(12 << 20)
            Tree(["file": .file(bytes, mode: 0o600, modified: 1_600_000_000)]).write(to: pair.outbox)
        }

        deinit { umount2(data, Int32(MNT_DETACH)) }
    }

    private static let canMount = (try? SmallBlob(of: .left)) != nil

    @Test(.enabled(if: canMount, "mounting a RAM disk needs privilege"), arguments: [Verb.put, .get])
    func bothEndsSayThatItIsFull(verb: Verb) throws {
        let blob = try #require(try SmallBlob(of: .left))
        var setup = SessionSetup()
        setup.verb = verb
        var random = SeededRandom(seed: 4)
        let session = try SimulatedSession(blob.pair, setup, random: &random)
        try session.run()
        let (sender, receiver) =
            verb == .put ? (session.initiator, session.responder) : (session.responder, session.initiator)
        #expect(session.failure(of: sender) as? PlanError == .diskFull)
        #expect(session.failure(of: receiver) as? EngineError == .peerAborted(.diskFull))
        for end in [sender, receiver] {
            let failure = try #require(session.failure(of: end))
            #expect(PacketFSError(explaining: failure, peer: nil).code == .diskFull)
        }
    }

    /// It is not the destination that is full.
    @Test(.enabled(if: canMount, "mounting a RAM disk needs privilege"))
    func aFullReplicaIsNoFullDestination() throws {
        let blob = try #require(try SmallBlob(of: .right))
        var random = SeededRandom(seed: 4)
        let session = try SimulatedSession(blob.pair, SessionSetup(), random: &random)
        try session.run()
        #expect(session.failure(of: session.initiator) as? EngineError == .peerAborted(.diskFull))
        let failure = try #require(session.failure(of: session.responder))
        #expect(failure as? RebuildError == .replicaFull)
        let error = PacketFSError(explaining: failure, peer: nil)
        #expect(error.code == .diskFull && error.message == "no space is left for the blob")
        #expect(error.hint?.contains("blob trim") == true)
    }
}
