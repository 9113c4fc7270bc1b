import Foundation
import Glibc
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// A hostile sender, and a hostile neighbour, against everything outside the root.
@Suite struct ConfinementTests {
    /// A playground with a folder outside that must stay as it is.
    private func yardWithOutside() throws -> (Playground, outside: String) {
        let yard = try Playground()
        let outside = yard.path + "/outside"
        try FileManager.default.createDirectory(atPath: outside + "/sub", withIntermediateDirectories: true)
        try Data("secret".utf8).write(to: URL(fileURLWithPath: outside + "/sub/f"))
        return (yard, outside)
    }

    private func expectUntouched(_ outside: String) throws {
        #expect(try FileManager.default.subpathsOfDirectory(atPath: outside).sorted() == ["sub", "sub/f"])
        #expect(FileManager.default.contents(atPath: outside + "/sub/f") == Data("secret".utf8))
    }

    @Test(arguments: ["../x", "/x", "a/../../x", "a/./x", "./x", "..", "a//x", "x\0y", ""])
    func noEntryIsWrittenUnderSuchAPath(_ path: String) throws {
        // Past the codec, which refuses these names: the second line of defence.
        let (yard, outside) = try yardWithOutside()
        var bytes = Array("evil".utf8)
        let entry = ManifestEntry(
            path: Array(path.utf8), kind: .file, mode: 0o644, modified: FileTime(seconds: 0, nanoseconds: 0), size: 4)
        let site = try Site(
            root: yard.root(), transfer: TransferID(unchecked: [UInt8](repeating: 1, count: 16)),
            options: TransferOptions { $0.deletes = true }, gate: OpenGate())
        let stage = FileStage(site: site, table: EntryTable(Manifest(entries: [entry])), resuming: nil)
        #expect(stage.announce([0]) == 4)
        let place = LeafSequence.Place(run: 0, offset: 0, length: 4)
        try bytes.withMutableRawBytes { bytes in
            try stage.put(UnsafeRawBufferPointer(bytes), at: place, inPlace: [])
        }
        try stage.commitAll()
        #expect(stage.table[0] == .failed)
        #expect(stage.table.failedEntries.count == 1)
        #expect(try yard.names() == [])
        try expectUntouched(outside)
        #expect(!FileManager.default.fileExists(atPath: yard.path + "/x"))
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 6])
    func aLinkPlantedBetweenTwoCallsLeadsNowhere(_ moment: Int) throws {
        let (yard, outside) = try yardWithOutside()
        let big = TestRandom.bytes(2 * Limits.leaf, seed: 3)
        let sender = TestSender([
            .folder("sub"), .file("sub/a", big), .file("sub/f", "mine"), .folder("sub/sub"), .file("sub/sub/f", "x"),
            .symlink("sub/sub/g", to: "f"),
        ])
        let rebuilder = try yard.rebuilder(sender, options: TransferOptions { $0.deletes = true })
        for (number, record) in try sender.records().enumerated() {
            if number == moment { try plant(yard, outside) }
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
        if moment == 6 { try plant(yard, outside) }
        _ = try? rebuilder.finish()
        try expectUntouched(outside)
    }

    /// Puts a link to the outside where the folder `sub` is, or will be.
    private func plant(_ yard: Playground, _ outside: String) throws {
        try? FileManager.default.moveItem(atPath: yard.destination + "/sub", toPath: yard.path + "/aside")
        try yard.makeSymlink("sub", to: outside + "/sub")
    }

    @Test(arguments: ["l/f", "a/l/f", "a/b/l/f"])
    func aLinkAtEachDepthIsReplacedByTheFolder(_ path: String) throws {
        let (yard, outside) = try yardWithOutside()
        var nodes: [TestSender.Node] = []
        var folder = ""
        for component in path.split(separator: "/").dropLast() {
            if component == "l" {
                try yard.makeFolder(folder)
                try yard.makeSymlink(folder + "l", to: outside + "/sub")
            }
            nodes.append(.folder(folder + component))
            folder += component + "/"
        }
        let finished = try yard.receive(TestSender(nodes + [.file(path, "mine")]))
        #expect(finished.receipt.failures == [])
        #expect(yard.bytes(path) == Array("mine".utf8))
        try expectUntouched(outside)
    }

    @Test func readingIsConfinedToo() throws {
        let (yard, outside) = try yardWithOutside()
        try yard.makeSymlink("l", to: outside + "/sub")
        let folders = try FolderCacheProbe(yard.root())
        for open in [folders.open, folders.place] {
            #expect(throws: FileFault.system(ELOOP)) { try open("l") }
            #expect(throws: FileFault.system(EXDEV)) { try open("../outside") }
            #expect(throws: FileFault.self) { try open("/etc") }
            #expect(throws: FileFault.self) { try open("l/..") }
        }
    }

    @Test func theWalkWithoutOpenat2IsConfinedAsWell() throws {
        let (yard, outside) = try yardWithOutside()
        try yard.makeFolder("a/b")
        try yard.makeSymlink("a/l", to: outside + "/sub")
        let root = try #require(try yard.root().folder)
        #expect(throws: Never.self) { try FolderCache.walk(from: root, Array("a/b".utf8)) }
        for path in ["a/l", "a/../a", "..", "/etc", "a//b", ""] {
            #expect(throws: FileFault.self) { try FolderCache.walk(from: root, Array(path.utf8)) }
        }
    }

    @Test(arguments: ["..", "a/../..", "l", "l/sub", "x/../l", "f"])
    func theRootItselfIsBeneathItsBase(_ relative: String) throws {
        let (yard, outside) = try yardWithOutside()
        try yard.makeFolder("a")
        try yard.makeSymlink("l", to: outside)
        try yard.write("file", to: "f")
        let error = #expect(throws: RebuildError.self) {
            try DestinationRoot.open(base: yard.destination, relative: Array(relative.utf8), creates: true)
        }
        #expect(error.map { if case .unusableDestination = $0 { true } else { false } } == true)
        try expectUntouched(outside)
    }

    @Test func makesMissingFoldersOfTheDestination() throws {
        let yard = try Playground()
        _ = try DestinationRoot.open(base: yard.path + "/new/base", relative: Array("a/b/".utf8), creates: true)
        var isFolder: ObjCBool = false
        #expect(FileManager.default.fileExists(atPath: yard.path + "/new/base/a/b", isDirectory: &isFolder))
        #expect(isFolder.boolValue)
        #expect(throws: RebuildError.unusableDestination(ENOENT)) {
            try DestinationRoot.open(base: yard.path + "/none", creates: false)
        }
    }

    /// Where a granted folder is gone, as with its disk, nothing takes its place: neither a folder nor a file.
    @Test(arguments: ["", "a", "a/b"]) func aBaseThatIsNeededIsNeverMade(_ relative: String) throws {
        let yard = try Playground()
        let (base, relative) = (yard.path + "/gone", Array(relative.utf8))
        #expect(throws: RebuildError.missingRoot) {
            try DestinationRoot.open(base: base, relative: relative, creates: true, needsBase: true)
        }
        #expect(throws: RebuildError.missingRoot) {
            _ = try DestinationRoot.place(base: base, relative: relative, creates: true, needsBase: true)
        }
        #expect(!FileManager.default.fileExists(atPath: base))
    }

    @Test func aTemporaryNameTakenByALinkIsNotFollowed() throws {
        let (yard, outside) = try yardWithOutside()
        let sender = TestSender([.file("f", "mine")])
        let name = Array(TempNames(sender.transfer).name(of: 0).bytes)
        try yard.makeSymlink(String(decoding: name, as: UTF8.self), to: outside + "/sub/f")
        try yard.receive(sender)
        #expect(yard.bytes("f") == Array("mine".utf8))
        try expectUntouched(outside)
        #expect(try yard.leftovers() == [])
    }
}

/// A folder cache that can be asked for paths without more ado.
private final class FolderCacheProbe {
    private var cache: FolderCache

    init(_ root: DestinationRoot) {
        cache = FolderCache(root: root.folder)
    }

    func open(_ path: String) throws {
        _ = try cache.folder(at: Array(path.utf8))
    }

    func place(_ path: String) throws {
        _ = try cache.place(at: Array(path.utf8))
    }
}
