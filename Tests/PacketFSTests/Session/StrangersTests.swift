import Testing

@testable import PacketFS

@Suite struct StrangersTests {
    @Test func ofManyAFewAreReportedAndTheOthersCounted() {
        let strangers = Strangers()
        for _ in 0..<2 {
            #expect((0..<5000).count { _ in strangers.fail() } == Strangers.bound)
            #expect(strangers.endPeriod() == 5000 - Strangers.bound)
        }
        #expect(strangers.endPeriod() == 0)
        for _ in 0..<Strangers.bound { #expect(strangers.fail()) }
        #expect(strangers.endPeriod() == 0)
    }
}
