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

    @Test func aClaimEndsWithItsProcess() throws {
        let store = try scratch.store()
        let owner = Process()
        owner.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        owner.arguments = ["--no-fork", file, "sleep", "1000"]
        try owner.run()
        defer { owner.terminate() }
        let start = ContinuousClock.now
        while !isLocked() { try #require(ContinuousClock.now - start < .seconds(300)) }
        #expect(try store.claim(transferID(1)) == nil)
        kill(owner.processIdentifier, SIGKILL)
        owner.waitUntilExit()
        #expect(FileManager.default.fileExists(atPath: file))
        #expect(try store.claim(transferID(1)) != nil)
        #expect(!FileManager.default.fileExists(atPath: file))
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

    private final class Owners: Sendable {
        let count = Atomic(0)
    }

    private func isLocked() -> Bool {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0
    }
}
