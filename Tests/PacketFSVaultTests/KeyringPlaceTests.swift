import CLinux
import Foundation
import PacketFSSecrets
import PacketFSTestKit
import Synchronization
import Testing

@testable import PacketFSVault

@Suite("Keyring place", .enabled(if: Keyrings.isThere, "skipped: this kernel, or this sandbox, has no keyrings"))
struct KeyringPlaceTests {
    private let name = "packetfs-test-\(UUID().uuidString)"

    @Test(arguments: VaultURI.KeyRing.allCases)
    func `the possessor may do everything with the key, and the user nothing`(ring: VaultURI.KeyRing) throws {
        let place = KeyringPlace(ring: ring, name: name, seconds: 0)
        _ = try place.keep(testSeed())
        defer { try? place.destroy() }
        // Keys that cannot be possessed from here are not even listed; the session's can.
        guard ring == .session else { return }
        let keys = try KernelFile.text("/proc/keys")
        let line = try #require(keys.split(separator: "\n").first { $0.contains(name) })
        #expect(line.contains(" perm 3f000000 ") || line.contains(" 3f000000 "))
    }

    @Test
    func `a key goes when its time is over, and its name is free again`() async throws {
        let place = KeyringPlace(ring: .session, name: name, seconds: 1)
        _ = try place.keep(testSeed())
        #expect(try place.isTaken())
        try await Task.sleep(for: .milliseconds(1300))
        // The kernel forgets expired keys after some minutes, which a busy machine may have let pass.
        let error = #expect(throws: VaultError.self) { _ = try place.open() }
        #expect(error == .expired || error == .notFound)
        #expect(try !place.isTaken())
        if error == .expired { try place.destroy() }
        _ = try place.keep(testSeed(2))
        let isSame = try place.release().isEqual(to: testSeed(2))
        #expect(isSame)
        try place.destroy()
    }

    @Test(arguments: VaultURI.KeyRing.allCases)
    func `every thread sees the key, and the thread that made it may end`(ring: VaultURI.KeyRing) throws {
        let place = KeyringPlace(ring: ring, name: name, seconds: 0)
        defer { try? place.destroy() }
        func onAnotherThread(_ body: @escaping @Sendable () -> Bool) -> Bool {
            let result = Flag()
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                result.value.withLock { $0 = body() }
                done.signal()
            }
            done.wait()
            return result.value.withLock(\.self)
        }
        #expect(onAnotherThread { (try? place.keep(testSeed())) != nil })
        #expect(onAnotherThread { (try? place.release().isEqual(to: testSeed())) == true })
        let isSame = try place.release().isEqual(to: testSeed())
        #expect(isSame)
    }

    @Test
    func `a key that is not found is gone if its keyring is ours, or is gone`() throws {
        let place = KeyringPlace(ring: .session, name: name, seconds: 0)
        let others = KeyringPlace(ring: .user, name: name, seconds: 0)
        #expect(try place.isGone(from: place.holder()) && !place.isGone(from: others.holder()))
        // No keyring has this number.
        #expect(place.isGone(from: "1"))
    }

    @Test(arguments: [1, 31, 33, 64])
    func `a key of another length is no seed`(count: Int) throws {
        let bytes = [UInt8](repeating: 1, count: count)
        try #require(pfs_keyring_add(pfs_keyring_of_session(), name, bytes, count, 0) == 0)
        let place = KeyringPlace(ring: .session, name: name, seconds: 0)
        defer { try? place.destroy() }
        #expect(throws: VaultError.malformed) { _ = try place.open() }
    }
}

private final class Flag: Sendable {
    let value = Mutex(false)
}
