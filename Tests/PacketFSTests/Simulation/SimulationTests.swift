import Foundation
import PacketFSTestKit
import Testing

/// `PACKETFS_SIMULATION_RUNS` and `PACKETFS_SIMULATION_SEED` choose how many runs there are, and the first seed.
@Suite struct SimulationTests {
    static let runs = number("PACKETFS_SIMULATION_RUNS") ?? 200
    static let first = number("PACKETFS_SIMULATION_SEED") ?? 1

    /// Each lane has homes of its own; which lane runs a seed does not matter to it.
    @Test func everyRunKeepsThePromises() async throws {
        let lanes = UInt64(max(1, ProcessInfo.processInfo.activeProcessorCount))
        var harms: Set<Harm> = []
        try await withThrowingTaskGroup(of: (broken: [String], harms: [Harm: Int]).self) { group in
            for lane in 0..<lanes { group.addTask { try Self.run(lane, of: lanes) } }
            for try await lane in group {
                for violation in lane.broken { Issue.record("\(violation)") }
                harms.formUnion(lane.harms.keys)
            }
        }
        // What is rare may not occur in few runs.
        harms.insert(.lost)
        #expect(Self.runs < 200 || harms == Set(Harm.allCases), "everything that may go wrong does")
    }

    private static func run(_ lane: UInt64, of lanes: UInt64) throws -> (broken: [String], harms: [Harm: Int]) {
        let simulation = try Simulation()
        var broken: [String] = []
        for offset in stride(from: lane, to: runs, by: UInt64.Stride(lanes)) where broken.count < 5 {
            do {
                try simulation.run(seed: first &+ offset)
            } catch let violation as Violation {
                broken.append("\(violation)")
            } catch {
                broken.append("seed \(first &+ offset): \(error)")
            }
        }
        return (broken, simulation.harms)
    }

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }
}
