import Foundation
import Glibc
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// A receiver that is not root, before folders whose modes bar their owner.
@Suite struct UnprivilegedTests {
    @Test func foldersThatBarTheirOwnerAreUpdated() async {
        await #expect(processExitsWith: .success) {
            let yard = try Playground.ofNobody()
            defer { yard.release() }
            let modes: [UInt16] = [0o311, 0o333, 0o000, 0o555, 0o755]
            for (number, text) in ["one", "two"].enumerated() {
                let nodes = modes.enumerated().flatMap { index, mode in
                    [
                        TestSender.Node.folder("d\(index)", mode: mode), .folder("d\(index)/in", mode: mode),
                        .file("d\(index)/in/\(text)", text),
                    ]
                }
                let finished = try yard.receive(
                    TestSender(nodes, number: UInt8(number + 1)), options: TransferOptions { $0.deletes = true })
                #expect(finished.receipt.failures == [])
                #expect(finished.receipt.deleted == number * modes.count)
                for (index, mode) in modes.enumerated() { #expect(yard.mode("d\(index)") == mode) }
            }
            yard.release()
            for index in modes.indices { #expect(yard.bytes("d\(index)/in/two") == Array("two".utf8)) }
        }
    }

    /// More than are kept open, and than are synced one by one.
    @Test(arguments: [5, 200]) func manyFoldersThatBarTheirOwnerAreSynced(_ count: Int) async {
        await #expect(processExitsWith: .success) { [count] in
            let yard = try Playground.ofNobody()
            defer { yard.release() }
            let folders = (100..<100 + count).flatMap { number in
                [TestSender.Node.folder("d\(number)", mode: 0o333), .file("d\(number)/x", "\(number)")]
            }
            for number in 1...2 {
                let finished = try yard.receive(TestSender(folders, number: UInt8(number)))
                #expect(finished.receipt.failures == [])
            }
            #expect(yard.mode("d100") == 0o333)
        }
    }

    @Test func whatIsReadOnlyGivesWay() async {
        await #expect(processExitsWith: .success) {
            let yard = try Playground.ofNobody()
            defer { yard.release() }
            for name in ["pkg/mod/deep", "y/ro", "link"] { try yard.makeFolder(name) }
            for name in ["pkg/mod/deep/f", "pkg/mod/g", "y/ro/f", "link/f"] { try yard.write("old", to: name) }
            for name in ["pkg/mod/deep", "pkg/mod", "y/ro", "link"] { chmod(yard.destination + "/" + name, 0o555) }
            let sender = TestSender([
                .folder(""), .symlink("link", to: "y"), .folder("pkg"), .file("pkg/x", "new"), .file("y", "new"),
            ])
            let finished = try yard.receive(sender, options: TransferOptions { $0.deletes = true })
            #expect(finished.receipt.failures == [])
            #expect(try yard.names() == ["link", "pkg", "pkg/x", "y"])
            #expect(yard.bytes("y") == Array("new".utf8))
        }
    }

    /// What lies beneath a folder that cannot be made fails for its reason.
    @Test(.enabled(if: geteuid() == 0, "only root can make what belongs to somebody else"))
    func whatLiesBeneathFailsForTheReasonAbove() async {
        await #expect(processExitsWith: .success) {
            let yard = try Playground.ofNobody { try $0.makeFolder("theirs") }
            defer { yard.release() }
            let sender = TestSender([
                .folder("theirs"), .folder("theirs/new"), .folder("theirs/new/in"), .file("theirs/new/in/a", "text"),
                .file("theirs/new/in/b", ""), .hardLink("theirs/new/in/c", to: 3),
                .symlink("theirs/new/in/d", to: "a"),
            ])
            let failures = try yard.receive(sender).receipt.failures
            #expect(failures.filter { $0.entry > 0 } == (1..<7).map { FailedEntry(entry: $0, failure: .permission) })
        }
    }

    /// A folder that is not deleted whole gets the mode back with which it barred us.
    @Test func aFolderThatStaysKeepsItsMode() async {
        await #expect(processExitsWith: .success) {
            let yard = try Playground.ofNobody()
            defer { yard.release() }
            for name in ["cache/in", "y"] { try yard.makeFolder(name) }
            for name in ["cache/in/keep.db", "cache/x", "y/keep.db"] { try yard.write("old", to: name) }
            for name in ["cache/in", "cache"] { chmod(yard.destination + "/" + name, 0o500) }
            let options = TransferOptions {
                $0.deletes = true
                $0.excludes = ["*.db"]
            }
            let finished = try yard.receive(TestSender([.folder("")]), options: options)
            #expect(finished.receipt.failures == [] && finished.receipt.deleted == 1)
            #expect(["cache", "cache/in"].map(yard.mode) == [0o500, 0o500])
            #expect(try yard.names() == ["cache", "cache/in", "cache/in/keep.db", "y", "y/keep.db"])
        }
    }

    @Test func whatCannotBeRemovedOfAnInterruptedTransferIsNotGone() async {
        await #expect(processExitsWith: .success) {
            let yard = try Playground.ofNobody()
            defer { yard.release() }
            let sender = TestSender([.folder("d"), .file("d/a", TestRandom.bytes(Limits.leaf + 1, seed: 1))])
            #expect(try sender.run(yard.rebuilder(sender), limit: 4) == nil)
            let interrupted = RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
            for mode: mode_t in [0o555, 0o000] {
                chmod(yard.destination + "/d", mode)
                #expect(try !Rebuilder.discard(interrupted, root: yard.root()))
            }
            chmod(yard.destination + "/d", 0o755)
            #expect(try yard.leftovers().count == 1)
            #expect(try Rebuilder.discard(interrupted, root: yard.root()))
            #expect(try yard.names() == ["d"])
        }
    }

    /// What somebody else owns stays, under its own name, and is named; the rest goes.
    @Test(.enabled(if: geteuid() == 0, "only root can make what belongs to somebody else"))
    func whatCannotBeRemovedKeepsItsName() async {
        await #expect(processExitsWith: .success) {
            let yard = try Playground.ofNobody { yard in
                for name in ["gone/theirs", "y/theirs"] {
                    try yard.makeFolder(name)
                    try yard.write("old", to: name + "/x")
                    let folder = String(name.prefix { $0 != "/" })
                    try yard.write("old", to: folder + "/ours")
                    chown(yard.destination + "/" + folder, Playground.nobody, Playground.nobody)
                }
            }
            defer { yard.release() }
            let sender = TestSender([.folder(""), .file("y", "new")])
            let finished = try yard.receive(sender, options: TransferOptions { $0.deletes = true })
            #expect(
                finished.receipt.failures == [
                    FailedEntry(entry: 0, failure: .permission), FailedEntry(entry: 1, failure: .permission),
                ])
            #expect(finished.undeleted.map(\.path) == [Array("gone/theirs/x".utf8)])
            #expect(
                try yard.names() == ["gone", "gone/theirs", "gone/theirs/x", "y", "y/theirs", "y/theirs/x"])
            #expect(finished.snapshot.entries == [])
        }
    }
}

extension Playground {
    fileprivate static let nobody: uid_t = 65_534

    /// A playground of a user without privilege, who acts in this process until `release`. `prepare` runs before.
    fileprivate static func ofNobody(_ prepare: (Playground) throws -> Void = { _ in }) throws -> Playground {
        let yard = try Playground(inMemory: true)
        guard geteuid() == 0 else { return yard }
        try prepare(yard)
        for path in [yard.path, yard.destination] { chown(path, nobody, nobody) }
        #expect(setgroups(0, nil) == 0 && setegid(nobody) == 0 && seteuid(nobody) == 0)
        return yard
    }

    fileprivate func mode(_ name: String) -> UInt16? {
        var raw = stat()
        return lstat(destination + "/" + name, &raw) == 0 ? UInt16(raw.st_mode & 0o7777) : nil
    }

    /// Everything can be read again, and removed.
    fileprivate func release() {
        guard getuid() != 0 else {
            #expect(seteuid(0) == 0)
            return
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/chmod")
        process.arguments = ["-R", "u+rwX", path]
        guard (try? process.run()) != nil else { return }
        process.waitUntilExit()
    }
}
