import Dispatch
import Glibc
import Testing

@testable import PacketFS

/// What is done beside a session.
@Suite struct ErrandTests {
    private struct Gone: Error {}

    @Test func aSessionGoesOnMeanwhile() throws {
        let mayEnd = DispatchSemaphore(value: 0)
        let errand = Errand<Int>(onThread: true) {
            mayEnd.wait()
            throw Gone()
        }
        #expect(try errand.take() == nil)
        mayEnd.signal()
        #expect(errand.settle() == nil)
        #expect(throws: Gone.self) { _ = try errand.take() }
        #expect(errand.seconds > 0.1)
    }

    /// It sees that nobody wants it, and one that waits behind others is not begun.
    @Test(.timeLimit(.minutes(1))) func whatNobodyWantsEnds() throws {
        let begun = DispatchSemaphore(value: 0)
        let (lane, queue) = (PeerLane(width: 1), DispatchQueue(label: "session"))
        lane.mark(queue)
        func errand() -> Errand<Int> {
            queue.sync {
                Errand(onThread: true) { wish in
                    begun.signal()
                    while wish.stands { usleep(1000) }
                    return 7
                }
            }
        }
        let first = errand()
        begun.wait()
        #expect(errand().giveUp() == nil)
        #expect(first.giveUp() == 7)
        #expect(begun.wait(timeout: .now() + .milliseconds(100)) == .timedOut)
    }

    @Test func withoutAThreadItIsDoneAtOnce() {
        let errand = Errand<Int>(onThread: false) { throw Gone() }
        #expect(throws: Gone.self) { _ = try errand.take() }
    }
}
