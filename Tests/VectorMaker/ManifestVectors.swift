import PacketFSTestKit
import PacketFSWire

/// Manifests, and what is none.
enum ManifestVectors {
    static func file() throws -> VectorFile {
        var file = VectorFile(
            "manifest", of: "blueprint.md",
            notes: "Kinds: 0 file, 1 folder, 2 symlink, 3 hard link. What is in `invalid` is refused as a whole.")
        for (name, entries) in [("nothing", []), ("the example of the page", example), ("all kinds", everything)] {
            let bytes = try Manifest(entries: entries).encode()
            guard try Manifest(decoding: bytes).entries == entries else { throw BrokenVector(name: name) }
            file.accept(name, ["manifest": .hex(bytes), "entries": .list(entries.map(json))])
        }
        for (name, bytes) in ManifestRefusals.all + Refusals.cuts(of: try Manifest(entries: everything).encode()) {
            guard (try? Manifest(decoding: bytes)) == nil else { throw BrokenVector(name: name) }
            file.refuse(name, ["manifest": .hex(bytes)])
        }
        return file
    }

    private static let example = [
        ManifestEntry(
            path: Array("a".utf8), kind: .folder, mode: 0o755, modified: FileTime(seconds: 1, nanoseconds: 0)),
        ManifestEntry(
            path: Array("a/b".utf8), kind: .file, mode: 0o644, modified: FileTime(seconds: 1, nanoseconds: 0)),
    ]

    private static var everything: [ManifestEntry] {
        let old = FileTime(seconds: -5, nanoseconds: 999_999_999)
        let new = FileTime(seconds: 1_700_000_000, nanoseconds: 1)
        let attributes = [
            ExtendedAttribute(name: "user.a", value: []), ExtendedAttribute(name: "user.mime", value: Array("x".utf8)),
        ]
        func path(_ text: String) -> [UInt8] { Array(text.utf8) }
        return [
            ManifestEntry(path: [], kind: .folder, mode: 0o755, modified: new),
            ManifestEntry(path: path("a"), kind: .folder, mode: 0o1777, modified: old, owner: 1, group: UInt32.max),
            ManifestEntry(path: path("a/file"), kind: .file, mode: 0o4755, modified: old, size: 1 << 56),
            ManifestEntry(
                path: path("a/file.2"), kind: .file, mode: 0o644, modified: new, size: 0, isSparse: true,
                attributes: attributes),
            ManifestEntry(path: path("a.b"), kind: .symlink, mode: 0o777, modified: new, target: path("../out")),
            ManifestEntry(path: path("b"), kind: .hardLink, mode: 0o4755, modified: old, linked: 2),
            ManifestEntry(path: [0xff, 0x01], kind: .file, mode: 0, modified: new, size: 300, attributes: attributes),
        ]
    }

    private static func json(_ entry: ManifestEntry) -> JSON {
        [
            "path": .hex(entry.path), "kind": .count(Int(entry.kind.rawValue)), "mode": .count(Int(entry.mode)),
            "seconds": .signed(entry.modified.seconds), "nanoseconds": .count(Int(entry.modified.nanoseconds)),
            "owner": .count(Int(entry.owner)), "group": .count(Int(entry.group)), "size": .number(entry.size),
            "sparse": .bool(entry.isSparse), "target": .hex(entry.target),
            "link": entry.kind == .hardLink ? .count(entry.linked) : .null,
            "attributes": .list(entry.attributes.map { [.text($0.name), .hex($0.value)] }),
        ]
    }
}

/// Manifests that break one rule each, written column by column.
enum ManifestRefusals {
    private static let file: [UInt8] = [0xa0, 0x1a]
    private static let folder: [UInt8] = [0xe9, 0x1e]

    /// One file with one column as given; the others are right.
    private static func one(
        shapes: [UInt8] = file + [0], path: [UInt8] = [0, 0x61, 0], times: [UInt8] = [8], owners: [UInt8] = [0, 0],
        sizes: [UInt8] = [0], attributes: [UInt8] = [0, 0]
    ) -> [UInt8] {
        [1, 1] + shapes + path + times + owners + [0, 0] + sizes + attributes
    }

    /// Two entries of one shape with such paths.
    private static func two(_ paths: [UInt8], shape: [UInt8] = file, sizes: [UInt8] = [0, 0]) -> [UInt8] {
        [1, 2] + shape + [1] + paths + [9, 0, 0, 1, 0, 1] + sizes + [0, 1]
    }

    private static func named(_ name: String) -> [UInt8] { one(path: [0] + Array(name.utf8) + [0]) }

    static var all: [(String, [UInt8])] {
        [
            ("another version", [2] + one().dropFirst()), ("a byte more", one() + [0]),
            ("more entries than bytes", [1, 0x80, 0x80, 0x80, 1]),
            ("a mode beyond 0o7777", one(shapes: [0x80, 0x80, 4, 0])),
            ("a sparse folder", one(shapes: [0xed, 0x1e, 0], sizes: [])),
            ("a run longer than the entries", one(shapes: file + [1])),
            (
                "equal neighbouring runs",
                [1, 2] + file + [0] + file + [0] + [0, 0x61, 0, 0, 0x62, 0, 9, 0, 0, 1, 0, 1, 0, 0, 0, 1]
            ),
            ("the empty path of a file", one(path: [0, 0])),
            ("an absolute path", named("/a")), ("a path that ends with a slash", named("a/")),
            ("a path that leads upwards", named("../a")), ("the name ..", named("..")), ("the name .", named(".")),
            ("an empty component", named("a//b")), ("a name of 256 bytes", named(String(repeating: "a", count: 256))),
            ("a path without its folder", named("a/b")),
            ("more shared bytes than there are", one(path: [1, 0x61, 0])),
            ("fewer shared bytes than there are", two([0, 0x61, 0, 0, 0x61, 0x62, 0])),
            ("paths that do not ascend", two([0, 0x62, 0, 0, 0x61, 0])), ("one path twice", two([0, 0x61, 0, 1, 0])),
            ("a file beneath a file", two([0, 0x61, 0, 1, 0x2f, 0x62, 0])),
            (
                "a path behind those beneath its neighbour",
                [1, 3] + folder + [0] + file + [1] + [
                    0, 0x61, 0, 1, 0x2e, 0, 1, 0x2f, 0x62, 0, 9, 1, 0, 2, 0, 2, 0, 0, 0, 2,
                ]
            ),
            ("nanoseconds of a second", one(times: [10, 0x3b, 0x9a, 0xca, 0])),
            ("nanoseconds of zero written out", one(times: [10, 0, 0, 0, 0])),
            ("a time beyond 2^59", one(times: [0x88] + [UInt8](repeating: 0x80, count: 7) + [0x40])),
            ("an owner of 2^32", one(owners: [0x80, 0x80, 0x80, 0x80, 0x10, 0])),
            (
                "a size above 2^56",
                one(sizes: [UInt8](repeating: 0x81, count: 1) + [UInt8](repeating: 0x80, count: 7) + [1])
            ),
            ("a link to nothing", one(shapes: [0xfa, 0x3f, 0], sizes: [0])),
            ("a hard link to itself", one(shapes: [0xa3, 0x1a, 0], sizes: [0])),
            ("an attribute outside user.", one(attributes: [1, 5] + Array("secur".utf8) + [0, 0])),
            ("an attribute named user.", one(attributes: [1, 5] + Array("user.".utf8) + [0, 0])),
            (
                "an attribute twice",
                one(attributes: [2, 6] + Array("user.a".utf8) + [0, 6] + Array("user.a".utf8) + [0, 0])
            ),
            ("more attributes than bytes", one(attributes: [60, 0])),
        ]
    }
}
