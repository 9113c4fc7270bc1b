import Dispatch
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

    @Test func withoutAThreadItIsDoneAtOnce() {
        let errand = Errand<Int>(onThread: false) { throw Gone() }
        #expect(throws: Gone.self) { _ = try errand.take() }
    }
}
