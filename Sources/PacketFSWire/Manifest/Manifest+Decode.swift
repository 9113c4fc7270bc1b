/// The shortest entry is two bytes of the path column.
private let smallestEntry = 2

extension Manifest {
    /// Reads and checks a whole manifest. Everything is refused that breaks a rule of `Specs/blueprint.md` §6, and
    /// memory is bounded by `Limits.entries`, `Limits.pathBytes` and the bytes at hand before it is allocated.
    package init(decoding bytes: [UInt8]) throws(WireError) {
        guard bytes.count <= Limits.manifest else { throw .tooLarge }
        entries = try decoded(bytes) { reader throws(WireError) in try reader.entries() }
    }
}

extension ByteReader {
    fileprivate mutating func entries() throws(WireError) -> [ManifestEntry] {
        guard try u8() == manifestVersion else { throw .unknown }
        let count = try count(atMost: Limits.entries)
        guard remaining / smallestEntry >= count else { throw .truncated }
        let shapes = try shapes(count)
        var entries = try paths(shapes)
        try readTimes(&entries)
        try readOwners(&entries)
        try readContents(&entries)
        try readAttributes(&entries)
        return entries
    }

    private mutating func shapes(_ count: Int) throws(WireError) -> [EntryShape] {
        var shapes: [EntryShape] = []
        shapes.reserveCapacity(count)
        try runs(of: count, valuesAtMost: EntryShape.largest) { bits, run throws(WireError) in
            shapes.append(contentsOf: repeatElement(try EntryShape(bits: bits), count: run))
        }
        return shapes
    }

    private mutating func paths(_ shapes: [EntryShape]) throws(WireError) -> [ManifestEntry] {
        guard remaining / smallestEntry >= shapes.count else { throw .truncated }
        var rules = PathRules(isTree: true)
        var entries: [ManifestEntry] = []
        entries.reserveCapacity(shapes.count)
        for shape in shapes {
            let path = try path(rules: &rules, isFolder: shape.kind == .folder)
            entries.append(
                ManifestEntry(
                    path: path, kind: shape.kind, mode: shape.mode, modified: FileTime(seconds: 0, nanoseconds: 0),
                    isSparse: shape.isSparse))
        }
        return entries
    }

    private mutating func readTimes(_ entries: inout [ManifestEntry]) throws(WireError) {
        var index = 0
        try times(of: entries.count) { time, run in
            for entry in index..<index + run { entries[entry].modified = time }
            index += run
        }
    }

    private mutating func readOwners(_ entries: inout [ManifestEntry]) throws(WireError) {
        var index = 0
        try runs(of: entries.count, valuesAtMost: UInt64(UInt32.max)) { owner, run in
            for entry in index..<index + run { entries[entry].owner = UInt32(owner) }
            index += run
        }
        index = 0
        try runs(of: entries.count, valuesAtMost: UInt64(UInt32.max)) { group, run in
            for entry in index..<index + run { entries[entry].group = UInt32(group) }
            index += run
        }
    }

    private mutating func readContents(_ entries: inout [ManifestEntry]) throws(WireError) {
        var total = StreamTotal()
        for index in entries.indices where entries[index].kind == .file {
            let size = try varint(atMost: Limits.fileSize)
            try total.add(size)
            entries[index].size = size
        }
        for index in entries.indices where entries[index].kind == .symlink {
            let target = try terminated(atMost: Limits.path, after: [], shared: 0)
            try checkTarget(target)
            entries[index].target = target
        }
        for index in entries.indices where entries[index].kind == .hardLink {
            let distance = try count(atMost: Limits.entries) + 1
            guard distance <= index, entries[index - distance].kind == .file else { throw .inconsistent }
            entries[index].linked = index - distance
        }
    }

    private mutating func readAttributes(_ entries: inout [ManifestEntry]) throws(WireError) {
        var index = 0
        try attributes(of: entries.count) { attributes, run in
            for entry in index..<index + run { entries[entry].attributes = attributes }
            index += run
        }
    }
}
