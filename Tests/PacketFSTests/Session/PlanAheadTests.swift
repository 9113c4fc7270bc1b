import Dispatch
import PacketFSPlan
import PacketFSWire
import Testing

@testable import PacketFS

/// Planning beside the session.
@Suite struct PlanAheadTests {
    /// Plans three records of nothing, and notes what it was told of the link.
    private final class Source: RecordSource, @unchecked Sendable {
        let contentLength: UInt64 = 0
        private(set) var contentPlanned: UInt64 = 0
        private(set) var paces: [Pace?] = []
        /// Raised with every step.
        let planned = DispatchSemaphore(value: 0)

        func next(pace: Pace?) throws(PlanError) -> PlanStep? {
            defer { planned.signal() }
            guard paces.count < 3 else { return nil }
            paces.append(pace)
            contentPlanned += 1
            return .record(.more(content: contentPlanned))
        }

        func want(_ entries: [Int]) throws(PlanError) { throw .unknownEntry }
        func tags(of leaf: LeafID) throws(PlanError) -> [UInt8] { throw .unknownLeaf }
        func part(_ part: Int, of leaf: LeafID) throws(PlanError) -> [UInt8] { throw .unknownLeaf }
    }

    private static func pace(_ number: Int) -> Pace { Pace(rate: 1e6, slack: Double(number)) }

    @Test(arguments: [true, false]) func recordsComeInOrderAndTheLinksPaceGoesToTheirPlanner(onThread: Bool) throws {
        let source = Source()
        let ahead = PlanAhead(source, onThread: onThread)
        for number in 0..<3 {
            #expect(try ahead.next(pace: Self.pace(number)) == .record(.more(content: UInt64(number + 1))))
            if number == 0 { source.planned.wait() }
            if onThread { source.planned.wait() }
        }
        #expect(try ahead.next(pace: Self.pace(3)) == nil)
        // On a thread each is planned when the one before is taken.
        #expect(source.paces == (onThread ? [0, 0, 1] : [0, 1, 2]).map(Self.pace))
        #expect(throws: PlanError.unknownEntry) { try ahead.want([0]) }
    }

    @Test func progressIsThatOfTheRecordTaken() throws {
        let ahead = PlanAhead(Source(), onThread: true)
        _ = try ahead.next()
        #expect(ahead.contentPlanned == 1)
        _ = try ahead.next()
        #expect(ahead.contentPlanned == 2)
    }
}
