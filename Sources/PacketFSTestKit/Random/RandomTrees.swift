package import PacketFSWire

extension SeededRandom {
    /// A valid tree of at most `bound` entries with every kind of entry in it.
    package mutating func tree(_ bound: Int) -> Manifest {
        var entries: [ManifestEntry] = []
        if flag() { entries.append(entry([], .folder)) }
        grow(&entries, beneath: [], bound: bound)
        return Manifest(entries: entries)
    }

    private mutating func grow(_ entries: inout [ManifestEntry], beneath folder: [UInt8], bound: Int) {
        for name in names() where entries.count < bound {
            let path = folder.isEmpty ? name : folder + [UInt8(ascii: "/")] + name
            let kind = kind(hasFile: entries.contains { $0.kind == .file })
            var next = entry(path, kind)
            if kind == .hardLink {
                let files = entries.indices.filter { entries[$0].kind == .file }
                next.linked = files[number(below: files.count)]
            }
            entries.append(next)
            if kind == .folder, path.count < 200 { grow(&entries, beneath: path, bound: bound) }
        }
    }

    private mutating func kind(hasFile: Bool) -> EntryKind {
        switch next() % 8 {
        case 0, 1: .folder
        case 2: .symlink
        case 3: hasFile ? .hardLink : .file
        default: .file
        }
    }

    private mutating func names() -> [[UInt8]] {
        let names = (0..<number(below: 9)).map { _ in name() }.filter { $0 != [46] && $0 != [46, 46] }
        return Set(names).sorted { $0.lexicographicallyPrecedes($1) }
    }

    private mutating func name() -> [UInt8] {
        let letters: [UInt8] = [1, 32, 45, 46, 48, 97, 98, 122, 195, 255]
        return (0...number(below: 12)).map { _ in letters[number(below: letters.count)] }
    }

    package mutating func time() -> FileTime {
        FileTime(
            seconds: flag() ? 1_700_000_000 + Int64(number(below: 100)) : Int64(bitPattern: next()) >> 4,
            nanoseconds: flag() ? 0 : UInt32(number(below: 1_000_000_000)))
    }

    private mutating func entry(_ path: [UInt8], _ kind: EntryKind) -> ManifestEntry {
        let isFile = kind == .file
        return ManifestEntry(
            path: path, kind: kind, mode: oneIn(3) ? UInt16(number(below: 0o10000)) : 0o644,
            modified: oneIn(3) ? time() : FileTime(seconds: 7, nanoseconds: 0),
            owner: oneIn(9) ? UInt32(truncatingIfNeeded: next()) : 1000, group: oneIn(9) ? .max : 0,
            size: isFile ? number(below: 1 << 50) : 0, isSparse: isFile && oneIn(5),
            target: kind == .symlink ? bytes(1 + number(below: 30)).map { $0 | 1 } : [],
            attributes: oneIn(7) ? attributes() : [])
    }

    private mutating func attributes() -> [ExtendedAttribute] {
        (0..<number(below: 4)).map { ExtendedAttribute(name: "user.\($0)é", value: bytes(upTo: 20)) }
    }
}
