package import PacketFSBlob
package import PacketFSWire

/// What a transfer is rebuilt from and into.
package struct RebuildSetup {
    package var transfer: TransferID
    package var options: TransferOptions
    /// The new name of the one file of the transfer, if it gets one.
    package var singleFileName: [UInt8]?
    /// A file that turns out to be right already is not replaced. Whether one is shows to the sender, which must be one
    /// that may read it.
    package var comparesStanding = false
    package var replica: Replica?
    /// What this machine committed at this destination before.
    package var snapshot: Snapshot?
    /// The interrupted transfer to take up, with its journalled manifest.
    package var resuming: Interrupted?
    package var gate: any WriteGate = OpenGate()
    /// Whether anybody waits for the look at what is here, which throws `givenUp` if not.
    package var isWanted: @Sendable () -> Bool = { true }
    /// How what is to be done with many files is done.
    package var spread: Spread = { count, work in (0..<count).forEach(work) }

    package init(transfer: TransferID, options: TransferOptions) {
        self.transfer = transfer
        self.options = options
    }

    /// The replica of the sender's log, and what it holds.
    package struct Replica {
        package var log: Log
        /// Sorted and disjoint.
        package var extents: [Extent]
        package var runs: RunSet
        /// `nil` if nothing is learned.
        package var learning: ExtentBuilder?

        package init(log: Log, holdings: Holdings, learning: ExtentBuilder?) {
            self.log = log
            extents = holdings.extents
            runs = RunSet(holdings.runs)
            self.learning = learning
        }
    }

    package struct Interrupted {
        package var transfer: TransferID
        package var manifest: Manifest
        /// The files that it committed, where nothing else may be taken for them: what is taken up shows to the sender.
        /// `nil`: whatever has the size and time of an entry is compared.
        package var committed: Snapshot?

        package init(transfer: TransferID, manifest: Manifest, committed: Snapshot? = nil) {
            self.transfer = transfer
            self.manifest = manifest
            self.committed = committed
        }
    }
}

/// What a record led to.
package enum RebuildStep: Equatable, Sendable {
    case none
    /// The leaf's tag does not hold; it waits for `tags`.
    case failed(LeafID)
    /// The manifest is known: journal `Rebuilder.manifestBytes`, then call `proceed`.
    case manifestReady
    /// Kept entries that are not here (ascending, never empty): ask the sender for them.
    case wanted([Int])
}

/// How far the repair of a leaf is.
package enum LeafState: Equatable, Sendable {
    case incomplete
    /// Verified, and what that led to: nothing, or `manifestReady`.
    case verified(RebuildStep)
    /// Every part came, and a tag does not hold.
    case wrong
}

/// Rebuilds the files of one transfer, verifies and commits them (`Specs/blueprint.md` §8). Calls come one at a time.
///
/// An error ends the transfer; what was verified stays beside its final names, for a later transfer to take up.
package final class Rebuilder {
    let setup: RebuildSetup
    let site: Site
    let tagger: any LeafTagger
    let decoder: LeafDecoder
    var learner: Learner?
    var learnedPlaces = LearnedPlaces()
    var healing: HealPlan?
    var pending: PendingLeaves
    var manifestLeaves: LeafSequence?
    var contentLeaves: LeafSequence?
    var assembly: ManifestAssembly?
    /// The manifest's encoding, from `manifestReady` until `proceed`.
    package internal(set) var manifestBytes: [UInt8] = []
    /// From `manifestReady` on.
    var table: EntryTable?
    /// From the moment that entries may be written.
    var files: FileStage?
    var mayWrite = false
    var origins: [Origin]?
    var droppedEarly: [FailedEntry] = []
    var wanted: [Int] = []
    var hasMore = false
    /// Of a dry run.
    var wouldWrite: [Int] = []
    /// What a pending leaf is read into.
    lazy var waiting = Block(byteCount: Limits.leaf)
    var bytesRepaired: UInt64 = 0

    package init(root: DestinationRoot, setup: RebuildSetup, tagger: any LeafTagger) throws(RebuildError) {
        self.setup = setup
        self.tagger = tagger
        site = try Site(
            root: root, transfer: setup.transfer, options: setup.options, comparesStanding: setup.comparesStanding,
            gate: setup.gate, isWanted: setup.isWanted, spread: setup.spread)
        decoder = try LeafDecoder(replica: setup.replica?.log, runs: setup.replica?.runs ?? RunSet([]))
        pending = PendingLeaves(site.scratch(0))
        guard let replica = setup.replica, !setup.options.isDryRun else { return }
        learner = replica.learning.map { Learner($0, gate: setup.gate) }
        healing = HealPlan(log: replica.log, extents: replica.extents, scratch: site.scratch(1), gate: setup.gate)
    }

    /// The manifest, from `manifestReady` on.
    package var manifest: Manifest? { table?.manifest }

    /// The first and the last file of which a learned extent holds bytes, as entries; `nil` if it holds the manifest's.
    package func entries(of extent: Extent) -> ClosedRange<Int>? {
        learnedPlaces.entries(of: extent)
    }

    /// The files that stand under their final names by now, as this machine committed them.
    package var committed: Snapshot { table.map(snapshot) ?? Snapshot() }

    /// Whether every byte of every stream is verified, and nothing more is to come: `finish` may be called.
    package var isComplete: Bool {
        guard let contentLeaves, table != nil, origins != nil, mayWrite else { return false }
        return contentLeaves.isExhausted && pending.isEmpty && (wanted.isEmpty || hasMore)
    }

    /// Bytes of the content stream that are verified, and all of it as far as it is announced.
    package internal(set) var progress = Progress()

    package struct Progress: Equatable, Sendable {
        package var verified: UInt64 = 0
        package var announced: UInt64 = 0
        package var leavesPending = 0
        package var leavesRepaired = 0
    }

    /// Bytes on disk of each file of an interrupted transfer: a hint for its sender.
    package static func partialFiles(of interrupted: RebuildSetup.Interrupted, root: DestinationRoot) -> [PartialFile] {
        Leftovers(interrupted).files(beneath: root)
    }

    /// Gives, durably, what an interrupted transfer left beside final names to a later one that was interrupted, too, where
    /// that has nothing of its own.
    package static func handOver(
        _ earlier: RebuildSetup.Interrupted, to later: RebuildSetup.Interrupted, root: DestinationRoot,
        gate: any WriteGate = OpenGate()
    ) throws(RebuildError) {
        let site = try Site(root: root, transfer: later.transfer, options: TransferOptions(), gate: gate)
        var leftovers = Leftovers(earlier)
        let entries = later.manifest.entries
        _ = try leftovers.takeOver(
            entries.indices.lazy.filter { entries[$0].kind == .file }, of: later.manifest, at: site)
        try site.syncFolders()
    }

    /// Removes, durably, what an interrupted transfer left beside final names, once nobody will take it up. `false` if
    /// some of it may be left.
    package static func discard(
        _ interrupted: RebuildSetup.Interrupted, root: DestinationRoot, gate: any WriteGate = OpenGate()
    ) throws(RebuildError) -> Bool {
        let site = try Site(root: root, transfer: interrupted.transfer, options: TransferOptions(), gate: gate)
        let areGone = try Leftovers(interrupted).removeAll(at: site)
        try site.syncFolders()
        return areGone
    }
}
