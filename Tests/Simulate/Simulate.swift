import Foundation
import PacketFS
import PacketFSTestKit
import Synchronization

/// `simulate RUNS SEED [LANES]`: runs of the simulation from one seed on, in lanes that each have homes of their own; which
/// lane runs a seed does not matter to it. Prints how far it is, the promises that were broken, and the counts last.
@main struct Simulate {
    private struct Counts {
        var runs: UInt64 = 0
        var sessions = 0
        var harms: [Harm: Int] = [:]
        var broken: [String] = []
    }

    /// Broken promises after which there is no point in going on.
    private static let patience = 5
    /// Runs in which everything that may go wrong does.
    private static let enough = 2000

    static func main() {
        let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        guard numbers.count >= 2, numbers.count == CommandLine.arguments.count - 1 else {
            print("usage: simulate RUNS SEED [LANES]")
            exit(2)
        }
        ProcessGuard.keepFreedMemory()
        let processors = UInt64(ProcessInfo.processInfo.activeProcessorCount)
        let counts = run(numbers[0], from: numbers[1], lanes: numbers.count > 2 ? max(1, numbers[2]) : processors)
        for violation in counts.broken { print(violation) }
        let harms = Harm.allCases.map { "\(counts.harms[$0, default: 0]) \($0.rawValue)" }
        print("simulate: \(counts.runs) runs, \(counts.sessions) sessions; \(harms.joined(separator: ", "))")
        let isHarmed = counts.runs < enough || counts.harms.count == Harm.allCases.count
        exit(counts.broken.isEmpty && counts.runs == numbers[0] && isHarmed ? 0 : 1)
    }

    private static func run(_ runs: UInt64, from first: UInt64, lanes: UInt64) -> Counts {
        let all = Mutex(Counts())
        DispatchQueue.concurrentPerform(iterations: Int(lanes)) { lane in
            var offset = UInt64(lane)
            guard let simulation = simulation(orSay: { why in all.withLock { $0.broken.append(why) } }) else { return }
            while offset < runs, all.withLock({ $0.broken.count }) < patience {
                let violation = violation(of: simulation, seed: first &+ offset)
                all.withLock { counts in
                    counts.runs += 1
                    if let violation { counts.broken.append(violation) }
                    if counts.runs.isMultiple(of: 1000) { print("simulate: \(counts.runs) runs") }
                }
                offset += lanes
            }
            all.withLock { counts in
                counts.sessions += simulation.sessions
                counts.harms.merge(simulation.harms, uniquingKeysWith: +)
            }
        }
        return all.withLock(\.self)
    }

    private static func simulation(orSay: (String) -> Void) -> Simulation? {
        do {
            return try Simulation()
        } catch {
            orSay("no homes: \(error)")
            return nil
        }
    }

    private static func violation(of simulation: Simulation, seed: UInt64) -> String? {
        do {
            try simulation.run(seed: seed)
            return nil
        } catch let violation as Violation {
            return "\(violation)"
        } catch {
            return "seed \(seed): \(error)"
        }
    }
}
