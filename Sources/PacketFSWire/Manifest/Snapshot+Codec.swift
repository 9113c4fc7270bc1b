/// The first byte of an encoded snapshot.
private let snapshotVersion: UInt8 = 2

/// An entry is two bytes of the path column at least.
private let smallestEntry = 2

extension Snapshot {
    /// The snapshot as the store keeps it (`Specs/blueprint.md` §9).
    ///
    /// Throws what `init(decoding:)` would throw for the same entries.
    package func encode() throws(WireError) -> [UInt8] {
        guard entries.count <= Limits.entries else { throw .tooLarge }
        var writer = ByteWriter(reserving: 64 + entries.count * 48)
        writer.u8(snapshotVersion)
        writer.count(entries.count)
        var rules = PathRules(isTree: false)
        for index in entries.indices { try writer.path(entries[index].path, rules: &rules, isFolder: false) }
        try writeVersions(to: &writer)
        var devices = RunWriter()
        for index in entries.indices { devices.add(entries[index].stat.device) }
        writer.raw(devices.finish())
        var inode: UInt64 = 0
        for index in entries.indices {
            let stat = entries[index].stat
            writer.signed(Int64(bitPattern: stat.inode &- inode))
            writer.varint(stat.size)
            inode = stat.inode
        }
        try writeTimes(to: &writer)
        return writer.bytes
    }

    private func writeVersions(to writer: inout ByteWriter) throws(WireError) {
        var versions = VersionTable()
        var runs = RunWriter()
        for index in entries.indices { runs.add(try versions.index(of: entries[index].version)) }
        var confirmed = RunWriter()
        for index in entries.indices { confirmed.add(try versions.index(of: entries[index].confirmed)) }
        writer.versions(versions)
        writer.raw(runs.finish())
        writer.raw(confirmed.finish())
    }

    /// A file's times, each as the difference of its seconds from the one written before.
    private func writeTimes(to writer: inout ByteWriter) throws(WireError) {
        var seconds: Int64 = 0
        func write(_ time: FileTime) throws(WireError) {
            try checkNanoseconds(time.nanoseconds)
            writer.signed(time.seconds &- seconds)
            writer.integer(time.nanoseconds)
            seconds = time.seconds
        }
        for index in entries.indices {
            try write(entries[index].stat.modified)
            try write(entries[index].stat.changed)
        }
    }

    /// Reads a snapshot; one that was damaged is refused or, at worst, says of a file that it is not as it was.
    package init(decoding bytes: [UInt8]) throws(WireError) {
        entries = try decoded(bytes) { reader throws(WireError) in try reader.snapshotEntries() }
    }
}

private func checkNanoseconds(_ nanoseconds: UInt32) throws(WireError) {
    guard nanoseconds < 1_000_000_000 else { throw .inconsistent }
}

extension ByteReader {
    fileprivate mutating func snapshotEntries() throws(WireError) -> [Snapshot.Entry] {
        guard try u8() == snapshotVersion else { throw .unknown }
        let count = try count(atMost: Limits.entries)
        guard remaining / smallestEntry >= count else { throw .truncated }
        var paths: [[UInt8]] = []
        paths.reserveCapacity(count)
        var rules = PathRules(isTree: false)
        for _ in 0..<count { paths.append(try path(rules: &rules, isFolder: false)) }
        let (versions, confirmed) = try entryVersions(count)
        var entries: [Snapshot.Entry] = []
        entries.reserveCapacity(count)
        let none = FileTime(seconds: 0, nanoseconds: 0)
        try runs(of: count, valuesAtMost: .max) { device, run in
            for _ in 0..<run {
                let index = entries.count
                let stat = StatKey(device: device, inode: 0, size: 0, modified: none, changed: none)
                entries.append(
                    Snapshot.Entry(
                        path: paths[index], stat: stat, version: versions[index], confirmed: confirmed[index]))
            }
        }
        try readIdentities(&entries)
        try readTimes(&entries)
        return entries
    }

    private mutating func entryVersions(
        _ count: Int
    ) throws(WireError) -> (carried: [TransferID], confirmed: [TransferID]) {
        let table = try versions()
        guard !table.isEmpty || count == 0 else { throw .inconsistent }
        var seen = 0
        let carried = try versionColumn(count, of: table, seen: &seen)
        let confirmed = try versionColumn(count, of: table, seen: &seen)
        guard seen == table.count else { throw .inconsistent }
        return (carried, confirmed)
    }

    /// `seen`: of so many versions one was named before.
    private mutating func versionColumn(
        _ count: Int, of table: [TransferID], seen: inout Int
    ) throws(WireError) -> [TransferID] {
        var versions: [TransferID] = []
        versions.reserveCapacity(count)
        try runs(of: count, valuesAtMost: UInt64(max(0, table.count - 1))) { value, run throws(WireError) in
            guard value <= UInt64(seen) else { throw .inconsistent }
            seen = max(seen, Int(value) + 1)
            versions.append(contentsOf: repeatElement(table[Int(value)], count: run))
        }
        return versions
    }

    private mutating func readIdentities(_ entries: inout [Snapshot.Entry]) throws(WireError) {
        var inode: UInt64 = 0
        for index in entries.indices {
            inode &+= UInt64(bitPattern: try signed())
            entries[index].stat.inode = inode
            entries[index].stat.size = try varint()
        }
    }

    private mutating func readTimes(_ entries: inout [Snapshot.Entry]) throws(WireError) {
        var seconds: Int64 = 0
        for index in entries.indices {
            entries[index].stat.modified = try time(after: &seconds)
            entries[index].stat.changed = try time(after: &seconds)
        }
    }

    private mutating func time(after seconds: inout Int64) throws(WireError) -> FileTime {
        seconds &+= try signed()
        let nanoseconds = try integer(UInt32.self)
        try checkNanoseconds(nanoseconds)
        return FileTime(seconds: seconds, nanoseconds: nanoseconds)
    }
}
