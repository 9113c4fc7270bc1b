import PacketFSRebuild
import PacketFSStore
import PacketFSWire

extension TransferJournal {
    /// What is on disk of an interrupted transfer, which nobody else takes up meanwhile.
    struct Leftover {
        let claim: TransferClaim
        fileprivate var interrupted: RebuildSetup.Interrupted
        fileprivate(set) var files: [PartialFile]
    }

    init(receivingAt path: String, in domain: PeerDomain) {
        self.init(domain: domain, role: .receiving, destination: path)
    }

    /// The latest interrupted transfer of which anything is on disk; `nil` if there is none. Only one can be taken up:
    /// with `cleans`, it is given what those before it left, and the rest is removed.
    func leftover(in place: Placement.Place, cleans: Bool) throws -> Leftover? {
        var found: Leftover?
        try forEachInterrupted { claim in
            if found == nil, let earlier = try earlier(claim, in: place) {
                let files = Rebuilder.partialFiles(of: earlier, root: place.root)
                if !files.isEmpty {
                    found = Leftover(claim: claim, interrupted: earlier, files: files)
                    return
                }
            }
            guard cleans else { return }
            found = try found.map { try handOver(claim, to: $0, in: place) }
            _ = try discard(claim, in: place)
        }
        return found
    }

    /// A transfer may have ended while it took over what the one before it left, or, where that is remembered, before it
    /// could remember what that one had committed.
    private func handOver(_ claim: TransferClaim, to later: Leftover, in place: Placement.Place) throws -> Leftover {
        guard let record = try store.transfer(claim.transfer), isHere(record),
            let earlier = try earlier(claim, in: place)
        else { return later }
        var later = later
        if let committed = later.interrupted.committed, let before = earlier.committed {
            let all = committed.merged(over: before)
            if all != committed { try note(all, of: later.claim.transfer) }
            later.interrupted.committed = all
        }
        try Rebuilder.handOver(earlier, to: later.interrupted, root: place.root, gate: domain.gate)
        later.files = Rebuilder.partialFiles(of: later.interrupted, root: place.root)
        return later
    }

    /// Removes what interrupted transfers left, once there is nothing to take up any more.
    func discardInterrupted(in place: Placement.Place) throws {
        try forEachInterrupted { _ = try discard($0, in: place) }
    }

    /// Remembers what an interrupted transfer has committed.
    func note(_ committed: Snapshot, of transfer: TransferID) throws {
        let encoded = try committed.encode()
        try domain.gate.pass(.record)
        try store.amend(transfer, statKeys: encoded)
    }

    /// Removes what one transfer left, wherever that is; `false` if some of it may be left. Nothing is done if its root
    /// cannot be opened or is another folder than it was, such as the mount point of a disk that is not there. Where the
    /// root is there and the destination beneath it is not, nothing is left.
    func discard(_ claim: TransferClaim) throws -> Bool {
        guard let record = try store.transfer(claim.transfer) else { return false }
        guard isHere(record) else { return false }
        let entries = (try? Manifest(decoding: record.manifest))?.entries ?? []
        let isSingleFile = entries.count == 1 && entries[0].kind != .folder
        let place: Placement.Place
        do throws(RebuildError) {
            place = try Placement.Place(again: record.summary, isSingleFile: isSingleFile)
        } catch {
            guard error.isAbsence, !DestinationRoot.identity(of: record.summary.root).isEmpty else { return false }
            return try store.finish(claim.transfer)
        }
        return try discard(claim, in: place)
    }

    /// A claimed transfer to this destination, with the manifest that it had; a single file is named as `place` names
    /// it.
    func earlier(_ claim: TransferClaim, in place: Placement.Place) throws -> RebuildSetup.Interrupted? {
        guard let record = try store.transfer(claim.transfer), record.summary.role == role,
            record.summary.peer == domain.peer.party, record.summary.destination == destination
        else { return nil }
        guard var manifest = try? Manifest(decoding: record.manifest) else { return nil }
        if let name = place.singleFileName, manifest.entries.count == 1 { manifest.entries[0].path = name }
        let committed = place.mayBeRead ? nil : (try? Snapshot(decoding: record.statKeys)) ?? Snapshot()
        return RebuildSetup.Interrupted(transfer: claim.transfer, manifest: manifest, committed: committed)
    }

    /// Whether the root of a transfer is the folder that it was: it may be the mount point of a disk that is not there.
    private func isHere(_ transfer: TransferRecord) -> Bool {
        let identity = transfer.summary.rootIdentity
        return identity.isEmpty || identity == DestinationRoot.identity(of: transfer.summary.root)
    }

    /// The temporary files go before the record of them.
    private func discard(_ claim: TransferClaim, in place: Placement.Place) throws -> Bool {
        guard let record = try store.transfer(claim.transfer), isHere(record) else { return false }
        if let earlier = try earlier(claim, in: place) {
            guard try Rebuilder.discard(earlier, root: place.root, gate: domain.gate) else { return false }
        }
        return try store.finish(claim.transfer)
    }
}
