import Glibc
import PacketFSModel
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFSPlan

/// What somebody else made of a file costs its sender no more than a while.
@Suite struct MemberFinderTests {
    private static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]

    private struct Found: Equatable {
        var members = 0
        var failures = 0
        /// Bytes of content that were opened in vain.
        var vain = 0
    }

    /// `copies`: what of the leaf the log has at the same places; all of it is acknowledged.
    private func search(
        _ leaf: [UInt8], log: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        copies: [Range<Int>] = []
    ) -> Found {
        leaf.withUnsafeBytes { leaf in
            let runs = log.isEmpty ? [] : [AddressRange(address: 0, length: log.count)]
            var finder = MemberFinder(
                leaf: leaf,
                copies: ContiguousArray(
                    copies.map { Copy(start: $0.lowerBound, length: $0.count, address: UInt64($0.lowerBound)) }),
                log: log, runs: MatchableRuns(acknowledged: RunSet(runs)))
            let members = finder.members().count
            return Found(members: members, failures: finder.failures, vain: finder.vain.content)
        }
    }

    private func member(_ content: [UInt8]) throws -> [UInt8] {
        let packing = Packing(length: content.count, level: 6, blocks: [Packing.Block(isFixed: false, tokens: 0)])
        var patience = Packing.patience
        let stream = try content.withUnsafeBytes {
            try #require(packing.pack($0, limit: Limits.leaf, patience: &patience))
        }
        return Self.header + stream + [UInt8](repeating: 0, count: 8)
    }

    @Test func fewOfManyFalseMembersAreTried() {
        let fake = Self.header + [UInt8](repeating: 0xff, count: 100)
        #expect(search([UInt8]((0..<9).flatMap { _ in fake })) == Found(failures: 9))
        #expect(search([UInt8]((0..<5000).flatMap { _ in fake })) == Found(failures: 16))
    }

    @Test func onlySoMuchIsOpenedInVain() throws {
        let bomb = try member([UInt8](repeating: 0, count: 12 << 20))
        #expect(search([UInt8]((0..<20).flatMap { _ in bomb })) == Found(vain: 36 << 20))
    }

    /// What changed lies behind each of them.
    @Test func whatDidNotChangeIsOpenedInVainAsWell() throws {
        var random = SeededRandom(seed: 3)
        let bomb = try member([UInt8](repeating: 0, count: 12 << 20))
        var (leaf, copies): ([UInt8], [Range<Int>]) = ([], [])
        for _ in 0..<20 {
            copies.append(leaf.count..<leaf.count + bomb.count)
            leaf += bomb + random.bytes(300)
        }
        let log = leaf
        let found = log.withUnsafeBytes { search(leaf, log: $0, copies: copies) }
        #expect(found == Found(vain: 36 << 20))
    }

    /// A stream that turns out to be none has taken its time.
    @Test func whatFailsAtItsEndIsOpenedInVainAsWell() throws {
        var bomb = try member([UInt8](repeating: 0, count: 12 << 20)).dropLast(9)
        bomb += [UInt8](repeating: 0xff, count: 8)
        let found = search([UInt8]((0..<20).flatMap { _ in bomb }))
        #expect(found.members == 0 && found.vain >= 32 << 20 && found.vain < 48 << 20)
    }

    /// Nor is what is tried of the log.
    @Test func fewOfManyFalseBasesAreTried() throws {
        var random = SeededRandom(seed: 4)
        let (before, after) = (try member(random.text(2000)), try member(random.text(2000)))
        let fake = Self.header + [UInt8](repeating: 0xff, count: max(before.count, after.count))
        var (leaf, log): ([UInt8], [UInt8]) = ([1], [1])
        for _ in 0..<100 {
            leaf += after + [UInt8](repeating: 1, count: fake.count - after.count)
            log += fake
        }
        let found = log.withUnsafeBytes { search(leaf, log: $0, copies: [0..<1]) }
        #expect(found.members == 0 && found.failures == 16)
    }

    /// However much the log holds behind the place where one would be: it may not be looked at.
    @Test func theLogIsSearchedNearby() throws {
        let (count, near) = (1 << 30, 1 << 20)
        let memory = mmap(nil, count, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        try #require(memory != MAP_FAILED)
        defer { munmap(memory, count) }
        try #require(mprotect(memory, near, PROT_READ) == 0)
        var random = SeededRandom(seed: 5)
        let leaf = try [1] + member(random.text(500))
        let found = search(leaf, log: UnsafeRawBufferPointer(start: memory, count: count), copies: [0..<1])
        #expect(found == Found(vain: 500))
    }

    /// Its content would be within the limit.
    @Test func theStreamOfABaseIsWithinTheLimitToo() throws {
        var random = SeededRandom(seed: 6)
        let stored = [UInt8](repeating: 7, count: 65_535)
        let content = Limits.opened - 500
        var log = [1] + Self.header
        var left = content
        while left > 0 {
            let part = min(left, stored.count)
            left -= part
            let (low, high) = (UInt8(part & 0xff), UInt8(part >> 8))
            log += [left == 0 ? 1 : 0, low, high, ~low, ~high] + stored.prefix(part)
        }
        let leaf = try [1] + member(random.text(2000))
        let found = log.withUnsafeBytes { search(leaf, log: $0, copies: [0..<1]) }
        #expect(found.members == 0 && found.failures == 1)
    }
}
