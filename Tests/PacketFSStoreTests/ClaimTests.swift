import Foundation
import PacketFSStore
import PacketFSWire
import Synchronization
import Testing

@Suite struct ClaimTests {
    let scratch = Scratch()

    /// The file behind the claim on `transferID(1)`.
    private var file: String { scratch.path + "/running/" + String(repeating: "01", count: 16) }

    @Test func aClaimHasOneOwner() throws {
        let store = try scratch.store()
        let other = try scratch.store()
        var claim = try store.claim(transferID(1))
        #expect(claim?.transfer == transferID(1))
        #expect(try permissions(file) == 0o600)
        #expect(try store.claim(transferID(1)) == nil)
        #expect(try other.claim(transferID(1)) == nil)
        #expect(try other.claim(transferID(2)) != nil)
        claim = nil
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(try other.claim(transferID(1)) != nil)
    }

    @Test func aClaimEndsWithItsProcess() async throws {
        let store = try scratch.store()
        let end = scratch.path + "/end"
        async let owner = #expect(processExitsWith: .signal(SIGKILL)) {
            [folder = scratch.path as String, end = end as String] in
            let claim = try Store(folder: folder).claim(transferID(1))
            while !FileManager.default.fileExists(atPath: end) { usleep(1000) }
            withExtendedLifetime(claim) { _ = kill(getpid(), SIGKILL) }
        }
        let start = ContinuousClock.now
        while try !store.isRunning(transferID(1)), ContinuousClock.now - start < .seconds(900) {
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(try store.claim(transferID(1)) == nil)
        #expect(FileManager.default.createFile(atPath: end, contents: nil))
        _ = await owner
        #expect(FileManager.default.fileExists(atPath: file))
        #expect(try !store.isRunning(transferID(1)))
        #expect(try store.claim(transferID(1)) != nil)
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test func toAskWhetherItRunsMakesNothing() throws {
        let store = try scratch.store()
        #expect(try !store.isRunning(transferID(1)))
        #expect(!FileManager.default.fileExists(atPath: file))
        let claim = try store.claim(transferID(1))
        #expect(try store.isRunning(transferID(1)) && scratch.store().isRunning(transferID(1)))
        withExtendedLifetime(claim) {}
    }

    /// Whoever claims what nobody runs gets it, however often others ask.
    @Test func toAskKeepsNobodyFromIt() async throws {
        let store = try scratch.store()
        let ends = Ends()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !ends.isOver.load(ordering: .relaxed) { _ = try store.isRunning(transferID(1)) }
            }
            for _ in 0..<10_000 { #expect(try store.claim(transferID(1)) != nil) }
            ends.isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
    }

    /// Between the opening of the file and its locking, another may let go of it and take its name away.
    @Test func noTwoOwnItAtOnce() async throws {
        let store = try scratch.store()
        let owners = Owners()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var taken = 0
                    while taken < 300 {
                        guard let claim = try store.claim(transferID(1)) else { continue }
                        #expect(owners.count.add(1, ordering: .relaxed).newValue == 1)
                        taken += 1
                        owners.count.subtract(1, ordering: .relaxed)
                        withExtendedLifetime(claim) {}
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private final class Ends: Sendable {
        let isOver = Atomic(false)
    }

    private final class Owners: Sendable {
        let count = Atomic(0)
    }
}
