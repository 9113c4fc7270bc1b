import PacketFSBlob
import PacketFSEngine
import PacketFSRebuild
import PacketFSStore
import PacketFSWire

/// A tree that arrives: the rebuilder with what it reads and writes, and what is remembered of it.
final class IncomingTransfer: Incoming {
    private let offer: Offer
    private let asked: Asked?
    private let claim: TransferClaim
    /// The interrupted transfer that is taken up.
    private var earlier: TransferClaim?
    /// What that had committed.
    private let committedEarlier: Snapshot?
    private let place: Placement.Place
    private let replica: ReplicaLog
    private let journal: TransferJournal
    private let rebuilder: Rebuilder
    let wish = Wish()
    private var digests: [FileDigest] = []
    private var changes: [PathChange] = []
    private var undeleted: [TransferWarning] = []

    init(
        offer: Offer, asked: Asked?, claim: TransferClaim, earlier: TransferClaim?, place: Placement.Place,
        replica: ReplicaLog, holdings: Holdings, journal: TransferJournal, tagger: any LeafTagger, gate: any WriteGate,
        spreads: Bool
    ) throws {
        self.offer = offer
        self.asked = asked
        self.claim = claim
        self.earlier = earlier
        self.place = place
        self.replica = replica
        self.journal = journal
        var options = offer.options
        options.keepsSpecialModes = options.keepsSpecialModes && place.mayBeSpecial
        options.keepsOwner = options.keepsOwner && place.mayBeSpecial
        var setup = RebuildSetup(transfer: offer.transfer, options: options)
        setup.singleFileName = place.singleFileName
        setup.comparesStanding = options.checksums && place.mayBeRead
        setup.replica = RebuildSetup.Replica(
            log: replica.log, holdings: holdings,
            learning: offer.options.learns ? ExtentBuilder(log: replica.log, held: RunSet(holdings.runs)) : nil)
        setup.snapshot = try journal.snapshot()
        setup.resuming = try earlier.flatMap { try journal.earlier($0, in: place) }
        committedEarlier = setup.resuming?.committed
        setup.gate = gate
        if spreads { setup.spread = PeerLane.spread }
        setup.isWanted = { [wish] in wish.stands }
        rebuilder = try Rebuilder(root: place.root, setup: setup, tagger: tagger)
    }

    var isComplete: Bool { rebuilder.isComplete }
    private var entries: [ManifestEntry] { rebuilder.manifest?.entries ?? [] }

    var progress: Progress {
        var progress = Progress()
        progress.phase = .transferring
        progress.bytesDone = rebuilder.progress.verified
        progress.bytesTotal = rebuilder.progress.announced
        progress.leavesRepaired = rebuilder.progress.leavesRepaired
        return progress
    }

    func takesLong(_ record: DataRecord) -> Bool { rebuilder.takesLong(record) }
    func takesLong(_ leaf: LeafID) -> Bool { rebuilder.takesLong(leaf) }

    func rebuild(_ record: DataRecord) throws -> Receiver.Rebuilt {
        try follow(rebuilder.record(record))
    }

    func wrongParts(of leaf: LeafID, tags: [UInt8]) throws -> [Int] {
        try rebuilder.tags(leaf, tags)
    }

    /// A verified leaf may complete the manifest, and that may show what is lacking.
    func patch(_ leaf: LeafID, part: Int, offset: Int, bytes: [UInt8]) throws -> (Receiver.Patched, Receiver.Rebuilt) {
        switch try rebuilder.part(leaf, part: part, offset: offset, bytes: bytes) {
        case .incomplete: (.incomplete, .done)
        case .verified(let step): (.verified, try follow(step))
        case .wrong: (.wrong, .done)
        }
    }

    func drop(_ entries: [FailedEntry]) throws {
        try rebuilder.dropped(entries)
    }

    func commit() throws -> Receipt {
        // What others left here is of no use any more, what was taken up neither, and keeps a folder from giving way; if
        // it cannot go, nothing else is kept from its place.
        earlier = nil
        if !offer.options.isDryRun { try? journal.discardInterrupted(in: place) }
        let finished = try rebuilder.finish()
        try replica.insert(
            finished.receipt.learned.map { extent in
                let files = rebuilder.entries(of: extent)
                return (
                    extent: extent, first: files.map { entries[$0.lowerBound].path } ?? [],
                    last: files.map { entries[$0.upperBound].path } ?? []
                )
            }, transfer: offer.transfer)
        try replica.drop(finished.lost)
        if !offer.options.isDryRun { try complete(finished.snapshot) }
        digests = finished.digests.sorted { $0.key < $1.key }.map { entry, digest in
            FileDigest(path: entries[entry].path, sha256: digest.hexadecimal)
        }
        changes =
            finished.wouldWrite.map { PathChange(.write, String(path: entries[$0].path)) }
            + finished.wouldRemove.map { PathChange(.delete, String(path: $0)) }
        undeleted = finished.undeleted.map { TransferWarning(undeleted: $0.path, $0.failure) }
        var receipt = finished.receipt
        receipt.failures += withheld(besides: receipt.failures)
        return receipt
    }

    func giveUp() { wish.withdraw() }

    /// Where the sender may not read, no file is taken for committed by it that was not: another's may look the same. What
    /// is not remembered is only sent again.
    func interrupt(within leaf: CutLeaf?) {
        guard !offer.options.isDryRun else { return }
        try? rebuilder.keepRepaired()
        if let leaf { try? rebuilder.keep(leaf) }
        guard !place.mayBeRead else { return }
        try? journal.note(rebuilder.committed.merged(over: committedEarlier ?? Snapshot()), of: offer.transfer)
    }

    /// Entries whose special bits the sender asked to keep, and may not: it is told that some of their metadata lacks.
    private func withheld(besides failures: [FailedEntry]) -> [FailedEntry] {
        guard offer.options.keepsSpecialModes, !place.mayBeSpecial else { return [] }
        let failed = Set(failures.map(\.entry))
        return entries.indices.filter { entries[$0].mode & 0o6000 != 0 && !failed.contains($0) }
            .map { FailedEntry(entry: $0, failure: .metadata) }
    }

    func warnings(from receipt: Receipt) -> [TransferWarning] {
        receipt.failures.filter { entries.indices.contains($0.entry) }.map { TransferWarning($0, in: entries) }
            + undeleted
    }

    func count(in summary: inout TransferSummary) {
        summary.entries = entries.count
        summary.treeBytes = entries.reduce(0) { $0 &+ $1.size }
        summary.contentBytes += rebuilder.progress.announced
        let paths = Set(digests.map(\.path))
        summary.digests.removeAll { paths.contains($0.path) }
        summary.digests += digests
        summary.changes = changes
    }

    private func complete(_ snapshot: Snapshot) throws {
        try journal.discardInterrupted(in: place)
        try journal.complete(offer.transfer, snapshot, emptied: offer.options.emptied(of: entries))
    }

    /// The manifest is journalled before anything changes at the destination.
    private func follow(_ step: RebuildStep) throws -> Receiver.Rebuilt {
        switch step {
        case .none:
            return .done
        case .failed(let leaf):
            return .failed(leaf)
        case .wanted(let entries):
            return .lacking(entries)
        case .manifestReady:
            // A file under a new name has the name that our user gave it.
            if place.singleFileName == nil { try asked?.check(entries) }
            if !offer.options.isDryRun {
                try journal.begin(
                    claim.transfer, root: place.base, identity: DestinationRoot.identity(of: place.base),
                    manifest: rebuilder.manifestBytes)
            }
            return try follow(rebuilder.proceed())
        }
    }
}
