/// The sender's announcement of a transfer.
package struct Offer: Equatable, Sendable {
    package var transfer: TransferID
    /// Path at the receiver, as the user wrote it: absolute, or relative to the peer's first root.
    package var destination: String
    package var options: TransferOptions
    /// The sender's log that copies address.
    package var log: LogID
    /// SHA-256 over the holdings that the sender believes the receiver to have (`Specs/blob.md` §5).
    package var holdingsDigest: [UInt8]
    /// An earlier transfer to the same destination that did not finish: the receiver is to say what it has of it, by
    /// `anew`, or `accept` if it has nothing.
    package var resumes: TransferID?
    /// The interrupted transfer whose bytes this plan calls held: what `anew` named.
    package var continues: TransferID?
    /// No files: the content stream is extents of the log, for the replica alone (`Specs/blueprint.md` §8.1).
    package var provisions: Bool

    package init(
        transfer: TransferID, destination: String, options: TransferOptions, log: LogID, holdingsDigest: [UInt8],
        resumes: TransferID? = nil, continues: TransferID? = nil, provisions: Bool = false
    ) {
        self.transfer = transfer
        self.destination = destination
        self.options = options
        self.log = log
        self.holdingsDigest = holdingsDigest
        self.resumes = resumes
        self.continues = continues
        self.provisions = provisions
    }
}

/// The receiver's word to an initiator-receiver's sender: send me this (`get`).
package struct Request: Equatable, Sendable {
    package var sources: [String]
    package var options: TransferOptions
    /// Where the requester will put it: only a name for the sender's records of what it delivered.
    package var destination: String
    package var excludes: [String]
    package var offersCompression: Bool
    package var offersMatching: Bool
    package var offsetOnly: Bool

    package init(
        sources: [String], options: TransferOptions, destination: String, excludes: [String] = [],
        offersCompression: Bool = true, offersMatching: Bool = true, offsetOnly: Bool = false
    ) {
        self.sources = sources
        self.options = options
        self.destination = destination
        self.excludes = excludes
        self.offersCompression = offersCompression
        self.offersMatching = offersMatching
        self.offsetOnly = offsetOnly
    }
}

/// The receiver cannot take an offer as it stands: offer anew, with this in mind.
package struct PartialState: Equatable, Sendable {
    /// The offer that is void with all its data.
    package var voids: TransferID
    /// The interrupted transfer of which the receiver still has bytes, if any: a hint, checked against the new tags.
    package var transfer: TransferID?
    /// Bytes on disk of file entries of that transfer's manifest, ascending by entry.
    package var files: [PartialFile]

    package init(voids: TransferID, transfer: TransferID?, files: [PartialFile]) {
        self.voids = voids
        self.transfer = transfer
        self.files = files
    }
}

package struct PartialFile: Equatable, Sendable {
    package var entry: Int
    package var bytes: UInt64

    package init(entry: Int, bytes: UInt64) {
        self.entry = entry
        self.bytes = bytes
    }
}

/// Why one entry was not committed.
package enum EntryFailure: UInt8, Sendable, CaseIterable {
    /// The source changed or vanished while it was read.
    case sourceChanged = 1
    /// The receiver could not write it: permission.
    case permission = 2
    /// Something of another kind stands there and may not be replaced.
    case occupied = 3
    /// The path leads out of the root, or through a link.
    case confinement = 4
    /// Its metadata could not be set; its content is committed.
    case metadata = 5
    /// Any other error of the receiver's file system.
    case fileSystem = 6
    /// The source could not be read.
    case unreadable = 7
}

package struct FailedEntry: Equatable, Sendable {
    package var entry: Int
    package var failure: EntryFailure

    package init(entry: Int, failure: EntryFailure) {
        self.entry = entry
        self.failure = failure
    }
}

/// What the receiver did, sent once everything is durable.
package struct Receipt: Equatable, Sendable {
    package var transfer: TransferID
    package var filesWritten: Int
    package var filesKept: Int
    package var deleted: Int
    package var bytesWritten: UInt64
    package var leavesRepaired: Int
    package var bytesRepaired: UInt64
    package var extentsHealed: Int
    package var extentsLost: Int
    package var failures: [FailedEntry]
    /// What of the transfer's literals the replica now holds.
    package var learned: [Extent]

    package init(
        transfer: TransferID, filesWritten: Int = 0, filesKept: Int = 0, deleted: Int = 0, bytesWritten: UInt64 = 0,
        leavesRepaired: Int = 0, bytesRepaired: UInt64 = 0, extentsHealed: Int = 0, extentsLost: Int = 0,
        failures: [FailedEntry] = [], learned: [Extent] = []
    ) {
        self.transfer = transfer
        self.filesWritten = filesWritten
        self.filesKept = filesKept
        self.deleted = deleted
        self.bytesWritten = bytesWritten
        self.leavesRepaired = leavesRepaired
        self.bytesRepaired = bytesRepaired
        self.extentsHealed = extentsHealed
        self.extentsLost = extentsLost
        self.failures = failures
        self.learned = learned
    }

    /// Whether the sender may offer another transfer behind it (`Specs/blueprint.md` §8, step 9).
    package var mayBeFollowed: Bool { failures.contains { $0.failure == .sourceChanged } }
}

/// Why a party gives a transfer up. The other side may show it; nothing else of the reason travels.
package enum AbortReason: UInt8, Error, Sendable, CaseIterable {
    case refusedByPolicy = 1
    case destinationUnusable = 2
    case diskFull = 3
    case malformed = 4
    case limitExceeded = 5
    case sourceUnusable = 6
    case missingBytes = 7
    case stopping = 8
    case internalError = 9
    case busy = 10
    case integrity = 11
    /// The pad has too few bytes left.
    case padExhausted = 12
    /// No such pad is here, or it is locked, damaged, or in use.
    case padUnusable = 13
}

/// Messages of the control plane (`Specs/blueprint.md` §3). Lists that may exceed one frame travel in several messages,
/// the last with `isLast`.
package enum ControlMessage: Equatable, Sendable {
    case request(Request)
    case offer(Offer)
    /// The receiver has what the offer assumes and is ready; data may flow (or goes on flowing).
    case accept(TransferID)
    /// From the receiver: what it really holds of the sender's log, where an offer assumed otherwise; `anew` follows.
    /// From the sender, before it offers anew: what of that it knows; the receiver drops the rest.
    case holdings(LogID, [Extent], isLast: Bool)
    case anew(PartialState, isLast: Bool)
    /// Kept entries that the receiver does not have: file entry numbers, ascending.
    case want([Int], isLast: Bool)
    /// Entries whose source changed while it was read, and that must not be committed.
    case dropped([FailedEntry])
    case receipt(Receipt, isLast: Bool)
    case abort(AbortReason)
    case alive
    /// The sealed end of a direction: data-plane bytes and frames that it carried.
    case end(bytes: UInt64, frames: UInt64)
    /// Before anything else, from both ends: what covers payloads from here on.
    case cover(CoverHello)
    /// Blocks of the writer's half of a pad whose bytes cover the payloads that follow.
    case blocks(start: UInt64, count: UInt64)
    /// A one-time-pad message of so many bytes follows, in pieces, from a holder of its pad, as the `pad` kind of hello
    /// shows (`Specs/pads.md` §6.1).
    case message(length: UInt64, CoverHello)
    case piece([UInt8])
}

/// Messages of the repair plane (`Specs/blueprint.md` §7).
package enum RepairMessage: Equatable, Sendable {
    /// Receiver: this leaf did not verify; send the tags of its parts.
    case failed(LeafID)
    /// Sender: the tags of the leaf's parts in order, `Limits.tag` bytes each.
    case tags(LeafID, [UInt8])
    /// Receiver: these parts are wrong (part numbers, ascending).
    case wanted(LeafID, [Int])
    /// Sender: bytes of one part from `offset` on; encoded, they may be compressed, or split where they exceed a frame.
    case part(LeafID, part: Int, offset: Int, bytes: [UInt8])
}

/// Records of the data plane's byte stream (`Specs/blueprint.md` §4).
package enum DataRecord: Equatable, Sendable {
    /// Opens a transfer: the lengths of its two streams in bytes.
    case opening(TransferID, manifest: UInt64, content: UInt64)
    case leaf(LeafID, LeafBlueprint)
    /// Right after the manifest stream: the origin of each file entry, in manifest order.
    case origins([Origin])
    /// The contents of wanted entries follow and lengthen the content stream by these bytes; a new leaf begins.
    case more(content: UInt64)
}
