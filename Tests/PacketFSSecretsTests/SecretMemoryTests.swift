import Foundation
import Glibc
import PacketFSTestKit
import Testing

@testable import PacketFSSecrets

/// `scripts/break-defences` takes these defences away one at a time, and sees each missed.
@Suite("Secret memory")
struct SecretMemoryTests {
    private static let flags: Set<String> = ["lo", "dd", "wf"]

    @Test
    func `keys are locked, left out of core dumps, and zeros after fork`() throws {
        let key = SecretKey<Seed> { $0.initializeMemory(as: UInt8.self, repeating: 7) }
        let map = try #require(try key.withUnsafeBytes { try MemoryMap(of: $0.baseAddress) })
        #expect(map.flags.isSuperset(of: Self.flags))
        #expect(map["Locked"] >= 4096)
    }

    @Test(arguments: [16, 4096, 1 << 20])
    func `buffers are locked, left out of core dumps, and zeros after fork`(count: Int) throws {
        let before = try MemoryMap.lockedBytes()
        let buffer = SecretBuffer(byteCount: count)
        for address in [buffer.bytes.baseAddress, buffer.bytes.baseAddress.map { $0 + count - 1 }] {
            let map = try #require(try MemoryMap(of: address))
            #expect(map.flags.isSuperset(of: Self.flags))
            #expect(map["Locked"] >= count)
        }
        // Other tests lock and free little beside this.
        if count == 1 << 20 { #expect(try MemoryMap.lockedBytes() >= before + count / 2) }
        withExtendedLifetime(buffer) {}
    }

    @Test(arguments: [4096, 16_384, 65_536] as [UInt], [1, 4096, 70_000])
    func `whole pages are told to the kernel, however large they are`(page: UInt, count: Int) throws {
        for start in [0x1230_0000, 0x1230_0ff0, 0x1231_2340] as [UInt] {
            let base = try #require(UnsafeMutableRawPointer(bitPattern: start))
            let pages = SecretMemory.wholePages(base, count, of: page)
            let (first, end) = (
                UInt(bitPattern: pages.baseAddress), UInt(bitPattern: pages.baseAddress) + UInt(pages.count)
            )
            #expect(first % page == 0 && end % page == 0)
            #expect(
                first <= start && start < first + page && end >= start + UInt(count) && end < start + UInt(count) + page
            )
        }
    }

    @Test(arguments: [100, 1000])
    func `temporary bytes lie there, too`(count: Int) throws {
        try SecretBytes.withTemporary(count) { bytes throws in
            #expect(bytes.count == count)
            let map = try #require(try MemoryMap(of: bytes.baseAddress))
            #expect(map.flags.isSuperset(of: Self.flags))
        }
    }

    @Test
    func `ordinary memory is none of that, so the kernel's flags tell`() throws {
        let ordinary = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
        defer { ordinary.deallocate() }
        let map = try #require(try MemoryMap(of: ordinary))
        #expect(map.flags.isDisjoint(with: Self.flags))
    }

    @Test
    func `all of it is locked here, and more can be`() {
        _ = SecretKey<Seed> { _ in }
        #expect(SecretMemory.isLocked)
        #expect(SecretMemory.canLock(2 << 20))
    }

    @Test
    func `a buffer describes itself without its bytes`() {
        let buffer = SecretBuffer(byteCount: 32)
        buffer.bytes.copyBytes(from: [UInt8](1...32))
        var dumped = ""
        dump(buffer, to: &dumped)
        for text in ["\(buffer)", String(describing: buffer), String(reflecting: buffer)] {
            #expect(text == "SecretBuffer")
        }
        #expect(!dumped.contains("0x") && !dumped.contains("1"))
    }
}

@Suite("HMAC")
struct SecretHMACTests {
    enum Code: KeyPurpose {}

    private func code(key: [UInt8], _ parts: [[UInt8]]) -> [UInt8] {
        let whole = parts.flatMap { $0 }
        return key.withUnsafeBytes { key in
            whole.withUnsafeBytes { bytes in
                let cut = UnsafeRawBufferPointer(rebasing: bytes.prefix(parts.first?.count ?? 0))
                let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(cut.count))
                return SecretHMAC.code(of: [cut, rest], key: key, as: Code.self).withUnsafeBytes { Array($0) }
            }
        }
    }

    /// RFC 4231 §4.2 and §4.3.
    @Test
    func `codes are those of the standard`() {
        let first = code(key: [UInt8](repeating: 0x0b, count: 20), [Array("Hi ".utf8), Array("There".utf8)])
        #expect(first.prefix(8) == [0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53])
        #expect(first.suffix(4) == [0x2e, 0x32, 0xcf, 0xf7])
        let second = code(key: Array("Jefe".utf8), [Array("what do ya want ".utf8), Array("for nothing?".utf8)])
        #expect(second.prefix(8) == [0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e])
        #expect(second.suffix(4) == [0x64, 0xec, 0x38, 0x43])
    }

    @Test
    func `an empty key is a key`() {
        // HMAC-SHA256 of nothing under nothing.
        #expect(code(key: [], []).prefix(4) == [0xb6, 0x13, 0x67, 0x9a])
    }
}

/// Each in a process of its own, which stays hardened.
@Suite("Process hardening")
struct ProcessHardeningTests {
    @Test
    func `a hardened process leaves no core`() async {
        await #expect(processExitsWith: .success) {
            #expect(ProcessHardening.apply())
            #expect(!ProcessHardening.isDumpable)
            var limit = rlimit(rlim_cur: 1, rlim_max: 1)
            #expect(getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0)
            #expect(limit.rlim_cur == 0 && limit.rlim_max == 0)
        }
    }

    /// Others than root cannot read this of a process that is not dumpable, themselves included.
    @Test(.enabled(if: geteuid() == 0))
    func `a core that is written nevertheless has no memory`() async {
        await #expect(processExitsWith: .success) {
            #expect(ProcessHardening.apply())
            let filter = try String(contentsOfFile: "/proc/self/coredump_filter", encoding: .utf8)
            #expect(filter == "00000000\n")
        }
    }

    @Test
    func `a crash runs no handler that could print memory`() async {
        await #expect(processExitsWith: .success) {
            let numbers = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGQUIT, SIGSYS]
            for number in numbers { signal(number) { _ in } }
            #expect(ProcessHardening.apply())
            for number in numbers {
                var action = sigaction()
                #expect(sigaction(number, nil, &action) == 0)
                #expect(action.__sigaction_handler.sa_handler == nil)
            }
        }
    }
}
