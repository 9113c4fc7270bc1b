import Foundation
import Glibc
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// What arrives, with its metadata, of every kind of entry.
@Suite struct TreeTests {
    typealias Node = TestSender.Node

    private func status(_ path: String) throws -> stat {
        var raw = stat()
        try #require(lstat(path, &raw) == 0)
        return raw
    }

    @Test func rebuildsEveryKind() throws {
        let yard = try Playground()
        let big = TestRandom.bytes(Limits.leaf + 12_345, seed: 1)
        let sender = TestSender([
            .folder("a", mode: 0o750), .file("a/big", big, mode: 0o640), .file("a/empty", ""),
            .folder("a/none", mode: 0o700), .hardLink("b", to: 1), .symlink("c", to: "a/big"),
            .file("d", "text", mode: 0o444), .symlink("e", to: "/nowhere/at/all"),
        ])
        let finished = try yard.receive(sender)
        #expect(finished.receipt.failures == [])
        #expect(finished.receipt.filesWritten == 6)
        #expect(finished.receipt.bytesWritten == UInt64(big.count) + 4)
        #expect(yard.bytes("a/big") == big)
        #expect(yard.bytes("a/empty") == [])
        #expect(yard.bytes("d") == Array("text".utf8))
        #expect(try yard.names() == ["a", "a/big", "a/empty", "a/none", "b", "c", "d", "e"])
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: yard.destination + "/c")
        #expect(link == "a/big")
        let first = try status(yard.destination + "/a/big")
        let second = try status(yard.destination + "/b")
        #expect(first.st_ino == second.st_ino)
        #expect(first.st_mode & 0o7777 == 0o640)
        #expect(first.st_mtim.tv_sec == 1_000_000 && first.st_mtim.tv_nsec == 123_456_789)
        let folder = try status(yard.destination + "/a")
        #expect(folder.st_mode & 0o7777 == 0o750)
        #expect(folder.st_mtim.tv_sec == 2_000_000 && folder.st_mtim.tv_nsec == 7)
        #expect(try status(yard.destination + "/d").st_mode & 0o7777 == 0o444)
        #expect(try status(yard.destination + "/c").st_mtim.tv_sec == 3_000_000)
        #expect(finished.snapshot.entries.map(\.path) == ["a/big", "a/empty", "d"].map { Array($0.utf8) })
        #expect(finished.snapshot.entries[0].stat.inode == UInt64(first.st_ino))
        #expect(finished.snapshot.entries.allSatisfy { $0.version == sender.transfer })
    }

    @Test func secondIdenticalTransferChangesNothing() throws {
        let yard = try Playground()
        var sender = TestSender([
            .folder(""), .file("a", "one"), .hardLink("b", to: 1), .symlink("c", to: "a"),
        ])
        let first = try yard.receive(sender)
        let before = try status(yard.destination + "/a")
        sender.kept = [1: sender.transfer]
        sender.transfer = TransferID(unchecked: [UInt8](repeating: 2, count: 16))
        let second = try yard.receive(sender) { $0.snapshot = first.snapshot }
        #expect(second.receipt.filesWritten == 0)
        #expect(second.receipt.filesKept == 3)
        #expect(second.snapshot == first.snapshot)
        let after = try status(yard.destination + "/a")
        #expect(before.st_ino == after.st_ino && before.st_ctim.tv_nsec == after.st_ctim.tv_nsec)
    }

    /// A file is known by the latest transfer that called it kept, and by what that one called it: its sender may not have
    /// had the receipt.
    @Test func aFileThatWasKeptIsKnownByTwoTransfers() throws {
        let yard = try Playground()
        let transfers = (1...4).map { TransferID(unchecked: [UInt8](repeating: $0, count: 16)) }
        var sender = TestSender([.file("a", "one"), .file("b", "two")])
        sender.transfer = transfers[0]
        let first = try yard.receive(sender)
        sender = TestSender([.file("a", "one"), .file("b", "changed")])
        sender.kept = [0: transfers[0]]
        sender.transfer = transfers[1]
        let second = try yard.receive(sender) { $0.snapshot = first.snapshot }
        for (earlier, isKnown) in [(transfers[0], true), (transfers[1], true), (transfers[2], false)] {
            sender.kept = [0: earlier, 1: transfers[1]]
            sender.transfer = transfers[3]
            let rebuilder = try yard.rebuilder(sender) { $0.snapshot = second.snapshot }
            var wanted: [Int] = []
            for record in try sender.records() {
                var step = try rebuilder.record(record)
                if step == .manifestReady { step = try rebuilder.proceed() }
                if case .wanted(let entries) = step { wanted = entries }
            }
            #expect(wanted == (isKnown ? [] : [0]))
        }
        sender.kept = [0: transfers[1], 1: transfers[1]]
        let third = try yard.receive(sender) { $0.snapshot = second.snapshot }
        #expect(third.snapshot.entries.map(\.confirmed) == [transfers[1], transfers[1]])
    }

    @Test(arguments: ["content", "gone", "replaced", "touched", "version", "symlink", "nothing known"])
    func asksForKeptFilesThatAreNotHere(_ change: String) throws {
        let yard = try Playground()
        var sender = TestSender([.file("a", "one"), .file("b", "two"), .file("c", "three")])
        var snapshot: Snapshot? = try yard.receive(sender).snapshot
        sender.kept = [0: sender.transfer, 1: sender.transfer, 2: sender.transfer]
        switch change {
        case "content": try yard.write("new", to: "b")
        case "gone": try yard.remove("b")
        case "replaced":
            try yard.remove("b")
            try yard.write("two", to: "b")
        case "touched": utimes(yard.destination + "/b", nil)
        case "version": sender.kept[1] = TransferID(unchecked: [UInt8](repeating: 9, count: 16))
        case "symlink":
            try yard.remove("b")
            try yard.makeSymlink("b", to: "a")
        default: snapshot = nil
        }
        sender.transfer = TransferID(unchecked: [UInt8](repeating: 2, count: 16))
        let rebuilder = try yard.rebuilder(sender) { $0.snapshot = snapshot }
        var wanted: [Int] = []
        for record in try sender.records() {
            var step = try rebuilder.record(record)
            if step == .manifestReady { step = try rebuilder.proceed() }
            if case .wanted(let entries) = step { wanted = entries }
        }
        #expect(wanted == (snapshot == nil ? [0, 1, 2] : [1]))
        #expect(!rebuilder.isComplete)
        for record in sender.more(wanted) { #expect(try rebuilder.record(record) == .none) }
        let finished = try rebuilder.finish()
        #expect(finished.receipt.filesWritten == wanted.count)
        #expect(yard.bytes("b") == Array("two".utf8))
        #expect(finished.snapshot.entries.count == 3)
    }

    /// In several pieces, on one thread or on many: those that are new, and those that are to be here, of which each piece finds
    /// its place in what is known.
    @Test(arguments: [false, true]) func manyFilesAreWrittenAndThoseThatAreNotHereAreAskedFor(isSpread: Bool) throws {
        let yard = try Playground(inMemory: true)
        let nodes = (0..<8).flatMap { folder in
            [Node.folder("d\(folder)")] + (100..<220).map { .file("d\(folder)/\($0)", "\($0)") }
        }
        var sender = TestSender(nodes)
        let first = try yard.receive(sender) { $0.spreads(isSpread) }
        #expect(first.receipt.filesWritten == 960 && first.receipt.failures == [])
        #expect(try yard.leftovers() == [])
        let files = sender.files
        #expect(
            files.allSatisfy {
                yard.bytes(String(decoding: sender.manifest.entries[$0].path, as: UTF8.self)) == sender.contents[$0]
            })
        var snapshot = first.snapshot
        #expect(snapshot.entries.map(\.path) == files.map { sender.manifest.entries[$0].path })
        sender.kept = Dictionary(uniqueKeysWithValues: files.map { ($0, sender.transfer) })
        let lost = Set(files.filter { $0 * 7919 % 11 < 2 })
        for (number, entry) in lost.sorted().enumerated() {
            let path = sender.manifest.entries[entry].path
            if number.isMultiple(of: 2) {
                try yard.remove(String(decoding: path, as: UTF8.self))
            } else {
                snapshot.entries.removeAll { $0.path == path }
            }
        }
        // Known, and not in this tree.
        snapshot.entries.removeAll { $0.path.starts(with: "d3/".utf8) }
        sender.transfer = TransferID(unchecked: [UInt8](repeating: 2, count: 16))
        let rebuilder = try yard.rebuilder(sender) { setup in
            setup.snapshot = snapshot
            setup.spreads(isSpread)
        }
        var wanted: [Int] = []
        for record in try sender.records() {
            var step = try rebuilder.record(record)
            if step == .manifestReady { step = try rebuilder.proceed() }
            if case .wanted(let entries) = step { wanted = entries }
        }
        let unknown = files.filter { sender.manifest.entries[$0].path.starts(with: "d3/".utf8) }
        #expect(wanted == lost.union(unknown).sorted())
    }

    @Test func dropsSpecialBitsUnlessAsked() throws {
        let yard = try Playground()
        let sender = TestSender([
            .folder("d", mode: 0o2755), .file("d/x", "x", mode: 0o4755), .file("y", "y", mode: 0o2711),
        ])
        try yard.receive(sender)
        #expect(try status(yard.destination + "/d/x").st_mode & 0o7777 == 0o755)
        #expect(try status(yard.destination + "/y").st_mode & 0o7777 == 0o711)
        #expect(try status(yard.destination + "/d").st_mode & 0o7777 == 0o755)
        try yard.receive(sender, options: TransferOptions { $0.keepsSpecialModes = true })
        #expect(try status(yard.destination + "/d/x").st_mode & 0o7777 == 0o4755)
        #expect(try status(yard.destination + "/d").st_mode & 0o7777 == 0o2755)
    }

    @Test(.enabled(if: geteuid() == 0, "owners need privilege"))
    func setsOwnersWherePrivileged() throws {
        let yard = try Playground()
        let owned: (inout ManifestEntry) -> Void = {
            $0.owner = 1234
            $0.group = 4321
        }
        let sender = TestSender([
            Node.folder("d").with(owned), Node.file("d/x", "x", mode: 0o4755).with(owned),
            Node.symlink("s", to: "d/x").with(owned),
        ])
        try yard.receive(sender, options: TransferOptions { $0.keepsSpecialModes = true })
        for name in ["d", "d/x", "s"] {
            let raw = try status(yard.destination + "/" + name)
            #expect(raw.st_uid == 1234 && raw.st_gid == 4321)
        }
        #expect(try status(yard.destination + "/d/x").st_mode & 0o7777 == 0o4755)
        try yard.remove("d/x")
        try yard.receive(sender, options: TransferOptions { $0.keepsOwner = false })
        #expect(try status(yard.destination + "/d/x").st_uid == 0)
    }

    @Test func setsAndRemovesAttributes() throws {
        let yard = try Playground()
        let attributes = [
            ExtendedAttribute(name: "user.a", value: [1, 2, 3]), ExtendedAttribute(name: "user.b", value: []),
        ]
        let with = TestSender([
            Node.folder("d").with { $0.attributes = attributes },
            Node.file("d/x", "x", mode: 0o444).with { $0.attributes = attributes },
        ])
        let finished = try yard.receive(with)
        try #require(finished.receipt.failures == [], "no user attributes here")
        for name in ["d", "d/x"] {
            let found = try OpenFile(open(yard.destination + "/" + name, O_RDONLY)).attributes()
            #expect(found == ["user.a": [1, 2, 3], "user.b": []])
        }
        try yard.receive(TestSender([.folder("d"), .file("d/x", "x")], number: 2))
        for name in ["d", "d/x"] {
            #expect(try OpenFile(open(yard.destination + "/" + name, O_RDONLY)).attributes() == [:])
        }
    }

    /// Past the codec, which refuses these names: the second line of defence.
    @Test(arguments: ["trusted.a", "user.a\0b"])
    func setsOnlyAttributesOfUsers(_ name: String) throws {
        let yard = try Playground()
        try yard.write("x", to: "x")
        let site = try Site(
            root: yard.root(), transfer: TransferID(unchecked: [UInt8](repeating: 1, count: 16)),
            options: TransferOptions(), gate: OpenGate())
        let entry = Node.file("x", "x").with { $0.attributes = [ExtendedAttribute(name: name, value: [1])] }.entry
        let table = EntryTable(Manifest(entries: [entry]))
        let file = OpenFile(open(yard.destination + "/x", O_RDWR))
        #expect(try table.applyMetadata(of: 0, to: file, isNew: true, site.rules))
        #expect(table.failures == [0: .metadata])
        #expect(try file.attributes() == [:])
    }

    @Test func makesZerosHolesInSparseFiles() throws {
        let yard = try Playground()
        var bytes = [UInt8](repeating: 0, count: 3 << 20)
        bytes.replaceSubrange(1_000_000..<1_000_010, with: [UInt8](repeating: 7, count: 10))
        let sender = TestSender([
            Node.file("dense", bytes), Node.file("sparse", bytes).with { $0.isSparse = true },
        ])
        try yard.receive(sender)
        #expect(yard.bytes("sparse") == bytes)
        #expect(yard.bytes("dense") == bytes)
        #expect(try status(yard.destination + "/sparse").st_blocks <= 64)
        #expect(try status(yard.destination + "/dense").st_blocks >= 3 << 11)
    }

    /// Where all is to be compared, what is right already is not written anew: its links stay, and so does its inode.
    @Test func whatStandsThereAsItShouldIsNotReplaced() throws {
        let yard = try Playground()
        let big = TestRandom.bytes(2 * Limits.leaf + 99, seed: 4)
        var (late, early) = (big, big)
        late[2 * Limits.leaf + 50] ^= 1
        early[0] ^= 1
        let sender = TestSender([
            .file("early", big), .file("empty", ""), .file("held", "one"), .file("late", big),
            .hardLink("link", to: 2), .file("long", "longer"), .file("mode", "bytes", mode: 0o600),
            .file("noted", "two"), .file("same", big), .file("shared", "old"),
        ])
        for (name, bytes) in [
            ("early", early), ("empty", []), ("late", late), ("held", Array("one".utf8)),
            ("long", Array("longer than it is".utf8)), ("mode", Array("bytes".utf8)), ("noted", Array("two".utf8)),
            ("same", big), ("shared", Array("old".utf8)),
        ] { try yard.write(bytes, to: name) }
        let noted = try #require(try yard.root().folder).open(try #require(Name("noted".utf8)))
        let note = ExtendedAttribute(name: "user.note", value: [1])
        try FileCalls(gate: OpenGate()).setAttribute(note, of: noted)
        let paths = ["shared": "outside", "held": "link", "noted": "outside too"]
        for (name, other) in paths {
            try FileManager.default.linkItem(
                atPath: yard.destination + "/" + name,
                toPath: (other == "link" ? yard.destination : yard.path) + "/" + other)
        }
        let time = timespec(tv_sec: 1_000_000, tv_nsec: 123_456_789)
        for name in ["held", "noted"] {
            try #require(utimensat(AT_FDCWD, yard.destination + "/" + name, [time, time], 0) == 0)
            try #require(chmod(yard.destination + "/" + name, 0o644) == 0)
        }
        func inode(_ name: String) throws -> UInt { try status(yard.destination + "/" + name).st_ino }
        let names = try yard.names()
        let before = try Dictionary(uniqueKeysWithValues: names.map { ($0, try inode($0)) })
        var options = TransferOptions()
        options.checksums = true
        let receipt = try yard.receive(sender, options: options) { $0.comparesStanding = true }.receipt
        #expect(receipt.failures == [] && receipt.filesKept == 5 && receipt.filesWritten == 5)
        let replaced = try names.filter { try inode($0) != before[$0] }
        #expect(replaced == ["early", "late", "long", "noted", "shared"])
        for name in ["early", "late", "same"] { #expect(yard.bytes(name) == big, "\(name)") }
        #expect(yard.bytes("long") == Array("longer".utf8) && yard.bytes("mode") == Array("bytes".utf8))
        for name in names {
            #expect(try status(yard.destination + "/" + name).st_mtim.tv_nsec == 123_456_789, "\(name)")
        }
        #expect(try status(yard.destination + "/mode").st_mode & 0o7777 == 0o600)
        #expect(try status(yard.path + "/outside").st_mtim.tv_sec != 1_000_000)
        #expect(try noted.attributes() == [note.name: note.value])
    }

    @Test func givesASingleFileItsNewName() throws {
        let yard = try Playground()
        let sender = TestSender([.file("old", "bytes")])
        let place = try DestinationRoot.place(base: yard.destination, relative: Array("sub/new".utf8), creates: true)
        #expect(place.name == Array("new".utf8))
        var setup = RebuildSetup(transfer: sender.transfer, options: TransferOptions())
        setup.singleFileName = place.name
        let rebuilder = try Rebuilder(root: place.root, setup: setup, tagger: TestTagger())
        let finished = try #require(try sender.run(rebuilder))
        #expect(yard.bytes("sub/new") == Array("bytes".utf8))
        #expect(finished.snapshot.entries.map(\.path) == [Array("new".utf8)])
        let inFolder = try DestinationRoot.place(base: yard.destination, relative: Array("sub".utf8), creates: true)
        #expect(inFolder.name == nil)
    }

    @Test func refusesOneNameForManyEntries() throws {
        let yard = try Playground()
        let sender = TestSender([.file("a", "a"), .file("b", "b")])
        let rebuilder = try yard.rebuilder(sender) { $0.singleFileName = Array("x".utf8) }
        #expect(throws: RebuildError.manifest(.inconsistent)) { try sender.run(rebuilder) }
    }

    @Test func reportsDigestsWhereAsked() throws {
        let yard = try Playground()
        let sender = TestSender([.file("a", "abc"), .symlink("b", to: "a")])
        let finished = try yard.receive(sender, options: TransferOptions { $0.digests = true })
        let digest = try #require(finished.digests[0])
        #expect(digest.prefix(4) == [0xba, 0x78, 0x16, 0xbf])
        #expect(finished.digests.count == 1)
    }

    @Test func commitsNothingOfADroppedEntry() throws {
        let yard = try Playground()
        try yard.write("old", to: "b")
        let sender = TestSender([.file("a", "one"), .file("b", "two"), .file("c", "three")])
        let rebuilder = try yard.rebuilder(sender)
        for (number, record) in try sender.records().enumerated() {
            if number == 3 { try rebuilder.dropped([FailedEntry(entry: 1, failure: .sourceChanged)]) }
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
        let finished = try rebuilder.finish()
        #expect(finished.receipt.failures == [FailedEntry(entry: 1, failure: .sourceChanged)])
        #expect(yard.bytes("b") == Array("old".utf8))
        #expect(finished.snapshot.entries.map(\.path) == ["a", "c"].map { Array($0.utf8) })
        #expect(try yard.leftovers() == [])
    }

    @Test func makesNoLinkThatWasDropped() throws {
        let yard = try Playground()
        let sender = TestSender([.file("a", "one"), .hardLink("b", to: 0), .symlink("c", to: "a")])
        let rebuilder = try yard.rebuilder(sender)
        let dropped = [1, 2].map { FailedEntry(entry: $0, failure: .sourceChanged) }
        try rebuilder.dropped(dropped)
        let finished = try #require(try sender.run(rebuilder))
        #expect(finished.receipt.failures == dropped)
        #expect(finished.receipt.filesWritten == 1)
        #expect(try yard.names() == ["a"])
    }

    @Test func dryRunWritesNothing() throws {
        let yard = try Playground()
        try yard.write("old", to: "a")
        try yard.write("extra", to: "z")
        var sender = TestSender([
            .folder(""), .file("a", "one"), .folder("d"), .file("d/b", "two"), .symlink("s", to: "a"),
        ])
        sender.omitsContent = true
        let options = TransferOptions {
            $0.isDryRun = true
            $0.deletes = true
        }
        let finished = try yard.receive(sender, options: options)
        #expect(finished.receipt.filesWritten == 3)
        #expect(finished.receipt.deleted == 1)
        #expect(try yard.names() == ["a", "z"])
        #expect(yard.bytes("a") == Array("old".utf8))
        var setup = RebuildSetup(transfer: sender.transfer, options: options)
        setup.snapshot = nil
        let nowhere = try Rebuilder(root: .absent(), setup: setup, tagger: TestTagger())
        #expect(try sender.run(nowhere)?.receipt.filesWritten == 3)
        sender.omitsContent = false
        #expect(throws: RebuildError.wrongLength) { try yard.receive(sender, options: options) }
    }
}
