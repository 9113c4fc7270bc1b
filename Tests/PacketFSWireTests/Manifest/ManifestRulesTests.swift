import PacketFSWire
import Testing

@Suite("Rules of a manifest")
struct ManifestRulesTests {
    private func entry(_ path: String, _ kind: EntryKind = .file) -> ManifestEntry {
        ManifestEntry(
            path: Array(path.utf8), kind: kind, mode: 0o644, modified: FileTime(seconds: 1, nanoseconds: 0),
            target: kind == .symlink ? [1] : [])
    }

    /// The bytes of a tree that no encoder would write: shapes, then front-coded paths, all else constant.
    private func forged(_ paths: [(shared: Int, rest: [UInt8], kind: EntryKind)], count: Int? = nil) -> [UInt8] {
        var writer = ByteWriter()
        writer.u8(1)
        writer.count(count ?? paths.count)
        var index = 0
        while index < paths.count {
            var run = 1
            while index + run < paths.count, paths[index + run].kind == paths[index].kind { run += 1 }
            writer.varint(UInt64(0o644) << 3 | UInt64(paths[index].kind.rawValue))
            writer.count(run - 1)
            index += run
        }
        for path in paths {
            writer.count(path.shared)
            writer.raw(path.rest)
            writer.u8(0)
        }
        writer.varint(2 << 2 | (paths.count > 1 ? 1 : 0))
        if paths.count > 1 { writer.count(paths.count - 2) }
        for _ in 0..<2 {
            writer.u8(0)
            writer.count(paths.count - 1)
        }
        for path in paths where path.kind == .file { writer.u8(0) }
        for path in paths where path.kind == .symlink { writer.raw([1, 0]) }
        for path in paths where path.kind == .hardLink { writer.u8(0) }
        writer.u8(0)
        writer.count(paths.count - 1)
        return writer.bytes
    }

    /// Refused by both sides: the encoder for the entries, the decoder for bytes that say the same.
    private func expectRefused(_ entries: [ManifestEntry], _ error: WireError) {
        #expect(throws: error) { try Manifest(entries: entries).encode() }
        var previous: [UInt8] = []
        let paths = entries.map { entry in
            var shared = 0
            while shared < min(previous.count, entry.path.count), previous[shared] == entry.path[shared] { shared += 1 }
            defer { previous = entry.path }
            return (shared: shared, rest: Array(entry.path[shared...]), kind: entry.kind)
        }
        #expect(throws: error) { try Manifest(decoding: forged(paths)) }
    }

    @Test func forgeryIsFaithful() throws {
        let manifest = Manifest(entries: [
            entry("", .folder), entry("a", .folder), entry("a/b"), entry("a/c", .hardLink), entry("b", .symlink),
        ])
        var linked = manifest
        linked.entries[3].linked = 2
        let bytes = forged([
            (0, [], .folder), (0, [97], .folder), (1, [47, 98], .file), (2, [99], .hardLink), (0, [98], .symlink),
        ])
        #expect(try linked.encode() == bytes)
        #expect(try Manifest(decoding: bytes) == linked)
    }

    @Test(arguments: [
        ".", "..", "/", "/a", "//", "a/", "a//b", "./a", "../a", "a/..", "a/.", "a/../b", "a/./b",
    ])
    func forbiddenNames(path: String) {
        let folder = path.hasPrefix("a/") ? [entry("a", .folder)] : []
        expectRefused(folder + [entry(path)], .forbiddenName)
        expectRefused(folder + [entry(path, .folder)], .forbiddenName)
    }

    @Test func emptyNameOfAFile() {
        expectRefused([entry("")], .inconsistent)
        expectRefused([entry("", .symlink)], .inconsistent)
        expectRefused([entry("", .folder), entry("", .folder)], .inconsistent)
        expectRefused([entry("a"), entry("", .folder)], .inconsistent)
    }

    /// A name's zero byte would end it in the encoding; only the encoder can meet one.
    @Test func zeroBytes() {
        #expect(throws: WireError.forbiddenName) { try Manifest(entries: [entry("\0")]).encode() }
        #expect(throws: WireError.forbiddenName) { try Manifest(entries: [entry("a\0b")]).encode() }
    }

    @Test(arguments: ["...", "..a", "a..", ".a", "a.", "-", "\u{1}", " ", "\\", "é"])
    func allowedNames(name: String) throws {
        let manifest = Manifest(entries: [entry(name, .folder), entry(name + "/" + name)])
        #expect(try Manifest(decoding: manifest.encode()) == manifest)
    }

    @Test func longNames() throws {
        let longest = String(repeating: "x", count: Limits.component)
        let manifest = Manifest(entries: [entry(longest)])
        #expect(try Manifest(decoding: manifest.encode()) == manifest)
        expectRefused([entry(longest + "x")], .forbiddenName)
        expectRefused([entry("xx", .folder), entry("xx/" + longest + "x")], .forbiddenName)
        // Front coding must not hide a component's start.
        expectRefused([entry(longest), entry(longest + "x")], .forbiddenName)
    }

    /// 4,095 bytes are the longest path; 4,096 are refused by their length alone.
    @Test func longPaths() throws {
        var entries: [ManifestEntry] = []
        var path = String(repeating: "d", count: 255)
        while path.utf8.count < Limits.path {
            entries.append(entry(path, .folder))
            path += "/" + String(repeating: "d", count: min(255, Limits.path - path.utf8.count - 1))
        }
        #expect(path.utf8.count == Limits.path)
        let manifest = Manifest(entries: entries + [entry(path)])
        #expect(try Manifest(decoding: manifest.encode()) == manifest)
        expectRefused(entries + [entry(path + "x")], .tooLarge)
    }

    @Test(arguments: [
        ["b", "a"], ["a", "a"], ["ab", "a"], ["b", "a", "c"], ["a", "c", "b"], ["aa", "a-"], ["b", "b", "c"],
    ])
    func order(paths: [String]) {
        expectRefused(paths.map { entry($0) }, .inconsistent)
    }

    /// `/` comes before every other byte: what is in a folder stands right behind it.
    @Test func componentsInOrder() throws {
        let sorted = Manifest(entries: [entry("a", .folder), entry("a/z"), entry("a\u{1}"), entry("a-"), entry("a.b")])
        #expect(try Manifest(decoding: sorted.encode()) == sorted)
        expectRefused([entry("a", .folder), entry("a-"), entry("a/z")], .inconsistent)
        expectRefused([entry("a", .folder), entry("a\u{1}"), entry("a/z")], .inconsistent)
    }

    @Test func frontCodingMustBeLongest() {
        for paths in [[(0, [97], .file), (0, [97, 98], .file)], [(0, [97, 97], .file), (0, [97, 98], .file)]]
            as [[(shared: Int, rest: [UInt8], kind: EntryKind)]]
        {
            #expect(throws: WireError.inconsistent) { try Manifest(decoding: forged(paths)) }
        }
        #expect(throws: WireError.tooLarge) { try Manifest(decoding: forged([(1, [97], .file)])) }
    }

    @Test func parentsAreFoldersThatStandEarlier() {
        expectRefused([entry("a/b")], .inconsistent)
        expectRefused([entry("a"), entry("a/b")], .inconsistent)
        expectRefused([entry("a", .symlink), entry("a/b")], .inconsistent)
        expectRefused([entry("", .folder), entry("a/b")], .inconsistent)
        expectRefused([entry("a", .folder), entry("a/b"), entry("a/b/c")], .inconsistent)
        expectRefused([entry("a", .folder), entry("a/b", .symlink), entry("a/b/c")], .inconsistent)
        expectRefused([entry("a", .folder), entry("a/b/c")], .inconsistent)
        expectRefused([entry("a", .folder), entry("ab/c")], .inconsistent)
        expectRefused([entry("ab", .folder), entry("ab/c", .folder), entry("abc/d")], .inconsistent)
        expectRefused([entry("a", .folder), entry("a/b", .folder), entry("a/c"), entry("a/c/d")], .inconsistent)
        expectRefused([entry("x", .folder), entry("x/a", .folder), entry("y/a")], .inconsistent)
    }

    @Test func hardLinks() throws {
        var link = entry("c", .hardLink)
        let before = [entry("a", .folder), entry("b", .symlink), entry("bb")]
        link.linked = 2
        let manifest = Manifest(entries: before + [link, entry("d")])
        #expect(try Manifest(decoding: manifest.encode()) == manifest)
        for wrong in [-1, .min, 0, 1, 3, 4, 5, .max] {
            link.linked = wrong
            #expect(throws: WireError.inconsistent) { try Manifest(entries: before + [link, entry("d")]).encode() }
        }
        // The forged distance is one entry back: a symlink, a folder, or before the first.
        expectForgedLinkRefused(after: .symlink)
        expectForgedLinkRefused(after: .folder)
        #expect(throws: WireError.inconsistent) { try Manifest(decoding: forged([(0, [98], .hardLink)])) }
    }

    private func expectForgedLinkRefused(after kind: EntryKind) {
        #expect(throws: WireError.inconsistent) {
            try Manifest(decoding: forged([(0, [97], kind), (0, [98], .hardLink)]))
        }
    }

    @Test func fieldsOfOtherKinds() {
        let wrong: [(ManifestEntry) -> ManifestEntry] = [
            { with($0, \.size, 1, .folder) }, { with($0, \.size, 1, .symlink) },
            { with($0, \.isSparse, true, .folder) },
            { with($0, \.target, [1], .file) }, { with($0, \.target, [1], .folder) }, { with($0, \.linked, 1, .file) },
        ]
        for change in wrong {
            #expect(throws: WireError.inconsistent) { try Manifest(entries: [change(entry("a"))]).encode() }
        }
        var sparse = forged([(0, [97], .folder)])
        sparse[2] |= 4
        #expect(throws: WireError.inconsistent) { try Manifest(decoding: sparse) }
    }

    @Test func bounds() {
        let wrong: [(ManifestEntry, WireError)] = [
            (with(entry("a"), \.mode, 0o10000, .file), .tooLarge),
            (with(entry("a"), \.size, Limits.fileSize + 1, .file), .tooLarge),
            (with(entry("a"), \.size, 1 << 63, .file), .tooLarge),
            (with(entry("a"), \.modified, FileTime(seconds: 0, nanoseconds: 1_000_000_000), .file), .inconsistent),
            (with(entry("a"), \.modified, FileTime(seconds: Limits.seconds + 1, nanoseconds: 0), .file), .tooLarge),
            (with(entry("a"), \.modified, FileTime(seconds: .min, nanoseconds: 0), .file), .tooLarge),
            (with(entry("a", .symlink), \.target, [], .symlink), .forbiddenName),
            (with(entry("a", .symlink), \.target, [1, 0], .symlink), .forbiddenName),
            (with(entry("a", .symlink), \.target, [UInt8](repeating: 1, count: 4096), .symlink), .tooLarge),
        ]
        for (entry, error) in wrong {
            #expect(throws: error) { try Manifest(entries: [entry]).encode() }
        }
    }

    @Test func extremesComeBack() throws {
        var entries = (0..<16).map { with(entry("f\(10 + $0)"), \.size, Limits.fileSize, .file) }
        entries[0].modified = FileTime(seconds: Limits.seconds, nanoseconds: 999_999_999)
        entries[1].modified = FileTime(seconds: -Limits.seconds, nanoseconds: 1)
        entries[2].mode = 0o7777
        entries[2].owner = .max
        entries[2].isSparse = true
        let manifest = Manifest(entries: entries)
        #expect(try Manifest(decoding: manifest.encode()) == manifest)
        // Sixteen of the largest files fill a stream; a byte more does not fit.
        let more = Manifest(entries: entries + [with(entry("g"), \.size, 1, .file)])
        #expect(throws: WireError.tooLarge) { try more.encode() }
    }

    private func with<Value>(
        _ entry: ManifestEntry, _ field: WritableKeyPath<ManifestEntry, Value>, _ value: Value, _ kind: EntryKind
    ) -> ManifestEntry {
        var entry = entry
        entry.kind = kind
        if kind == .symlink { entry.target = [1] }
        entry[keyPath: field] = value
        return entry
    }
}
