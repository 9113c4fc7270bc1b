import CLinux
import Foundation
import Glibc
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// Destinations that really run full, are mounted read-only, or belong to somebody else.
@Suite(.serialized) struct DiskTests {
    /// A small RAM disk, gone with the test; `nil` where this process may not mount one.
    private final class SmallDisk {
        let path: String

        init?(options: String) {
            path = NSTemporaryDirectory() + "packetfs-disk-" + UUID().uuidString
            guard mkdir(path, 0o755) == 0 else { return nil }
            guard mount("none", path, "tmpfs", 0, options) == 0 else {
                rmdir(path)
                return nil
            }
        }

        func makeReadOnly() -> Bool {
            mount("none", path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0
        }

        deinit {
            umount2(path, Int32(MNT_DETACH))
            rmdir(path)
        }
    }

    static let canMount = SmallDisk(options: "size=64k") != nil

    private func receive(_ sender: TestSender, at path: String, resuming: RebuildSetup.Interrupted? = nil) throws
        -> FinishedTransfer?
    {
        var setup = RebuildSetup(transfer: sender.transfer, options: TransferOptions())
        setup.resuming = resuming
        let root = try DestinationRoot.open(base: path, creates: false)
        return try sender.run(Rebuilder(root: root, setup: setup, tagger: TestTagger()))
    }

    @Test(.enabled(if: canMount, "mounting a RAM disk needs privilege"))
    func aFullDiskEndsTheTransferAndLeavesWhatCanBeTakenUp() throws {
        let disk = try #require(SmallDisk(options: "size=10m"))
        let sender = TestSender([
            .file("a", "small"), .file("b", TestRandom.bytes(3 * Limits.leaf, seed: 1)), .file("c", "last"),
        ])
        #expect(throws: RebuildError.diskFull) { try receive(sender, at: disk.path) }
        let interrupted = RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
        let root = try DestinationRoot.open(base: disk.path, creates: false)
        let partial = Rebuilder.partialFiles(of: interrupted, root: root)
        #expect(partial.first { $0.entry == 1 }?.bytes ?? 0 >= UInt64(2 * Limits.leaf - 5))
        let names = try FileManager.default.contentsOfDirectory(atPath: disk.path)
        #expect(names.allSatisfy { $0.hasPrefix(".packetfs-") })
        #expect(mount("none", disk.path, "tmpfs", UInt(MS_REMOUNT), "size=20m") == 0)
        var again = sender
        again.transfer = TransferID(unchecked: [UInt8](repeating: 2, count: 16))
        #expect(try receive(again, at: disk.path, resuming: interrupted)?.receipt.filesWritten == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).sorted() == ["a", "b", "c"])
    }

    @Test(.enabled(if: canMount, "mounting a RAM disk needs privilege"))
    func aDiskWithoutInodesIsFullToo() throws {
        let disk = try #require(SmallDisk(options: "nr_inodes=20"))
        let sender = TestSender((10..<60).map { .file("f\($0)", "\($0)") })
        #expect(throws: RebuildError.diskFull) { try receive(sender, at: disk.path) }
    }

    @Test(.enabled(if: canMount, "mounting a RAM disk needs privilege"))
    func aReadOnlyDiskEndsTheTransfer() throws {
        let disk = try #require(SmallDisk(options: "size=1m"))
        try #require(disk.makeReadOnly())
        #expect(throws: RebuildError.readOnly) { try receive(TestSender([.file("a", "a")]), at: disk.path) }
        #expect(throws: RebuildError.readOnly) {
            try receive(TestSender([.folder("d"), .file("d/a", "a")]), at: disk.path)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])
    }

    @Test(.enabled(if: Guarded.isPossible, "only root can guard a folder, where the file system can"))
    func aFolderThatMayNotBeWrittenCostsOnlyWhatIsInIt() throws {
        let yard = try Playground()
        try yard.makeFolder("closed")
        try yard.makeFolder("open")
        let guarded = try #require(Guarded(yard.destination + "/closed"))
        defer { guarded.release() }
        let finished = try receive(
            TestSender([.file("closed/a", "a"), .file("open/b", "b")].map { $0 }).withFolders, at: yard.destination)
        #expect(finished?.receipt.failures.map(\.failure).contains(.permission) == true)
        #expect(finished?.receipt.failures.allSatisfy { $0.failure == .permission || $0.failure == .metadata } == true)
        #expect(yard.bytes("open/b") == Array("b".utf8))
        #expect(yard.bytes("closed/a") == nil)
    }

    @Test func aWriterThatTakesNothingIsAFullDisk() {
        let bytes: [UInt8] = [1, 2, 3]
        #expect(pfs_write_all(-1, bytes, 3, 0) { _, _, _, _ in 0 } == -ENOSPC)
        #expect(pfs_write_all(-1, bytes, 3, 0) { _, _, length, offset in length + offset == 3 ? 1 : 0 } == 0)
    }
}

/// A folder that even root may not write in, where the file system can do that.
private struct Guarded {
    static let isPossible: Bool = {
        guard let yard = try? Playground(), let guarded = Guarded(yard.destination) else { return false }
        guarded.release()
        return true
    }()

    let path: String

    init?(_ path: String) {
        self.path = path
        guard Self.run("+i", path) else { return nil }
    }

    func release() {
        _ = Self.run("-i", path)
    }

    private static func run(_ flag: String, _ path: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/chattr")
        process.arguments = [flag, path]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

extension TestSender {
    /// With an entry for each folder that a path needs.
    fileprivate var withFolders: TestSender {
        var nodes: [Node] = []
        for (index, entry) in manifest.entries.enumerated() {
            let path = String(decoding: entry.path, as: UTF8.self)
            if let slash = path.lastIndex(of: "/") { nodes.append(.folder(String(path[..<slash]))) }
            nodes.append(Node(entry: entry, bytes: contents[index] ?? []))
        }
        return TestSender(nodes)
    }
}
