import CLinux
import Foundation
import Glibc
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFSBlob

@Suite struct ArenaTests {
    private let scratch: Scratch
    private let log: Log
    private let bytes = randomBytes(5 << 20)

    init() throws {
        scratch = try Scratch()
        log = try scratch.log()
        try log.write(bytes, at: 0)
    }

    private func wanting(_ part: WritableKeyPath<Residency, Residency.Effort>, _ effort: Residency.Effort) -> Residency
    {
        var residency = Residency()
        residency[keyPath: part] = effort
        return residency
    }

    private func resident(_ arena: Arena) throws -> Log {
        try Log(file: scratch.file("log"), id: someLog(1), create: false, arena: arena)
    }

    @Test func whatIsHeldIsReadFromMemoryAndTheRestFromTheFile() throws {
        let arena = Arena(residency: Residency())
        let resident = try resident(arena)
        try arena.hold([AddressRange(address: 1000, length: 4 << 20)], of: resident)
        #expect(arena.bytes == 4 << 20)
        // The disk loses it all; what is in memory stays.
        try log.punch(AddressRange(address: 0, length: bytes.count))
        let read = resident.bytes(AddressRange(address: 1000, length: 4 << 20))
        expectSame(read, Array(bytes[1000..<1000 + 4 << 20]))
        for range in [(999, 2), (0, 10), (1000, (4 << 20) + 1), (5 << 20, 100)] {
            let range = AddressRange(address: UInt64(range.0), length: range.1)
            #expect(resident.bytes(range).allSatisfy { $0 == 0 })
            #expect(arena.withBytes(of: range) { _ in true } == nil)
        }
    }

    @Test func whatComesLaterIsAddedAndWhatWentIsNotHeld() throws {
        let arena = Arena(residency: Residency())
        let resident = try resident(arena)
        let far: UInt64 = 200 << 30
        try log.write([1, 2, 3], at: far)
        try arena.hold([AddressRange(address: 0, length: 1 << 20)], of: resident)
        try arena.hold(
            [AddressRange(address: 0, length: 2 << 20), AddressRange(address: far, length: 3)], of: resident)
        try log.punch(AddressRange(address: 0, length: 3 << 20))
        expectSame(resident.bytes(AddressRange(address: 0, length: 2 << 20)), Array(bytes[..<(2 << 20)]))
        #expect(resident.bytes(AddressRange(address: far, length: 3)) == [1, 2, 3])
        try arena.hold([AddressRange(address: far, length: 3)], of: resident)
        #expect(resident.bytes(AddressRange(address: 0, length: 8)).allSatisfy { $0 == 0 })
    }

    /// What was held when it began, it reads from there to its end, whatever becomes of the arena meanwhile.
    @Test func aReadingKeepsWhatWasHeldAtItsStart() throws {
        var arena: Arena? = Arena(residency: Residency())
        var resident: Log? = try resident(#require(arena))
        let half = AddressRange(address: 0, length: 1 << 20)
        try arena?.hold([half], of: log)
        var reading = try #require(resident?.reading())
        // More is held, in other memory, and the disk loses it all.
        try arena?.hold(
            [AddressRange(address: 0, length: 2 << 20), AddressRange(address: 90 << 30, length: 1)], of: log)
        var later = try #require(resident?.reading())
        try log.punch(AddressRange(address: 0, length: bytes.count))
        let second = AddressRange(address: 1 << 20, length: 1 << 20)
        expectSame(read(half, &reading), Array(bytes[..<(1 << 20)]))
        #expect(read(second, &reading).allSatisfy { $0 == 0 })
        expectSame(read(second, &later), Array(bytes[1 << 20..<2 << 20]))
        (arena, resident) = (nil, nil)
        expectSame(read(half, &reading), Array(bytes[..<(1 << 20)]))
    }

    @Test func aReadingGoesFromRunToRun() throws {
        let arena = Arena(residency: Residency())
        let resident = try resident(arena)
        let runs = (0..<20).map { AddressRange(address: UInt64($0) * 200_000, length: 150_000) }
        try arena.hold(runs, of: log)
        var reading = resident.reading()
        var unheld = log.reading()
        var generator = SeededRandom(seed: 3)
        for _ in 0..<2000 {
            let start = Int.random(in: 0..<(bytes.count - 9000), using: &generator)
            let range = AddressRange(address: UInt64(start), length: Int.random(in: 1...9000, using: &generator))
            let expected = Array(bytes[start..<start + range.length])
            expectSame(read(range, &reading), expected)
            expectSame(read(range, &unheld), expected)
        }
    }

    private func read(_ range: AddressRange, _ reading: inout LogReading) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: range.length) { buffer, count in
            reading.read(range, into: UnsafeMutableRawBufferPointer(buffer))
            count = range.length
        }
    }

    @Test func whatIsHealedOnDiskIsHealedInMemory() throws {
        let arena = Arena(residency: Residency())
        let resident = try resident(arena)
        try log.write([UInt8](repeating: 0xee, count: 100), at: 500)
        try arena.hold([AddressRange(address: 0, length: 1 << 20)], of: resident)
        try resident.write(Array(bytes[500..<600]), at: 500)
        expectSame(resident.bytes(AddressRange(address: 0, length: 1 << 20)), Array(bytes[..<(1 << 20)]))
    }

    /// `scripts/break-defences` takes this defence away, and sees the test fail.
    @Test func noneOfItIsDumped() throws {
        for residency in [Residency(), wanting(\.transparentHugePages, .attempt), wanting(\.hugePages, .attempt)] {
            let arena = Arena(residency: residency)
            try arena.hold([AddressRange(address: 0, length: 1 << 20)], of: log)
            let map = try arena.withBytes(of: AddressRange(address: 0, length: 1)) { try MemoryMap(of: $0.baseAddress) }
            #expect(try #require(map ?? nil).flags.contains("dd"))
        }
        let map = log.withMapped(AddressRange(address: 0, length: 1)) { try? MemoryMap(of: $0.baseAddress) }
        #expect(map?.flags.contains("dd") == true)
    }

    @Test func lockedAndTransparentHugePages() throws {
        var residency = wanting(\.lock, .attempt)
        residency.transparentHugePages = .attempt
        let arena = Arena(residency: residency)
        try arena.hold([AddressRange(address: 0, length: 5 << 20)], of: log)
        let found = try arena.withBytes(of: AddressRange(address: 0, length: 1)) { try MemoryMap(of: $0.baseAddress) }
        let map = try #require(found ?? nil)
        #expect(map.flags.contains("lo") != arena.gaps.contains(.lock))
        #expect(map.flags.contains("hg") != arena.gaps.contains(.transparentHugePages))
        if !arena.gaps.contains(.lock) { #expect(map["Locked"] >= 5 << 20) }
        expectSame(try resident(arena).bytes(AddressRange(address: 0, length: 5 << 20)), bytes)
    }

    /// On a machine that set some aside, the pages are huge; on another one, the error says what is missing.
    @Test func hugePagesOrAnError() throws {
        let free = FileManager.default.contents(
            atPath: "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")
        let pages = free.flatMap { Int(String(decoding: $0, as: UTF8.self).filter(\.isNumber)) } ?? 0
        let required = Arena(residency: wanting(\.hugePages, .require))
        let run = [AddressRange(address: 0, length: 5 << 20)]
        if pages >= 6 {
            try required.hold(run, of: log)
            let map = try required.withBytes(of: run[0]) { try MemoryMap(of: $0.baseAddress) }
            let found = try #require(map ?? nil)
            #expect(found["KernelPageSize"] == 2 << 20 && found.flags.contains("ht"))
            expectSame(try resident(required).bytes(run[0]), bytes)
        } else {
            #expect(throws: BlobError.unattainable(.hugePages)) { try required.hold(run, of: log) }
            #expect(required.bytes == 0)
            let tried = Arena(residency: wanting(\.hugePages, .attempt))
            try tried.hold(run, of: log)
            #expect(tried.gaps == [.hugePages])
            expectSame(try resident(tried).bytes(run[0]), bytes)
        }
    }

    @Test func nodes() throws {
        let run = [AddressRange(address: 0, length: 3 << 20)]
        let here = Arena(residency: wanting(\.numa, .require))
        try here.hold(run, of: log)
        let node = here.withBytes(of: run[0]) { packetfs_arena_node(UnsafeMutableRawPointer(mutating: $0.baseAddress)) }
        #expect(node == 0)
        var nowhere = wanting(\.numa, .require)
        nowhere.numaNode = 1000
        #expect(throws: BlobError.unattainable(.numaNode)) { try Arena(residency: nowhere).hold(run, of: log) }
        #expect(throws: BlobError.unattainable(.numaNode)) { try nowhere.check() }
        nowhere.numa = .attempt
        try nowhere.check()
        let tried = Arena(residency: nowhere)
        try tried.hold(run, of: log)
        #expect(tried.gaps == [.numaNode])
    }

    /// Not only the first time that it cannot be had.
    @Test func whatIsRequiredIsRequiredEachTime() async {
        await #expect(processExitsWith: .success) {
            let log = try Scratch().log()
            try log.write(randomBytes(6 << 20), at: 0)
            var limit = rlimit(rlim_cur: 5 << 20, rlim_max: 5 << 20)
            try #require(setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit) == 0)
            // No limit holds for root.
            if geteuid() == 0 { try #require(seteuid(65_534) == 0) }
            var residency = Residency()
            residency.lock = .require
            let arena = Arena(residency: residency)
            try arena.hold([AddressRange(address: 0, length: 2 << 20)], of: log)
            for _ in 0..<2 {
                #expect(throws: BlobError.unattainable(.lock)) {
                    try arena.hold([AddressRange(address: 0, length: 6 << 20)], of: log)
                }
                #expect(arena.bytes == 2 << 20 && arena.taken == 2 << 20)
            }
        }
    }

    /// A peer chooses addresses, and may choose them so that there is no address space for them.
    @Test func whatLiesFarOutIsReadFromTheFile() throws {
        let far = AddressRange(address: 1 << 43, length: 3 << 20)
        try log.write(Array(bytes[..<far.length]), at: far.address)
        let near = AddressRange(address: 0, length: 2 << 20)
        let tried = Arena(residency: wanting(\.lock, .attempt))
        try tried.hold([near, far], of: log)
        #expect(tried.gaps.contains(.memory) && tried.bytes == near.length)
        expectSame(try resident(tried).bytes(far), Array(bytes[..<far.length]))
        try log.punch(near)
        expectSame(try resident(tried).bytes(near), Array(bytes[..<near.length]))
        let required = Arena(residency: wanting(\.numa, .require))
        #expect(throws: BlobError.unattainable(.memory)) { try required.hold([near, far], of: log) }
        #expect(required.bytes == 0)
    }

    @Test func fewBytesInManyPlacesTakeLittleMemory() throws {
        let arena = Arena(residency: wanting(\.lock, .attempt))
        let runs = (0..<2000).map { AddressRange(address: UInt64($0) << 21, length: 64) }
        for run in runs { try log.write(Array(bytes[..<run.length]), at: run.address) }
        try arena.hold(runs, of: log)
        #expect(arena.taken <= 32 << 20)
        let resident = try resident(arena)
        #expect(runs.allSatisfy { resident.bytes($0) == Array(bytes[..<$0.length]) })
        // Once it is worth it, all of a unit is there.
        let whole = AddressRange(address: runs[1000].address, length: 2 << 20)
        try log.write(Array(bytes[..<whole.length]), at: whole.address)
        try arena.hold([whole], of: log)
        #expect(arena.taken == 2 << 20 && arena.bytes == 2 << 20)
        try log.punch(whole)
        expectSame(resident.bytes(whole), Array(bytes[..<whole.length]))
    }

    /// A unit of which less and less is left, and more again.
    @Test func whatIsNotWorthItAnyMoreIsReadFromTheFile() throws {
        let arena = Arena(residency: wanting(\.lock, .attempt))
        let resident = try resident(arena)
        let dense = (0..<20).map { AddressRange(address: UInt64($0) << 21, length: 1 << 20) }
        let sparse = dense.map { AddressRange(address: $0.address, length: 64) }
        for run in sparse { try log.write(Array(bytes[..<run.length]), at: run.address) }
        for runs in [dense, sparse, dense] {
            try arena.hold(runs, of: log)
            #expect(sparse.allSatisfy { resident.bytes($0) == Array(bytes[..<$0.length]) })
        }
        #expect(arena.bytes == 20 << 20)
    }

    @Test func pagesOfWhatWentAreGivenBack() throws {
        let arena = Arena(residency: Residency())
        try arena.hold([AddressRange(address: 0, length: 4 << 20)], of: log)
        #expect(arena.taken == 4 << 20)
        let rest = AddressRange(address: 2 << 20, length: 2 << 20)
        try arena.hold([rest], of: log)
        #expect(arena.taken == 2 << 20)
        try log.punch(rest)
        expectSame(try resident(arena).bytes(rest), Array(bytes[Int(rest.address)..<Int(rest.end)]))
        try arena.hold([], of: log)
        #expect(arena.taken == 0)
    }

    @Test func whatIsHealedIsHealedInAllOfMemory() throws {
        let arena = Arena(residency: Residency())
        let resident = try resident(arena)
        let run = AddressRange(address: 1 << 20, length: 4 << 20)
        try log.write([UInt8](repeating: 0xee, count: run.length), at: run.address)
        try arena.hold([run], of: resident)
        try resident.write(Array(bytes[Int(run.address)..<Int(run.end)]), at: run.address)
        expectSame(resident.bytes(run), Array(bytes[Int(run.address)..<Int(run.end)]))
    }

    @Test func offIsOff() {
        #expect(!Residency().isOn)
        for part in [\Residency.hugePages, \.transparentHugePages, \.numa, \.lock] {
            #expect(wanting(part, .attempt).isOn && wanting(part, .require).isOn)
        }
    }
}

/// Compares many bytes without printing them.
private func expectSame(_ left: [UInt8], _ right: [UInt8], _ location: SourceLocation = #_sourceLocation) {
    #expect(left.count == right.count, sourceLocation: location)
    let difference = zip(left, right).enumerated().first { $1.0 != $1.1 }?.offset
    #expect(difference == nil, sourceLocation: location)
}
