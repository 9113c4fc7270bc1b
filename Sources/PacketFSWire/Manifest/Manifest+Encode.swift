/// The first byte of an encoded manifest.
let manifestVersion: UInt8 = 1

extension Manifest {
    /// The manifest stream's bytes (`Specs/blueprint.md` §6). Equal manifests have equal bytes; a change of one entry
    /// changes a few bytes of each column that it concerns, and none elsewhere.
    ///
    /// Throws what `init(decoding:)` would throw for the same entries.
    package func encode() throws(WireError) -> [UInt8] {
        guard entries.count <= Limits.entries else { throw .tooLarge }
        var writer = ByteWriter(reserving: 64 + entries.count * 32)
        writer.u8(manifestVersion)
        writer.count(entries.count)
        writer.raw(try shapeColumn())
        try writePaths(to: &writer)
        writer.raw(try timeColumn())
        writer.raw(column { entries[$0].owner })
        writer.raw(column { entries[$0].group })
        try writeContents(to: &writer)
        writer.raw(try attributeColumn())
        guard writer.bytes.count <= Limits.manifest else { throw .tooLarge }
        return writer.bytes
    }

    private func shapeColumn() throws(WireError) -> [UInt8] {
        var runs = RunWriter()
        for index in entries.indices { runs.add(try EntryShape(of: entries[index]).bits) }
        return runs.finish()
    }

    private func writePaths(to writer: inout ByteWriter) throws(WireError) {
        var rules = PathRules(isTree: true)
        for index in entries.indices {
            try writer.path(entries[index].path, rules: &rules, isFolder: entries[index].kind == .folder)
        }
    }

    private func timeColumn() throws(WireError) -> [UInt8] {
        var times = TimeWriter()
        for index in entries.indices { try times.add(entries[index].modified) }
        return times.finish()
    }

    private func column(_ field: (_ entry: Int) -> UInt32) -> [UInt8] {
        var runs = RunWriter()
        for index in entries.indices { runs.add(UInt64(field(index))) }
        return runs.finish()
    }

    private func attributeColumn() throws(WireError) -> [UInt8] {
        var attributes = AttributeWriter()
        for index in entries.indices { try attributes.add(entries[index].attributes) }
        return attributes.finish()
    }

    /// What only one kind of entry has: sizes, then targets, then hard links.
    private func writeContents(to writer: inout ByteWriter) throws(WireError) {
        var total = StreamTotal()
        for index in entries.indices where entries[index].kind == .file {
            try total.add(entries[index].size)
            writer.varint(entries[index].size)
        }
        for index in entries.indices where entries[index].kind == .symlink {
            try checkTarget(entries[index].target)
            writer.raw(entries[index].target)
            writer.u8(0)
        }
        for index in entries.indices where entries[index].kind == .hardLink {
            let linked = entries[index].linked
            guard linked >= 0, linked < index, entries[linked].kind == .file else { throw .inconsistent }
            writer.count(index - linked - 1)
        }
    }
}

extension Manifest {
    /// Whether its files together are more than a stream can have.
    package var hasTooManyBytes: Bool {
        var total = StreamTotal()
        return !entries.allSatisfy { (try? total.add($0.size)) != nil }
    }
}

/// What an entry is, in one number: a column of few, long runs.
struct EntryShape {
    static let largest: UInt64 = UInt64(0o7777) << 3 | 7

    var kind: EntryKind
    var mode: UInt16
    var isSparse: Bool

    /// Requires that the entry has nothing which its kind has not.
    init(of entry: ManifestEntry) throws(WireError) {
        guard entry.mode <= 0o7777 else { throw .tooLarge }
        guard entry.kind == .file || (entry.size == 0 && !entry.isSparse) else { throw .inconsistent }
        guard entry.kind == .symlink || entry.target.isEmpty else { throw .inconsistent }
        guard entry.kind == .hardLink || entry.linked == 0 else { throw .inconsistent }
        kind = entry.kind
        mode = entry.mode
        isSparse = entry.isSparse
    }

    /// `bits` at most `largest`.
    init(bits: UInt64) throws(WireError) {
        guard let kind = EntryKind(rawValue: UInt8(bits & 3)) else { throw .unknown }
        self.kind = kind
        isSparse = bits & 4 != 0
        mode = UInt16(bits >> 3)
        guard kind == .file || !isSparse else { throw .inconsistent }
    }

    var bits: UInt64 { UInt64(mode) << 3 | (isSparse ? 4 : 0) | UInt64(kind.rawValue) }
}

/// The sum of file sizes, which must fit a stream.
struct StreamTotal {
    private var bytes: UInt64 = 0

    mutating func add(_ size: UInt64) throws(WireError) {
        guard size <= Limits.fileSize, size <= Limits.stream - bytes else { throw .tooLarge }
        bytes += size
    }
}

/// Where a symlink points is any bytes but none and NUL; the receiver never follows it.
func checkTarget(_ target: [UInt8]) throws(WireError) {
    guard !target.isEmpty, !target.contains(0) else { throw .forbiddenName }
    guard target.count <= Limits.path else { throw .tooLarge }
}
