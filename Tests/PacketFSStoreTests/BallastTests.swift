import Foundation
import Glibc
import Testing

@testable import PacketFSStore

@Suite struct BallastTests {
    private let scratch = Scratch()
    private let ballast: Ballast

    init() throws {
        try scratch.makeFolder(mode: 0o700)
        ballast = Ballast(in: scratch.path)
        ballast.make()
    }

    private var isThere: Bool { FileManager.default.fileExists(atPath: scratch.path + "/ballast") }

    /// A file system that is full says so in several ways.
    @Test(arguments: [StoreError.diskFull, .inputOutput, .notWritable, .database(code: 1)])
    func itIsSpentOnce(_ error: StoreError) throws {
        try #require(isThere)
        var tries = 0
        try ballast.spend { () throws(StoreError) in
            tries += 1
            if tries == 1 { throw error }
        }
        #expect(tries == 2 && !isThere)
        #expect(throws: error) { try ballast.spend { () throws(StoreError) in throw error } }
    }

    @Test func nothingElseSpendsIt() throws {
        #expect(throws: StoreError.corrupted) { try ballast.spend { () throws(StoreError) in throw .corrupted } }
        #expect(isThere)
        #expect(StoreError.inputOutput.meaning(ballast) == .inputOutput, "the disk has space")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["ballast"])
    }

    @Test(.enabled(if: FullBtrfs.isPossible, "making and mounting a Btrfs needs privilege and its tools"))
    func aDiskThatClaimsSpaceIsFull() throws {
        let disk = try #require(FullBtrfs())
        #expect(disk.free >= 1 << 20)
        #expect(StoreError.inputOutput.meaning(Ballast(in: disk.path)) == .diskFull)
        #expect(StoreError.corrupted.meaning(Ballast(in: disk.path)) == .corrupted)
    }
}

/// A disk that is full, and counts as free what it gives to nobody.
private final class FullBtrfs {
    static let isPossible = FullBtrfs() != nil

    let path: String
    private let scratch = Scratch()

    init?() {
        path = scratch.path + "/disk"
        let image = scratch.path + "/image"
        guard (try? scratch.makeFolder(mode: 0o700)) != nil, mkdir(path, 0o700) == 0,
            FileManager.default.createFile(atPath: image, contents: nil), truncate(image, 128 << 20) == 0,
            Self.run("mkfs.btrfs", "--quiet", "--mixed", image), Self.run("mount", "-o", "loop", image, path)
        else { return nil }
        let file = open(path + "/full", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        let bytes = [UInt8](repeating: 1, count: 1 << 16)
        for length in [bytes.count, 4096] { while write(file, bytes, length) > 0 {} }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    var free: UInt64 {
        var status = statvfs()
        return statvfs(path, &status) == 0 ? UInt64(status.f_bavail) * UInt64(status.f_frsize) : 0
    }

    private static func run(_ command: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
