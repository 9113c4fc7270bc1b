import Dispatch
import PacketFSPlan
import PacketFSWire
import Testing

@testable import PacketFS

/// What the link's pace does to planning.
@Suite struct PlanAheadTests {
    /// Plans records of nothing, each in so many milliseconds, and notes which were planned in haste.
    private final class Source: RecordSource, @unchecked Sendable {
        let milliseconds: UInt32
        let contentLength: UInt64 = 0
        let contentPlanned: UInt64 = 0
        private(set) var hastes: [Bool] = []

        init(milliseconds: UInt32) {
            self.milliseconds = milliseconds
        }

        func next(inHaste: Bool) throws(PlanError) -> PlanStep? {
            guard hastes.count < 6 else { return nil }
            hastes.append(inHaste)
            DispatchSemaphore(value: 0).waitFor(milliseconds: milliseconds)
            return .record(.more(content: 1))
        }

        func want(_ entries: [Int]) throws(PlanError) { throw .unknownEntry }
        func tags(of leaf: LeafID) throws(PlanError) -> [UInt8] { throw .unknownLeaf }
        func part(_ part: Int, of leaf: LeafID) throws(PlanError) -> [UInt8] { throw .unknownLeaf }
    }

    private func hastes(planning: UInt32, sending: UInt32, onThread: Bool = true) throws -> [Bool] {
        let source = Source(milliseconds: planning)
        let ahead = PlanAhead(source, onThread: onThread)
        while try ahead.next() != nil { DispatchSemaphore(value: 0).waitFor(milliseconds: sending) }
        return source.hastes
    }

    @Test func whatTheLinkWaitsForIsPlannedInHaste() throws {
        let hastes = try hastes(planning: 200, sending: 1)
        // The first is asked for before it can have been planned, and the second was begun with it.
        #expect(hastes == [false, false, true, true, true, true])
    }

    @Test func whatWaitsForTheLinkIsNot() throws {
        #expect(try hastes(planning: 40, sending: 200) == [Bool](repeating: false, count: 6))
    }

    @Test func withoutAThreadThereIsNoPace() throws {
        #expect(try hastes(planning: 30, sending: 0, onThread: false) == [Bool](repeating: false, count: 6))
    }
}

extension DispatchSemaphore {
    /// Sleeps; nobody signals.
    fileprivate func waitFor(milliseconds: UInt32) {
        _ = wait(timeout: .now() + .milliseconds(Int(milliseconds)))
    }
}
