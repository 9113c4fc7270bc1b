import Foundation
import Glibc
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// What gives way to what arrives, and what is deleted.
@Suite struct DeleteTests {
    private let deleting = TransferOptions { $0.deletes = true }

    @Test func deletesOnlyWhatTheManifestsFoldersHoldBeyondIt() throws {
        let yard = try Playground()
        try yard.makeFolder("in/deep/er")
        try yard.makeFolder("out")
        for name in ["in/x", "in/deep/er/y", "in/keep", "out/z", "top"] { try yard.write("old", to: name) }
        try yard.makeSymlink("in/link", to: "../out")
        let finished = try yard.receive(TestSender([.folder("in"), .file("in/keep", "new")]), options: deleting)
        #expect(try yard.names() == ["in", "in/keep", "out", "out/z", "top"])
        #expect(finished.receipt.deleted == 5)
        #expect(finished.receipt.failures == [])
    }

    @Test func deletesNothingUnlessAsked() throws {
        let yard = try Playground()
        try yard.write("old", to: "x")
        let finished = try yard.receive(TestSender([.folder(""), .file("a", "new")]))
        #expect(try yard.names() == ["a", "x"])
        #expect(finished.receipt.deleted == 0)
    }

    @Test func sparesWhatIsExcludedAndWhatOthersHaveUnfinished() throws {
        let yard = try Playground()
        try yard.makeFolder("gone/cache")
        try yard.makeFolder("stay")
        for name in ["a.log", "b.txt", "gone/cache/x", "gone/y.log", "gone/z", "stay/keep.log"] {
            try yard.write("old", to: name)
        }
        try yard.write("part", to: ".packetfs-0123456789abcdef-3")
        try yard.write("other", to: ".packetfs-0123456789abcdef-x")
        let options = TransferOptions {
            $0.deletes = true
            $0.excludes = ["*.log", "/gone/cache/"]
        }
        try yard.receive(TestSender([.folder(""), .file("new", "n")]), options: options)
        #expect(
            try yard.names() == [
                ".packetfs-0123456789abcdef-3", "a.log", "gone", "gone/cache", "gone/cache/x", "gone/y.log", "new",
                "stay", "stay/keep.log",
            ])
    }

    @Test func dryRunCountsTheSameDeletions() throws {
        let yard = try Playground()
        try yard.makeFolder("in/deep/er")
        for name in ["in/x", "in/deep/er/y.log", "in/deep/z"] { try yard.write("old", to: name) }
        let sender = TestSender([.folder("in"), .file("in/keep", "new")])
        let (dry, wet) = try receiveTwice(sender, in: yard, deletes: true)
        #expect(dry.receipt.deleted == 2)
        #expect(wet.receipt.deleted == 2)
        #expect(try yard.names() == ["in", "in/deep", "in/deep/er", "in/deep/er/y.log", "in/keep"])
    }

    /// As it goes, a dry run tells it: what a folder holds that gives way, and what stands where folders will.
    @Test(arguments: [true, false]) func dryRunSeesWhatGivesWay(_ deletes: Bool) throws {
        let yard = try Playground()
        try yard.makeFolder("empty")
        try yard.makeFolder("full/in")
        try yard.makeFolder("kept")
        for name in ["full/in/x", "full/y", "kept/z.log", "taken"] { try yard.write("old", to: name) }
        try yard.makeSymlink("linked", to: "full")
        let sender = TestSender([
            .folder(""), .file("empty", "new"), .symlink("full", to: "away"), .file("kept", "new"), .folder("linked"),
            .folder("linked/sub"), .folder("taken"), .folder("taken/sub"),
        ])
        let (dry, wet) = try receiveTwice(sender, in: yard, deletes: deletes)
        #expect(dry.receipt.deleted == wet.receipt.deleted && dry.receipt.failures == wet.receipt.failures)
        #expect(dry.receipt.filesWritten == wet.receipt.filesWritten)
        #expect(dry.receipt.deleted == (deletes ? 5 : 0))
        #expect(dry.receipt.failures.map(\.entry) == (deletes ? [3] : [2, 3]))
        let removed = dry.wouldRemove.map { String(decoding: $0, as: UTF8.self) }.sorted()
        #expect(removed == (deletes ? ["empty", "full", "full/in", "full/in/x", "full/y"] : []))
    }

    /// First in a dry run, which changes no name, and then in earnest; logs are excluded.
    private func receiveTwice(
        _ sender: TestSender, in yard: Playground, deletes: Bool
    ) throws -> (dry: FinishedTransfer, wet: FinishedTransfer) {
        var options = TransferOptions {
            $0.deletes = deletes
            $0.excludes = ["*.log"]
        }
        var empty = sender
        empty.omitsContent = true
        let names = try yard.names()
        options.isDryRun = true
        let dry = try yard.receive(empty, options: options)
        #expect(try yard.names() == names)
        options.isDryRun = false
        return (dry, try yard.receive(sender, options: options))
    }

    @Test func replacesLinksFilesAndEmptyFolders() throws {
        let yard = try Playground()
        try yard.makeFolder("outside")
        try yard.write("untouched", to: "outside/target")
        try yard.makeSymlink("a", to: "outside/target")
        try yard.makeSymlink("b", to: "outside")
        try yard.write("file", to: "c")
        try yard.makeFolder("d")
        try yard.makeFolder("e")
        let sender = TestSender([
            .file("a", "A"), .folder("b"), .file("b/target", "B"), .folder("c"), .file("c/x", "C"), .file("d", "D"),
            .symlink("e", to: "a"),
        ])
        let finished = try yard.receive(sender)
        #expect(finished.receipt.failures == [])
        #expect(yard.bytes("outside/target") == Array("untouched".utf8))
        #expect(yard.bytes("a") == Array("A".utf8))
        #expect(yard.bytes("b/target") == Array("B".utf8))
        #expect(yard.bytes("c/x") == Array("C".utf8))
        #expect(yard.bytes("d") == Array("D".utf8))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: yard.destination + "/e") == "a")
        #expect(try yard.leftovers() == [])
    }

    @Test(arguments: [false, true])
    func aFullFolderGivesWayOnlyToADeletingTransfer(_ deletes: Bool) throws {
        let yard = try Playground()
        try yard.makeFolder("a/b/c")
        try yard.write("old", to: "a/b/x")
        let sender = TestSender([.file("a", "file"), .file("z", "other")])
        let finished = try yard.receive(sender, options: TransferOptions { $0.deletes = deletes })
        #expect(yard.bytes("z") == Array("other".utf8))
        #expect(try yard.leftovers() == [])
        if deletes {
            #expect(finished.receipt.failures == [])
            #expect(yard.bytes("a") == Array("file".utf8))
        } else {
            #expect(finished.receipt.failures == [FailedEntry(entry: 0, failure: .occupied)])
            #expect(yard.bytes("a/b/x") == Array("old".utf8))
            #expect(finished.snapshot.entries.map(\.path) == [Array("z".utf8)])
        }
    }

    @Test func anExcludedFileKeepsItsFolderFromGivingWay() throws {
        let yard = try Playground()
        try yard.makeFolder("a/b")
        try yard.write("old", to: "a/b/x.log")
        let options = TransferOptions {
            $0.deletes = true
            $0.excludes = ["*.log"]
        }
        let finished = try yard.receive(TestSender([.file("a", "file")]), options: options)
        #expect(finished.receipt.failures == [FailedEntry(entry: 0, failure: .occupied)])
        #expect(yard.bytes("a/b/x.log") == Array("old".utf8))
    }

    @Test func refusesPatternsBeyondTheirBounds() throws {
        let yard = try Playground()
        let options = TransferOptions { $0.excludes = [""] }
        #expect(throws: RebuildError.manifest(.inconsistent)) { try yard.rebuilder(TestSender([]), options: options) }
    }

    @Test func swapsNamesAlsoWhereTheFileSystemCannot() throws {
        let yard = try Playground()
        try yard.makeFolder("a/x")
        try yard.write("b", to: "b")
        let folder = try #require(try yard.root().folder)
        let calls = FileCalls(gate: OpenGate())
        let one = try #require(Name("a".utf8))
        let other = try #require(Name("b".utf8))
        try calls.exchangeInSteps(one, with: other, in: folder)
        #expect(try yard.names() == ["a", "b", "b/x"])
        try calls.exchange(one, with: other, in: folder)
        #expect(try yard.names() == ["a", "a/x", "b"])
    }

    /// Deeper than this process may have descriptors.
    @Test(arguments: [false, true]) func aDeepFolderGoesWithFewDescriptors(_ givesWay: Bool) async {
        await #expect(processExitsWith: .success) { [givesWay] in
            let yard = try Playground(inMemory: true)
            let path = Array(repeating: "d", count: 500).joined(separator: "/")
            try yard.makeFolder(path)
            try yard.write("old", to: path + "/x")
            // The process that runs the tests may have left it some.
            let used = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { UInt($0) }
            let most = (used.max() ?? 0) + 110
            var limit = rlimit(rlim_cur: most, rlim_max: most)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            let sender = TestSender([givesWay ? .file("d", "new") : .folder("")])
            let finished = try yard.receive(sender, options: TransferOptions { $0.deletes = true })
            #expect(finished.receipt.failures == [])
            #expect(try yard.names() == (givesWay ? ["d"] : []))
        }
    }

    /// A faked file system that folds case: it lists what came as `readme` under the name that stood there before.
    @Test func whatIsKeptUnderAnotherSpellingIsNotSuperfluous() throws {
        let inodes: [String: UInt] = ["readme": 1, "README": 1, "other": 2, "linked": 3, "link": 3]
        let names = try ["README", "linked", "link", "other"].map { try #require(Name($0.utf8)) }
        let keep = try ["gone", "readme", "linked"].map { try #require(Name($0.utf8)) }
        let listing = Listing(names: names) { name in
            var raw = stat()
            guard let inode = inodes[String(decoding: name.bytes, as: UTF8.self)] else { return nil }
            raw.st_ino = inode
            return FileStatus(raw)
        }
        #expect(try listing.superfluous(besides: Set(keep)) == names.suffix(2))
    }
}
