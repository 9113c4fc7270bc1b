import Foundation
import Glibc
import PacketFSPlan
import PacketFSWire
import Testing

@Suite struct TreeScannerTests {
    private func paths(_ tree: ScannedTree) -> [String] {
        tree.manifest.entries.map { String(decoding: $0.path, as: UTF8.self) }
    }

    @Test func aFolderStandsRightBeforeWhatIsInIt() throws {
        let folder = try TemporaryFolder()
        for name in ["a/x", "a-b", "a.c", "b/y/z", "B", "a/0/1"] { try folder.file("t/" + name, name) }
        try folder.folder("t/empty")
        let tree = try TreeScanner.scan(sources: [folder.path + "/t"])
        #expect(
            paths(tree) == [
                "t", "t/B", "t/a", "t/a/0", "t/a/0/1", "t/a/x", "t/a-b", "t/a.c", "t/b", "t/b/y", "t/b/y/z", "t/empty",
            ])
        #expect(tree.problems.isEmpty && tree.isComplete && !tree.isSingleFile)
    }

    @Test(arguments: ["/t/", "/t/.", "/t//", "/t/a/.."])
    func aSlashMeansTheContents(_ suffix: String) throws {
        let folder = try TemporaryFolder()
        try folder.file("t/a/x", "1")
        let tree = try TreeScanner.scan(sources: [folder.path + suffix])
        #expect(paths(tree) == ["", "a", "a/x"])
    }

    @Test func aFileIsItsOwnName() throws {
        let folder = try TemporaryFolder()
        try folder.file("t/x", "123")
        let tree = try TreeScanner.scan(sources: [folder.path + "/t/x"])
        #expect(paths(tree) == ["x"])
        #expect(tree.manifest.entries[0].size == 3)
        #expect(tree.isSingleFile && tree.totalBytes == 3)
        #expect(tree.stat(of: 0).size == 3)
    }

    @Test func severalSourcesAreOneTreeAndTheFirstWins() throws {
        let folder = try TemporaryFolder()
        try folder.file("1/both/x", "first")
        try folder.file("2/both/x", "second!")
        try folder.file("2/both/y", "y")
        try folder.file("3/both", "a file where a folder stands")
        try folder.file("4/z", "z")
        let sources = ["/1/", "/2/both", "/3/both", "/4/z"].map { folder.path + $0 }
        let tree = try TreeScanner.scan(sources: sources)
        #expect(paths(tree) == ["", "both", "both/x", "both/y", "z"])
        #expect(tree.manifest.entries[2].size == 5)
        #expect(tree.problems.map(\.reason) == [.duplicate, .duplicate])
        let reversed = try TreeScanner.scan(sources: sources.reversed())
        #expect(paths(reversed) == ["", "both", "z"])
    }

    @Test func linksAreNamedNotFollowed() throws {
        let folder = try TemporaryFolder()
        try folder.file("t/x", "1")
        try folder.folder("outside")
        try folder.file("outside/secret", "1")
        #expect(symlink("../outside", folder.path + "/t/link") == 0)
        #expect(link(folder.path + "/t/x", folder.path + "/t/y") == 0)
        #expect(mkfifo(folder.path + "/t/pipe", 0o600) == 0)
        let tree = try TreeScanner.scan(sources: [folder.path + "/t/"])
        #expect(paths(tree) == ["", "link", "x", "y"])
        #expect(tree.manifest.entries[1].kind == .symlink)
        #expect(tree.manifest.entries[1].target == Array("../outside".utf8))
        #expect(tree.manifest.entries[3].kind == .hardLink && tree.manifest.entries[3].linked == 2)
        #expect(tree.totalBytes == 1)
        #expect(tree.problems == [ScanProblem(path: Array("pipe".utf8), reason: .unsupportedKind)])
        #expect(tree.isComplete)
        let named = try TreeScanner.scan(sources: [folder.path + "/t/link"])
        #expect(named.manifest.entries.map(\.kind) == [.symlink])
    }

    /// Swift's Glibc does not show `setxattr`.
    private func setAttribute(_ name: String, _ value: String, of file: String) throws {
        typealias SetAttribute =
            @convention(c) (
                UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeRawPointer?, Int, Int32
            ) -> Int32
        let symbol = try #require(dlsym(nil, "setxattr"))
        let set = unsafeBitCast(symbol, to: SetAttribute.self)
        #expect(value.withCString { set(file, name, $0, value.utf8.count, 0) } == 0)
    }

    @Test func metadataTravels() throws {
        let folder = try TemporaryFolder()
        try folder.file("x", [UInt8](repeating: 7, count: 10))
        let file = folder.path + "/x"
        #expect(chmod(file, 0o4750) == 0)
        var times = [timespec(tv_sec: 1, tv_nsec: 2), timespec(tv_sec: -5, tv_nsec: 999_999_999)]
        #expect(utimensat(AT_FDCWD, file, &times, 0) == 0)
        try setAttribute("user.b", "2", of: file)
        try setAttribute("user.a", "", of: file)
        let hole = open(folder.path + "/hole", O_RDWR | O_CREAT, 0o600)
        #expect(ftruncate(hole, 1 << 20) == 0)
        close(hole)
        let tree = try TreeScanner.scan(sources: [folder.path + "/"])
        let entry = tree.manifest.entries[2]
        #expect(entry.mode == 0o4750)
        #expect(entry.modified == FileTime(seconds: -5, nanoseconds: 999_999_999))
        #expect(entry.owner == geteuid() && entry.group == getegid())
        #expect(
            entry.attributes == [
                ExtendedAttribute(name: "user.a", value: []),
                ExtendedAttribute(name: "user.b", value: [UInt8(ascii: "2")]),
            ])
        #expect(!entry.isSparse)
        #expect(tree.manifest.entries[1].isSparse)
    }

    /// The first look at an entry has room for the names of few attributes.
    @Test func manyAttributesTravel() throws {
        let folder = try TemporaryFolder()
        try folder.file("x", "1")
        let names = (10..<26).map { "user.\($0)-" + String(repeating: "n", count: 40) }
        for name in names { try setAttribute(name, "v", of: folder.path + "/x") }
        let tree = try TreeScanner.scan(sources: [folder.path + "/x"])
        #expect(tree.manifest.entries[0].attributes.map(\.name) == names)
        #expect(tree.problems.isEmpty)
    }

    /// A peer's sources are looked at on one processor, our own on all: in the same order, and nothing twice.
    @Test func whatIsFoundDoesNotDependOnHowManyLook() throws {
        let folder = try TemporaryFolder()
        try folder.folder("t")
        for number in 0..<60 {
            let (branch, name) = ("t/b\(number % 7)/c\(number % 11)/d\(number)", "x")
            try folder.file("\(branch)/\(name)", "\(number)")
            #expect(mkfifo(folder.path + "/\(branch)/pipe", 0o600) == 0)
        }
        for number in 0..<600 { try folder.file("t/wide/\(number)", "\(number)") }
        // More than are listed before they are asked for.
        for number in 0..<2100 { try folder.folder("t/wider/\(number)") }
        let all = try TreeScanner.scan(sources: [folder.path + "/t/"])
        var options = ScanOptions()
        options.confinement = folder.path
        let one = try TreeScanner.scan(sources: [folder.path + "/t/"], options: options)
        #expect(all.manifest == one.manifest)
        #expect(all.manifest.entries.filter { $0.kind == .file }.count == 660)
        let (some, same) = (Set(all.problems.map(\.path)), Set(one.problems.map(\.path)))
        #expect(all.problems.count == 60 && some.count == 60 && some == same)
    }

    @Test func excludedFoldersAreNotEntered() throws {
        let folder = try TemporaryFolder()
        for name in ["keep/a.o", "keep/b", "build/x", "keep/build/y", "keep/build2"] { try folder.file(name, name) }
        var options = ScanOptions()
        options.excludes = try ExcludeList(["*.o", "build/"])
        let tree = try TreeScanner.scan(sources: [folder.path + "/"], options: options)
        #expect(paths(tree) == ["", "keep", "keep/b", "keep/build2"])
    }

    /// As deep as a manifest may reach: 4,095 bytes; one component more is left out and said.
    @Test func theDeepestPathTravels() throws {
        let folder = try TemporaryFolder()
        let name = String(repeating: "d", count: 63)
        var descriptor = open(folder.path, O_RDONLY | O_DIRECTORY)
        var made = 0
        for _ in 0..<64 {
            #expect(mkdirat(descriptor, name, 0o700) == 0)
            let next = openat(descriptor, name, O_RDONLY | O_DIRECTORY)
            close(descriptor)
            descriptor = next
            made += 1
        }
        #expect(mkdirat(descriptor, "more", 0o700) == 0)
        close(descriptor)
        let tree = try TreeScanner.scan(sources: [folder.path + "/"])
        #expect(tree.manifest.entries.last?.path.count == Limits.path)
        #expect(tree.manifest.entries.count == made + 1)
        #expect(tree.problems.map(\.reason) == [.pathTooLong])
        #expect(!tree.isComplete)
    }

    @Test(arguments: ["", "a\0b", String(repeating: "a", count: 4096)])
    func badSourcesAreNamedByTheirPlace(_ source: String) throws {
        let folder = try TemporaryFolder()
        #expect(throws: PlanError.badSource(1)) { try TreeScanner.scan(sources: [folder.path, source]) }
    }

    @Test func missingSourcesAreErrors() throws {
        let folder = try TemporaryFolder()
        #expect(throws: PlanError.sourceUnusable(1, errno: ENOENT)) {
            try TreeScanner.scan(sources: [folder.path, folder.path + "/none"])
        }
        #expect(throws: PlanError.sourceUnusable(0, errno: ENOENT)) {
            try TreeScanner.scan(sources: [folder.path + "/none/x"])
        }
    }

    @Test func aPeerStaysBeneathItsRoot() throws {
        let folder = try TemporaryFolder()
        try folder.file("root/a/x", "1")
        try folder.file("secret/y", "1")
        #expect(symlink("../secret", folder.path + "/root/out") == 0)
        var options = ScanOptions()
        options.confinement = folder.path + "/root"
        for inside in ["a", "./a/", folder.path + "/root/a", "."] {
            let tree = try TreeScanner.scan(sources: [inside], options: options)
            #expect(paths(tree).contains { $0.hasSuffix("x") })
        }
        let root = try TreeScanner.scan(sources: [folder.path + "/root"], options: options)
        #expect(paths(root) == ["root", "root/a", "root/a/x", "root/out"])
        for outside in ["../secret", "out/y", "out/", folder.path + "/secret", "/etc/passwd", "a/../../secret/y", ".."]
        {
            #expect(throws: PlanError.self) { try TreeScanner.scan(sources: [outside], options: options) }
        }
    }

    /// A combining mark makes another character of the slash before it.
    @Test func namesBeginWithAnyCharacter() throws {
        let folder = try TemporaryFolder()
        try folder.file("root/\u{301}a/x", "1")
        try folder.file("secret/y", "1")
        var options = ScanOptions()
        options.confinement = folder.path + "/root"
        for inside in ["\u{301}a/", folder.path + "/root/\u{301}a/"] {
            #expect(paths(try TreeScanner.scan(sources: [inside], options: options)).contains { $0.hasSuffix("x") })
        }
        for outside in ["../\u{301}a", "../\u{301}a/", folder.path + "/\u{301}a/"] {
            #expect(throws: PlanError.self) { try TreeScanner.scan(sources: [outside], options: options) }
        }
    }

    /// What no manifest can say of a file is a reason to leave it out, not the others; and no reason to delete it.
    @Test(.enabled(if: access("/dev/shm", W_OK) == 0)) func aFileBeyondTheLimitIsLeftOut() throws {
        let folder = "/dev/shm/plan-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["fine", "large"] { try Data([1]).write(to: URL(fileURLWithPath: folder + "/" + name)) }
        try #require(truncate(folder + "/large", Int(Limits.fileSize) + 1) == 0)
        let tree = try TreeScanner.scan(sources: [folder + "/"])
        #expect(paths(tree) == ["", "fine"])
        #expect(tree.problems.map(\.reason) == [.tooLarge])
        #expect(!tree.isComplete)
        try #require(truncate(folder + "/large", Int(Limits.fileSize)) == 0)
        #expect(paths(try TreeScanner.scan(sources: [folder + "/"])) == ["", "fine", "large"])
    }

    /// A tree that no manifest holds is refused while it is listed, wherever its names are.
    @Test(arguments: ["wide/", "deep/1/2/3/", "many/3/"]) func moreEntriesThanAllowedAreRefused(place: String) throws {
        let folder = try TemporaryFolder()
        for number in 0..<30 { try folder.file("t/" + place + "\(number)", "") }
        for number in 0..<10 { try folder.file("t/many/\(number)/x", "") }
        let entries = try TreeScanner.scan(sources: [folder.path + "/t/"]).manifest.entries.count
        var options = ScanOptions()
        options.bound = entries
        let whole = try TreeScanner.scan(sources: [folder.path + "/t/"], options: options)
        #expect(whole.manifest.entries.count == entries)
        for bound in [entries - 1, 29, 1] {
            options.bound = bound
            #expect(throws: PlanError.tooManyEntries) {
                try TreeScanner.scan(sources: [folder.path + "/t/"], options: options)
            }
        }
    }

    /// Equal attributes take memory once, as they do in a manifest; others, link targets and what has no entry take more than
    /// any manifest holds before they are all read.
    @Test(arguments: [true, false]) func detailsAreBoundedWhileTheyAreRead(isConfined: Bool) throws {
        let folder = try TemporaryFolder()
        let value = String(repeating: "v", count: 1000)
        try folder.folder("t")
        for number in 0..<300 {
            try folder.file("t/\(number)", "")
            try setAttribute("user.a", value, of: folder.path + "/t/\(number)")
        }
        var options = ScanOptions()
        options.byteBound = 4000
        if isConfined { options.confinement = folder.path }
        let tree = try TreeScanner.scan(sources: [folder.path + "/t"], options: options)
        let places = tree.manifest.entries.dropFirst().map { entry in
            entry.attributes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(places.count == 300 && Set(places).count == 1)
        for number in 0..<300 { try setAttribute("user.b", "\(number)", of: folder.path + "/t/\(number)") }
        #expect(throws: PlanError.tooManyEntries) {
            try TreeScanner.scan(sources: [folder.path + "/t"], options: options)
        }
        try folder.folder("l")
        for number in 0..<300 { #expect(symlink("\(number)" + value, folder.path + "/l/\(number)") == 0) }
        #expect(throws: PlanError.tooManyEntries) {
            try TreeScanner.scan(sources: [folder.path + "/l"], options: options)
        }
        options.byteBound = 10_000
        try folder.folder("p")
        let name = folder.path + "/p/" + String(repeating: "p", count: 200)
        for number in 0..<300 { #expect(mkfifo("\(name)\(number)", 0o600) == 0) }
        #expect(throws: PlanError.tooManyEntries) {
            try TreeScanner.scan(sources: [folder.path + "/p"], options: options)
        }
    }

    @Test func aScanThatNobodyWantsEnds() throws {
        let folder = try TemporaryFolder()
        try folder.file("t/x", "")
        var options = ScanOptions()
        options.isWanted = { false }
        #expect(throws: PlanError.cancelled) { try TreeScanner.scan(sources: [folder.path + "/t"], options: options) }
    }

    @Test func whatIsExcludedIsNoProblem() throws {
        let folder = try TemporaryFolder()
        for name in ["a.sock", "pipe"] { #expect(mkfifo(folder.path + "/" + name, 0o600) == 0) }
        var options = ScanOptions()
        options.excludes = try ExcludeList(["*.sock"])
        let tree = try TreeScanner.scan(sources: [folder.path + "/"], options: options)
        #expect(tree.problems.map(\.path) == [Array("pipe".utf8)])
        #expect(tree.withheld == [Array("pipe".utf8)])
    }

    /// A folder that is a destination itself: what is on its way into it is its own. Named, it travels like any file.
    @Test func unfinishedFilesStayWhereTheyAre() throws {
        let folder = try TemporaryFolder()
        let unfinished = ".packetfs-0123456789abcdef-3"
        for name in ["a", "d/" + unfinished, unfinished, unfinished + "x"] { try folder.file("t/" + name, "1") }
        let tree = try TreeScanner.scan(sources: [folder.path + "/t/"])
        #expect(paths(tree) == ["", unfinished + "x", "a", "d"])
        #expect(tree.problems == [] && tree.isComplete)
        #expect(try paths(TreeScanner.scan(sources: [folder.path + "/t/" + unfinished])) == [unfinished])
    }

    /// What cannot travel counts too: it is listed for the user.
    @Test func moreProblemsThanAllowedAreRefused() throws {
        let folder = try TemporaryFolder()
        try folder.folder("t")
        for number in 0..<30 { #expect(mkfifo(folder.path + "/t/\(number)", 0o600) == 0) }
        var options = ScanOptions()
        options.bound = 31
        #expect(try TreeScanner.scan(sources: [folder.path + "/t/"], options: options).problems.count == 30)
        options.bound = 30
        #expect(throws: PlanError.tooManyEntries) {
            try TreeScanner.scan(sources: [folder.path + "/t/"], options: options)
        }
    }
}
