import Dispatch
import Testing

@testable import PacketFS

/// Looking at the sources beside the session.
@Suite struct PlanningTests {
    private struct Gone: Error {}

    @Test func aSessionGoesOnWhileItsSourcesAreLookedAt() throws {
        let isLooking = DispatchSemaphore(value: 0)
        let planning = Planning(onThread: true) {
            isLooking.wait()
            throw Gone()
        }
        #expect(try planning.take() === nil)
        isLooking.signal()
        #expect(planning.settle() === nil)
        #expect(throws: Gone.self) { _ = try planning.take() }
        #expect(planning.seconds >= 0.5)
    }

    @Test func withoutAThreadThePlanIsThereAtOnce() {
        let planning = Planning(onThread: false) { throw Gone() }
        #expect(throws: Gone.self) { _ = try planning.take() }
    }
}
