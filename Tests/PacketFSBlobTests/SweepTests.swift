import Foundation
import Glibc
import PacketFSBlob
import PacketFSWire
import Testing

/// What lies in a log and in no extent.
@Suite struct SweepTests {
    private static let kept = [
        AddressRange(address: 5000, length: 70_000), AddressRange(address: 300_001, length: 1),
        AddressRange(address: 400_000, length: 100_000),
    ]
    private static let bytes = randomBytes(1 << 20)

    private func swept() -> [UInt8] {
        var expected = [UInt8](repeating: 0, count: Self.bytes.count)
        for range in Self.kept {
            let part = Int(range.address)..<Int(range.end)
            expected.replaceSubrange(part, with: Self.bytes[part])
        }
        return expected
    }

    @Test func onlyWhatIsKeptStays() throws {
        let scratch = try Scratch()
        let log = try scratch.log()
        try log.write(Self.bytes, at: 0)
        let freed = try #require(try log.sweep { Self.kept })
        #expect(freed >= 700_000)
        #expect(log.end == 500_000)
        #expect(log.bytes(AddressRange(address: 0, length: Self.bytes.count)) == swept())
        #expect(try log.sweep { Self.kept } == 0)
        #expect(try #require(try log.sweep { [] }) > 0)
        #expect(log.end == 0)
    }

    /// As threads and processes do: each has opened the file itself.
    @Test func nothingIsSweptWhileSomebodyUsesIt() throws {
        let scratch = try Scratch()
        let log = try scratch.log()
        try log.write(Self.bytes, at: 0)
        var users = try [scratch.log(), scratch.log()]
        users.forEach { $0.use() }
        while !users.isEmpty {
            #expect(try log.sweep { throw BlobError.missing } == nil)
            users.removeLast()
        }
        #expect(log.bytes(AddressRange(address: 0, length: Self.bytes.count)) == Self.bytes)
        #expect(try log.sweep { [] } ?? 0 > 0)
    }

    /// What an extent had is overwritten; of the rest, what lies behind the last extent goes.
    @Test(.enabled(if: FlatDisk.isThere, "mounting a file system needs privilege"))
    func withoutHolesNothingFails() throws {
        let disk = try #require(try FlatDisk())
        let log = try disk.scratch.log("disk/log")
        try log.write(Self.bytes, at: 0)
        #expect(try log.punch(AddressRange(address: 5000, length: 70_000)) == 0)
        #expect(log.bytes(AddressRange(address: 5000, length: 70_000)).allSatisfy { $0 == 0 })
        #expect(log.bytes(AddressRange(address: 0, length: 5000)) == Array(Self.bytes[..<5000]))
        #expect(try log.sweep { Self.kept } != nil)
        #expect(log.end == 500_000)
    }

    /// A file system that knows no holes.
    private final class FlatDisk {
        static let isThere = (try? FlatDisk()) != nil

        let scratch: Scratch
        private let path: String

        init?() throws {
            scratch = try Scratch()
            path = scratch.file("disk")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            guard mount("none", path, "ramfs", 0, nil) == 0 else { return nil }
        }

        deinit { umount2(path, Int32(MNT_DETACH)) }
    }
}
