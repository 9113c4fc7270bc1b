import PacketFSChannel
import Testing

@testable import PacketFS

@Suite struct AnsweredCallsTests {
    private func call(_ number: UInt8) -> CallID { CallID(of: [number]) }

    @Test func whatWasAnsweredIsKnown() {
        let calls = AnsweredCalls()
        #expect(calls.insert(call(1)))
        #expect(calls.contains(call(1)) && !calls.contains(call(2)))
        #expect(!calls.insert(call(1)), "whoever comes second is told")
    }

    @Test func theOldestIsForgottenFirst() {
        let calls = AnsweredCalls(bound: 3)
        for number: UInt8 in [1, 2, 1, 3, 4, 5] { _ = calls.insert(call(number)) }
        #expect((1...5).map { calls.contains(call($0)) } == [false, false, true, true, true])
        #expect(calls.insert(call(1)))
        #expect((1...5).map { calls.contains(call($0)) } == [true, false, false, true, true])
    }
}
