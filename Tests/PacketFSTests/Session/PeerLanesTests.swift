import Dispatch
import Glibc
import PacketFSPlan
import PacketFSWire
import Synchronization
import Testing

@testable import PacketFS

/// A peer with many sessions works at so many of them at a time as its lane has room for; others do not wait for it.
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

    private func session(_ lane: PeerLane) -> DispatchQueue {
        let queue = DispatchQueue(label: "session", qos: .userInitiated)
        lane.mark(queue)
        return queue
    }

    /// Six sessions of one peer, each of which has ten things to do.
    @Test(arguments: [1, 2])
    func aPeerHasSoMuchRoomAndNoMore(width: Int) throws {
        let lanes = PeerLanes(width: width)
        let (peer, worked, done) = (try party(1), Worked(), DispatchGroup())
        for _ in 0..<6 {
            let lane = lanes.lane(of: peer)
            let queue = session(lane)
            for _ in 0..<10 { queue.async(group: done) { lane.work { worked.work() } } }
        }
        done.wait()
        #expect(worked.most.withLock(\.self) == width)
    }

    @Test func nobodyWaitsForAnotherPeer() throws {
        let lanes = PeerLanes(width: 1)
        let (one, other) = (lanes.lane(of: try party(1)), lanes.lane(of: try party(2)))
        let (held, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        session(one).async { one.work { held.wait() } }
        session(other).async { other.work { _ = done.signal() } }
        #expect(done.wait(timeout: .now() + 20) == .success)
        held.signal()
    }

    /// A session that waits for another of its peer does not keep that from what is waited for.
    @Test func whoWaitsStepsAside() throws {
        let lane = PeerLanes(width: 1).lane(of: try party(1))
        let (isWaiting, given, done) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        session(lane).async {
            lane.work {
                isWaiting.signal()
                PeerLane.aside { given.wait() }
                done.signal()
            }
        }
        isWaiting.wait()
        session(lane).async { lane.work { _ = given.signal() } }
        #expect(done.wait(timeout: .now() + 20) == .success)
    }

    /// Six sessions of one peer, each of which has an errand: they take turns at a room of their own, so that the
    /// sessions can say meanwhile that they live.
    @Test(arguments: [1, 2])
    func errandsTakeTurnsBesideTheSessions(width: Int) throws {
        let lane = PeerLanes(width: width).lane(of: try party(1))
        let (worked, begun, alive) = (Worked(), DispatchGroup(), DispatchSemaphore(value: 0))
        let errands = Mutex<[Errand<Void>]>([])
        let held = DispatchSemaphore(value: 0)
        for _ in 0..<6 {
            session(lane).async(group: begun) {
                lane.work {
                    let errand = Errand(onThread: true) {
                        held.wait()
                        for _ in 0..<10 { worked.work() }
                    }
                    errands.withLock { $0.append(errand) }
                }
            }
        }
        begun.wait()
        session(lane).async { lane.work { _ = alive.signal() } }
        #expect(alive.wait(timeout: .now() + 20) == .success)
        for _ in 0..<6 { held.signal() }
        for errand in errands.withLock(\.self) { errand.settle() }
        #expect(worked.most.withLock(\.self) == width)
    }

    /// An errand that is spread works in its own room, and in that of the sessions while they leave any.
    @Test(arguments: [true, false]) func whatIsSpreadIsDoneOnceEach(isBusy: Bool) throws {
        let lane = PeerLanes(width: 1).lane(of: try party(1))
        let (worked, held, done) = (Worked(), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let numbers = Mutex<[Int]>([])
        let errand = Mutex<Errand<Void>?>(nil)
        session(lane).async {
            lane.work {
                let made = Errand(onThread: true) {
                    PeerLane.spread(40) { number in
                        worked.work()
                        numbers.withLock { $0.append(number) }
                    }
                    PeerLane.spread(0) { _ in Issue.record("there is nothing to do") }
                    done.signal()
                }
                errand.withLock { $0 = made }
                if isBusy { held.wait() }
            }
        }
        #expect(done.wait(timeout: .now() + 20) == .success)
        held.signal()
        #expect(numbers.withLock { $0.sorted() } == Array(0..<40))
        #expect(worked.most.withLock(\.self) <= (isBusy ? 1 : 2))
    }

    /// Four sessions of one peer that plan ahead do so one after another, in the room that errands have.
    @Test func plansAheadTakeTurnsToo() throws {
        let lane = PeerLanes(width: 1).lane(of: try party(1))
        let (worked, done) = (Worked(), DispatchGroup())
        for _ in 0..<4 {
            session(lane).async(group: done) {
                lane.work {
                    let records = PlanAhead(Busy(worked), onThread: true)
                    for _ in 0..<5 { _ = try? records.next() }
                    records.settle()
                }
            }
        }
        done.wait()
        // One that plans what it is asked for is in the room of sessions, another may be ahead.
        #expect(1...2 ~= worked.most.withLock(\.self))
    }

    /// An errand of the peer may take longer than its other sessions may be silent.
    @Test func whoPlansAheadWaitsForNoErrand() throws {
        let lane = PeerLanes(width: 1).lane(of: try party(1))
        let (begun, held, done) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        let errand = Mutex<Errand<Void>?>(nil)
        session(lane).async {
            lane.work {
                let made = Errand(onThread: true) {
                    begun.signal()
                    held.wait()
                }
                errand.withLock { $0 = made }
            }
        }
        begun.wait()
        session(lane).async {
            lane.work {
                let records = PlanAhead(Busy(Worked()), onThread: true)
                for _ in 0..<5 { _ = try? records.next() }
                try? records.want([])
                done.signal()
            }
        }
        #expect(done.wait(timeout: .now() + 20) == .success)
        held.signal()
        errand.withLock(\.self)?.settle()
    }

    /// Steps that take a while.
    private final class Busy: RecordSource {
        private let worked: Worked
        let contentLength: UInt64 = 0
        let contentPlanned: UInt64 = 0

        init(_ worked: Worked) { self.worked = worked }

        func next(pace: Pace?) throws(PlanError) -> PlanStep? {
            worked.work()
            return .record(.origins([]))
        }

        func want(_ entries: [Int]) throws(PlanError) {}
        func tags(of leaf: LeafID) throws(PlanError) -> [UInt8] { [] }
        func part(_ part: Int, of leaf: LeafID) throws(PlanError) -> [UInt8] { [] }
    }
}
