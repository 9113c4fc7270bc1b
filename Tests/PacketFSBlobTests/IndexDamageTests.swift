import Foundation
import PacketFSBlob
import PacketFSWire
import Testing

/// An index file that is damaged, foreign or newer is made anew, whatever it says.
@Suite struct IndexDamageTests {
    private let scratch: Scratch
    private let path: String
    private let some = (1...2000).map { Anchor(hash: UInt64($0) << 30, address: UInt64($0 * 256)) }

    init() throws {
        scratch = try Scratch()
        path = scratch.file("index")
        let index = try MatchIndex(file: path, log: someLog(1))
        try index.rebuild(from: try scratch.log(), runs: RunSet([]))
        index.insert(some)
    }

    private func works(_ index: MatchIndex) -> Bool {
        index.insert(hash: 77, address: 12_345)
        for anchor in some { _ = index.candidates(for: anchor.hash) }
        return index.candidates(for: 77).contains(12_345)
    }

    private func damage(_ body: (inout [UInt8]) -> Void) throws {
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        body(&bytes)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(chmod(path, 0o600) == 0)
    }

    @Test func unharmedItIsKept() throws {
        let index = try MatchIndex(file: path, log: someLog(1))
        #expect(!index.needsRebuild)
        #expect(index.addressCount > 1500)
    }

    @Test func ofAnotherLogItIsMadeAnew() throws {
        let index = try MatchIndex(file: path, log: someLog(2))
        #expect(index.needsRebuild)
        #expect(index.addressCount == 0)
        #expect(works(index))
        #expect(try mode(of: path) == 0o600)
    }

    /// Magic, version, log and their check.
    @Test(arguments: 0..<32)
    func withABitFlippedInItsIdentityItIsMadeAnew(_ offset: Int) throws {
        try damage { $0[offset] ^= 1 << UInt8(offset % 8) }
        let index = try MatchIndex(file: path, log: someLog(1))
        #expect(index.needsRebuild)
        #expect(index.addressCount == 0)
        #expect(works(index))
    }

    /// Counts: what does not fit the file is refused, the rest can mislead but not harm.
    @Test(arguments: 32..<64, [UInt8(0), 1, 0x7f, 0x80, 0xff])
    func withWrongCountsItStillWorks(_ offset: Int, _ byte: UInt8) throws {
        try damage { $0[offset] = byte }
        #expect(works(try MatchIndex(file: path, log: someLog(1))))
    }

    @Test(arguments: [0, 1, 8, 63, 64, 65, 2111, 2112, 2113, 4096, 10_000])
    func truncatedItIsMadeAnew(_ length: Int) throws {
        try damage { $0.removeSubrange(length...) }
        let index = try MatchIndex(file: path, log: someLog(1))
        #expect(index.needsRebuild)
        #expect(works(index))
    }

    @Test func fullOfGarbageItStillWorks() throws {
        try damage { $0.replaceSubrange(64..., with: randomBytes($0.count - 64)) }
        let index = try MatchIndex(file: path, log: someLog(1))
        #expect(works(index))
        let wrong = some.flatMap { Array(index.candidates(for: $0.hash)) }
        #expect(wrong.allSatisfy { $0 <= 2000 * 256 })
    }

    @Test func aCountThatGoesWrongWhileOpenIsNoticed() throws {
        let index = try MatchIndex(file: path, log: someLog(1))
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        for count in [UInt64.max, 1 << 40, 0, 31] {
            try handle.seek(toOffset: 32)
            try handle.write(contentsOf: withUnsafeBytes(of: count) { Data($0) })
            #expect(index.candidates(for: some[0].hash).isEmpty)
            index.insert(hash: 1, address: 1)
            #expect(index.candidates(for: 1).isEmpty)
        }
    }

    @Test func aHandleOnTheOldFileGoesOnWorking() throws {
        let old = try MatchIndex(file: path, log: someLog(1))
        let new = try MatchIndex(file: path, log: someLog(2))
        #expect(works(old))
        #expect(works(new))
        #expect(!old.candidates(for: some[1999].hash).isEmpty)
        #expect(new.candidates(for: some[1999].hash).isEmpty)
    }
}
