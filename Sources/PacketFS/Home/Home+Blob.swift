import PacketFSBlob
import PacketFSChannel
import PacketFSPlan
import PacketFSStore
import PacketFSWire

extension Home {
    /// Adds the contents of files to our log for a peer, in a random order, and sends them to its replica; no file of
    /// the peer is touched. What was added and could not be sent goes with the next addition, which may be of the same
    /// files: what the log has already is not added again. The summary counts files that were added as written, the others
    /// as kept.
    public func addToBlob(_ paths: [String], peer: String, options: SendOptions = SendOptions()) -> Transfer {
        addToBlob(paths, peer: peer, options: options, portion: ProvisionPlanner.portion)
    }

    func addToBlob(_ paths: [String], peer: String, options: SendOptions, portion: UInt64) -> Transfer {
        Transfer { report in
            let record = try self.record(named: peer)
            let (addition, added) = try await Wish.ofTask { wish in
                try self.explained {
                    try options.checkExcludes()
                    let job = SendJob(sources: paths, destination: "", options: options)
                    let addition = BlobAddition(domain: try self.domain(of: record), job: job)
                    return (addition, try addition.run(in: addition.domain.openOwn(), while: wish))
                }
            }
            var warnings = added.warnings
            for warning in warnings { report(.warning(warning)) }
            var summary = TransferSummary()
            var (left, before) = (Int.max, Int.max)
            repeat {
                summary.extend(
                    by: try await self.session(
                        with: record, options: options, report: report,
                        Sides(home: self, peer: record).providing(addition, portion: portion)))
                before = left
                left = try self.explained { try addition.domain.openOwn().provisioned().count }
            } while 0 < left && left < before
            if left > 0 {
                let warning = TransferWarning(undelivered: left)
                report(.warning(warning))
                warnings.append(warning)
            }
            summary.entries = added.tree.manifest.entries.count
            summary.treeBytes = added.tree.totalBytes
            summary.filesWritten = added.files
            summary.filesKept = added.filesKept
            summary.warnings += warnings
            return summary
        }
    }

    /// Every extent, of one peer or of all.
    public func extents(peer: String? = nil) throws -> [ExtentInfo] {
        try explained {
            try records(peer).flatMap { record in
                try logs(of: record).flatMap { log in
                    try store.extents(in: log).map { ExtentInfo($0, peer: record.name, role: log.role) }
                }
            }
        }
    }

    /// Reads the whole blob and checks every digest; damaged extents are dropped, and what interrupted transfers left is
    /// freed.
    public func verifyBlob(peer: String? = nil) throws -> BlobVerification {
        try verifyBlob(peer: peer, isWhole: Healer.verify)
    }

    func verifyBlob(peer: String?, isWhole: (Extent, Log) -> Bool) throws -> BlobVerification {
        try explained {
            var result = BlobVerification()
            for record in try records(peer) {
                let domain = try domain(of: record)
                for log in try logs(of: record) {
                    let file = try domain.file(of: log)
                    _ = try drop(store.interrupted(in: log), in: log, file)
                    let damaged = try store.extents(in: log).filter { found in
                        result.extents += 1
                        result.bytes += UInt64(found.extent.range.length)
                        return !isWhole(found.extent, file)
                    }
                    // One that somebody else dropped meanwhile was freed.
                    let dropped = try Set(drop(damaged.map(\.extent), in: log, file).extents)
                    result.damaged += damaged.filter { dropped.contains($0.extent) }
                        .map { ExtentInfo($0, peer: record.name, role: log.role) }
                    _ = try domain.sweep(file, log.role)
                }
            }
            return result
        }
    }

    /// Drops the oldest extents until at most `bytes` are left for each peer and log, and frees what interrupted
    /// transfers left.
    public func trimBlob(to bytes: UInt64, peer: String? = nil) throws -> BlobRelease {
        try dropEverywhere(peer) { try store.oldest(beyond: bytes, in: $0, besides: Set($1)) }
    }

    /// Drops every extent with bytes that came under this path (as `ExtentInfo` names it: as it was below the source) or
    /// beneath it, every extent of names alone, which are learned again, and frees what interrupted transfers left,
    /// whatever it is of. Bytes that came under another path, or that the peer added to its blob, which tells no paths,
    /// are not found.
    public func forget(path: String, peer: String? = nil) throws -> BlobRelease {
        guard let bytes = [UInt8](pathText: path) else {
            throw PacketFSError(
                .usage, "'\(path)' is not as paths are shown",
                hint: "a backslash is two, and a byte that is no text is `\\x` and two digits")
        }
        let components = Array(bytes.split(separator: UInt8(ascii: "/")).joined(separator: [UInt8(ascii: "/")]))
        guard !components.isEmpty else {
            throw PacketFSError(
                .usage, "'\(path)' names no path that can be forgotten",
                hint: "`packetfs blob trim --to 0` drops everything")
        }
        return try dropEverywhere(peer, forgetsNames: true) { log, _ in
            try store.extents(touching: components, in: log)
        }
    }

    /// Frees what interrupted transfers left in the logs of every peer with whom none runs.
    @discardableResult
    func sweepBlob() throws -> BlobRelease {
        try dropEverywhere(nil) { _, _ in [] }
    }

    /// - Parameter choose: of a log, besides what interrupted transfers left, which goes in any case.
    private func dropEverywhere(
        _ peer: String?, forgetsNames: Bool = false, _ choose: (LogRecord, [Extent]) throws -> [ExtentRecord]
    ) throws -> BlobRelease {
        try explained {
            defer { store.saveRoom() }
            var release = BlobRelease()
            for record in try records(peer) {
                let domain = try domain(of: record)
                for log in try logs(of: record) {
                    let file = try domain.file(of: log)
                    let interrupted = try store.interrupted(in: log)
                    let chosen = try choose(log, interrupted).map(\.extent)
                    let names = try forgetsNames ? store.manifests(in: log).map(\.extent) : []
                    if log.role == .own { try domain.unindex(chosen + names + interrupted, of: log) }
                    release.extents += chosen.count
                    release.bytes += try drop(chosen + names, in: log, file).freed
                    release.interruptedBytes += try drop(interrupted, in: log, file).freed
                    if forgetsNames { release.addedBytes += try store.added(in: log).bytes }
                    if let swept = try domain.sweep(file, log.role, unindexes: true) {
                        release.interruptedBytes += swept
                    } else if release.busy.last != record.name {
                        release.busy.append(record.name)
                    }
                }
            }
            release.bytes += release.interruptedBytes
            return release
        }
    }

    /// The record goes first: bytes without a record are only space, a record without bytes would be damage. Few go at a
    /// time: on a full disk, the bytes of some make room for dropping others. Returns those that were there, and the
    /// bytes freed.
    private func drop(
        _ extents: [Extent], in log: LogRecord, _ file: Log
    ) throws -> (extents: [Extent], freed: UInt64) {
        var rest = extents[...]
        var result: (extents: [Extent], freed: UInt64) = ([], 0)
        while !rest.isEmpty {
            let some = Array(rest.prefix(Self.droppedAtOnce))
            let dropped = try store.makingRoom { () throws(StoreError) in try store.drop(some, in: log) }
            result.freed += try dropped.reduce(0) { try $0 + file.punch($1.range) }
            result.extents += dropped
            rest = rest.dropFirst(some.count)
        }
        return result
    }

    /// Extents whose records, wherever they lie, fit into the space that is set aside.
    private static let droppedAtOnce = 128

    private func records(_ name: String?) throws -> [PeerRecord] {
        if let name { [try record(named: name)] } else { try store.peers() }
    }

    private func logs(of peer: PeerRecord) throws -> [LogRecord] {
        try LogRole.allCases.compactMap { try store.log(for: peer.party, role: $0) }
    }
}

extension Home {
    /// Errors of the rooms beneath, in words.
    func explained<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw PacketFSError(explaining: error)
        }
    }
}

extension TransferWarning {
    /// - Parameter extents: added to our log, sent, and not held by the peer.
    fileprivate init(undelivered extents: Int) {
        self.init(
            path: "",
            reason: "extents that did not arrive as on record: \(extents) (`packetfs blob verify` drops damaged ones)")
    }
}

extension ExtentInfo {
    init(_ record: ExtentRecord, peer: String, role: LogRole) {
        self.init(
            peer: peer, isOwn: role == .own, address: record.extent.range.address, length: record.extent.range.length,
            state: String(describing: record.state), firstPath: String(path: record.firstPath),
            lastPath: String(path: record.lastPath), learnedAt: record.learnedAt)
    }
}
