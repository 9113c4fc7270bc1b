import Glibc
import PacketFSRebuild
import PacketFSStore
import PacketFSWire

/// Where offered files may go.
enum Placement {
    /// Beneath the roots that a peer's entry grants for `put`, in the entry's order; `special`: those of them where it
    /// also chooses special bits and owners; `readable`: those where it may `get`, too.
    case granted([String], special: Set<String>, readable: Set<String>)
    /// Where the user of this machine said (`get`), as an absolute path.
    case local(String)

    /// A folder, and the name in it for a single file.
    struct Place {
        /// Absolute path of the destination: the key of our records about it.
        var path: String
        /// What `path` lies beneath and nothing leads out of.
        var base: String
        var root: DestinationRoot
        var singleFileName: [UInt8]?
        /// Whether files may get special bits, and owners, as the sender has them.
        var mayBeSpecial = true
        /// Whether the sender may learn what stands there.
        var mayBeRead = true
    }

    /// Throws `AbortReason.refusedByPolicy` for what no grant covers, `RebuildError` for what cannot be opened.
    func place(_ offer: Offer, gate: any WriteGate) throws -> Place {
        switch self {
        case .local(let path):
            return try open(base: path, relative: "", needsBase: false, offer, gate)
        case .granted(let roots, let special, let readable):
            guard let (base, relative) = Grants(roots: roots).resolve(offer.destination) else {
                throw AbortReason.refusedByPolicy
            }
            var place = try open(base: base, relative: relative, needsBase: true, offer, gate)
            place.mayBeSpecial = special.contains(base)
            place.mayBeRead = readable.contains(base)
            return place
        }
    }

    /// `needsBase`: what a peer's entry allows is never made.
    private func open(
        base: String, relative: String, needsBase: Bool, _ offer: Offer, _ gate: any WriteGate
    ) throws -> Place {
        let path = relative.isEmpty ? base : base + "/" + relative
        let creates = !offer.options.isDryRun
        if offer.options.isSingleFile {
            let place = try DestinationRoot.place(
                base: base, relative: Array(relative.utf8), creates: creates, needsBase: needsBase, gate: gate)
            return Place(path: path, base: base, root: place.root, singleFileName: place.name)
        }
        do {
            let root = try DestinationRoot.open(
                base: base, relative: Array(relative.utf8), creates: creates, needsBase: needsBase, gate: gate)
            return Place(path: path, base: base, root: root, singleFileName: nil)
        } catch RebuildError.unusableDestination(ENOENT) where !creates {
            return Place(path: path, base: base, root: DestinationRoot.absent(), singleFileName: nil)
        }
    }
}

extension Placement.Place {
    /// Where an earlier transfer went; nothing is made. Throws `unusableDestination` if that cannot be opened.
    init(again transfer: PacketFSStore.TransferSummary, isSingleFile: Bool) throws(RebuildError) {
        let base = transfer.root
        let relative = Array(transfer.destination.utf8.dropFirst(base.utf8.count + 1))
        guard isSingleFile else {
            let root = try DestinationRoot.open(base: base, relative: relative, creates: false)
            self.init(path: transfer.destination, base: base, root: root)
            return
        }
        let place = try DestinationRoot.place(base: base, relative: relative, creates: false)
        self.init(path: transfer.destination, base: base, root: place.root, singleFileName: place.name)
    }
}
