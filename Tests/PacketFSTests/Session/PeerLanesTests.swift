import Dispatch
import Glibc
import PacketFSWire
import Synchronization
import Testing

@testable import PacketFS

/// A peer with many sessions works at one of them at a time for each of its lanes; others do not wait for it.
@Suite struct PeerLanesTests {
    private final class Worked: Sendable {
        let most = Mutex(0)
        let now = Mutex(0)

        func work() {
            let count = now.withLock { now in
                now += 1
                return now
            }
            most.withLock { $0 = max($0, count) }
            usleep(2_000)
            now.withLock { $0 -= 1 }
        }
    }

    private func party(_ byte: UInt8) throws -> PartyID { try #require(PartyID([UInt8](repeating: byte, count: 16))) }

    /// Six sessions of one peer, each of which has ten things to do.
    @Test(arguments: [1, 2])
    func aPeerHasSoManyLanesAndNoMore(width: Int) throws {
        let lanes = PeerLanes(width: width)
        let (peer, worked, done) = (try party(1), Worked(), DispatchGroup())
        let queues = (0..<6).map { _ in
            DispatchQueue(label: "session", qos: .userInitiated, target: lanes.next(of: peer))
        }
        for queue in queues {
            for _ in 0..<10 { queue.async(group: done) { worked.work() } }
        }
        done.wait()
        #expect(worked.most.withLock(\.self) == width)
    }

    @Test func nobodyWaitsForAnotherPeer() throws {
        let lanes = PeerLanes(width: 1)
        let (held, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        lanes.next(of: try party(1)).async { held.wait() }
        lanes.next(of: try party(2)).async { done.signal() }
        #expect(done.wait(timeout: .now() + 20) == .success)
        held.signal()
    }
}
