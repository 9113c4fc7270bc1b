import Foundation
import Glibc
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// Metadata that the file system refuses.
@Suite struct MetadataTests {
    typealias Node = TestSender.Node

    private func status(_ yard: Playground, _ name: String) throws -> stat {
        var raw = stat()
        try #require(lstat(yard.destination + "/" + name, &raw) == 0)
        return raw
    }

    private func attributes(_ yard: Playground, _ name: String) throws -> [String: [UInt8]] {
        try OpenFile(open(yard.destination + "/" + name, O_RDONLY)).attributes()
    }

    /// Whichever call is refused, the others are made. The content is here, so it does not come again; what lacked is
    /// tried again.
    @Test(arguments: 0..<3)
    func whatIsRefusedCostsOnlyItself(_ refused: Int) throws {
        let yard = try Playground()
        let wanted = ["user.a": [1, 2] as [UInt8]]
        var sender = TestSender([
            Node.file("x", "x", mode: 0o640).with {
                $0.attributes = wanted.map { ExtendedAttribute(name: $0, value: $1) }
            }
        ])
        let gate = CrashGate(after: refused, fault: .system(EINVAL), kind: .metadata, isOnce: true)
        let finished = try yard.receive(sender) { $0.gate = gate }
        #expect(finished.receipt.failures == [FailedEntry(entry: 0, failure: .metadata)])
        #expect(try (attributes(yard, "x") == wanted) == (refused != 0))
        #expect(try (status(yard, "x").st_mode & 0o7777 == 0o640) == (refused != 1))
        #expect(try (status(yard, "x").st_mtim.tv_sec == 1_000_000) == (refused != 2))
        #expect(finished.snapshot.entries.map(\.path) == [Array("x".utf8)])

        sender.kept = [0: sender.transfer]
        sender.transfer = TransferID(unchecked: [UInt8](repeating: 2, count: 16))
        let again = try yard.receive(sender) { $0.snapshot = finished.snapshot }
        #expect(again.receipt.failures == [] && again.receipt.filesKept == 1)
        #expect(try attributes(yard, "x") == wanted)
        #expect(try status(yard, "x").st_mode & 0o7777 == 0o640)
        #expect(try status(yard, "x").st_mtim.tv_sec == 1_000_000)
    }

    @Test(.enabled(if: geteuid() == 0, "owners need privilege"))
    func whoseOwnerIsRefusedGetsNoSpecialBits() throws {
        let yard = try Playground()
        let owned: (inout ManifestEntry) -> Void = { $0.owner = 1234 }
        let sender = TestSender([
            Node.file("file", "x", mode: 0o6755).with(owned), Node.symlink("link", to: "file").with(owned),
        ])
        for (name, entry) in [("file", 0), ("link", 1)] {
            let gate = CrashGate(after: entry * 3, fault: .system(EINVAL), kind: .metadata, isOnce: true)
            let finished = try yard.receive(sender, options: TransferOptions { $0.keepsSpecialModes = true }) {
                $0.gate = gate
            }
            #expect(finished.receipt.failures == [FailedEntry(entry: entry, failure: .metadata)])
            let raw = try status(yard, name)
            #expect(raw.st_uid == 0 && raw.st_mtim.tv_sec == (entry == 0 ? 1_000_000 : 3_000_000))
            if entry == 0 { #expect(raw.st_mode & 0o7777 == 0o755) }
            try yard.remove("file")
            try yard.remove("link")
        }
    }

    /// Whether this file system takes no attribute of the largest size that a manifest holds, as ext4.
    private static let refusesLargeAttributes: Bool = {
        guard let yard = try? Playground(), (try? yard.write("x", to: "x")) != nil else { return false }
        let file = OpenFile(open(yard.destination + "/x", O_RDWR))
        do throws(FileFault) {
            try FileCalls(gate: OpenGate()).setAttribute(large, of: file)
            return false
        } catch {
            return [.system(ENOSPC), .system(E2BIG)].contains(error)
        }
    }()

    private static let large = ExtendedAttribute(
        name: "user.a", value: [UInt8](repeating: 1, count: Limits.attributeValue))

    @Test(.enabled(if: refusesLargeAttributes, "this file system takes large attributes"))
    func anAttributeThatIsTooLargeIsNoFullDisk() throws {
        let yard = try Playground()
        let small = ExtendedAttribute(name: "user.b", value: [2])
        let sender = TestSender([
            Node.file("a", "a", mode: 0o640).with { $0.attributes = [Self.large, small] }, .file("b", "b"),
        ])
        let finished = try yard.receive(sender)
        #expect(finished.receipt.failures == [FailedEntry(entry: 0, failure: .metadata)])
        #expect(yard.bytes("b") == Array("b".utf8))
        #expect(try attributes(yard, "a") == ["user.b": [2]])
        #expect(try status(yard, "a").st_mode & 0o7777 == 0o640)
        #expect(finished.snapshot.entries.count == 2)
    }

    /// Such as ext4, which keeps no time beyond 2446, and FAT, which keeps 2 seconds: what is set again and again is not
    /// made durable again and again.
    @Test func aTimeThatIsNotKeptIsSyncedOnce() throws {
        let yard = try Playground()
        var sender = TestSender([.file("x", "x", seconds: 1 << 40)])
        var known = try yard.receive(sender).snapshot
        sender.kept = [0: sender.transfer]
        sender.transfer = TransferID(unchecked: [UInt8](repeating: 2, count: 16))
        for mode: UInt16 in [0o644, 0o600] {
            sender.manifest.entries[0].mode = mode
            let gate = RecordingGate()
            let again = try yard.receive(sender) {
                $0.snapshot = known
                $0.gate = gate
            }
            known = again.snapshot
            #expect(again.receipt.failures == [] && again.receipt.filesKept == 1)
            #expect(gate.writes.contains(.sync) == (mode == 0o600))
        }
    }

    /// FAT keeps 2 seconds of a time; tags tell what is right.
    @Test(arguments: [999_997, 999_998, 1_000_000, 1_000_002, 1_000_003])
    func whatWasCommittedIsFoundWhereTimesAreKeptCoarsely(_ seconds: Int) throws {
        let yard = try Playground()
        let first = TestSender([.file("f", "x")])
        try yard.receive(first)
        var times = [timespec(tv_sec: 0, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, yard.destination + "/f", &times, 0) == 0)
        let interrupted = RebuildSetup.Interrupted(transfer: first.transfer, manifest: first.manifest)
        let partial = Rebuilder.partialFiles(of: interrupted, root: try yard.root())
        #expect(partial.isEmpty == (seconds == 999_997 || seconds == 1_000_003))
    }
}
