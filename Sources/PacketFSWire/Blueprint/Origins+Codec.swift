/// Origins (`Specs/blueprint.md` §4.1): the versions that occur, in order of appearance, then runs of equal origins.
extension ByteWriter {
    mutating func origins(_ origins: [Origin], compress: BlockCompressor?) throws(WireError) {
        guard origins.count <= Limits.entries else { throw .tooLarge }
        var versions = VersionTable()
        var runs = RunWriter()
        for origin in origins {
            switch origin {
            case .sent: runs.add(0)
            case .kept(let version): runs.add(try versions.index(of: version) + 1)
            }
        }
        let block = encoded { writer in
            writer.versions(versions)
            writer.raw(runs.finish())
        }
        count(origins.count)
        self.block(block, compress: compress)
    }
}

extension ByteReader {
    mutating func origins(decompress: BlockDecompressor?) throws(WireError) -> [Origin] {
        let count = try count(atMost: Limits.entries)
        return try decoded(try block(atMost: Limits.origins, decompress: decompress)) { reader throws(WireError) in
            let versions = try reader.versions()
            var origins: [Origin] = []
            var seen = 0
            try reader.runs(of: count, valuesAtMost: UInt64(versions.count)) { value, run throws(WireError) in
                let index = Int(value)
                guard index <= seen + 1 else { throw .inconsistent }
                seen = max(seen, index)
                let origin = index == 0 ? Origin.sent : .kept(versions[index - 1])
                origins.append(contentsOf: repeatElement(origin, count: run))
            }
            guard seen == versions.count else { throw .inconsistent }
            return origins
        }
    }
}

/// Transfers that a list names, each once, in order of first appearance.
struct VersionTable {
    private(set) var versions: [TransferID] = []
    private var indices: [TransferID: Int] = [:]
    private var latest: (version: TransferID, index: Int)?

    /// Neighbours are mostly of one version: only a change is looked up.
    mutating func index(of version: TransferID) throws(WireError) -> Int {
        if let latest, latest.version == version { return latest.index }
        let index = indices[version] ?? versions.count
        if index == versions.count {
            guard index < Limits.versions else { throw .tooLarge }
            indices[version] = index
            versions.append(version)
        }
        latest = (version, index)
        return index
    }
}

extension ByteWriter {
    mutating func versions(_ table: VersionTable) {
        count(table.versions.count)
        for version in table.versions { identifier(version) }
    }
}

extension ByteReader {
    mutating func versions() throws(WireError) -> [TransferID] {
        let count = try count(atMost: Limits.versions)
        guard remaining >= count * TransferID.byteCount else { throw .truncated }
        var versions: [TransferID] = []
        for _ in 0..<count { versions.append(try identifier(TransferID.self)) }
        guard Set(versions).count == count else { throw .inconsistent }
        return versions
    }
}
