/// What a home holds.
public struct HomeStatus: Sendable {
    /// One peer's part of it.
    public struct PeerStatus: Sendable {
        /// The peer.
        public var peer: Peer
        /// Bytes of our log that the peer holds, and extents.
        public var acknowledgedBytes: UInt64
        /// Extents of our log that the peer holds.
        public var acknowledgedExtents: Int
        /// Bytes of our log that the peer does not hold (yet).
        public var pendingBytes: UInt64
        /// Bytes of the peer's log that we hold.
        public var replicaBytes: UInt64
        /// Extents of the peer's log that we hold.
        public var replicaExtents: Int
    }

    /// A transfer that was begun and not finished.
    public struct Unfinished: Sendable {
        /// The peer's name.
        public var peer: String
        /// Whether this end was sending.
        public var isSending: Bool
        /// The destination as it was written; if the peer asked, what it calls it.
        public var destination: String
        /// What the peer asked for, if it did.
        public var asked: String?
        /// Seconds since 1970 when it began.
        public var startedAt: Int64
    }

    /// The folders.
    public var location: HomeLocation
    /// The peers, by name.
    public var peers: [PeerStatus]
    /// What can be resumed.
    public var unfinished: [Unfinished]
}

/// One extent of the blob.
public struct ExtentInfo: Sendable {
    /// The peer whose domain it belongs to.
    public var peer: String
    /// Whether it lies in our own log, else in the replica of the peer's.
    public var isOwn: Bool
    /// Address in the log, in bytes.
    public var address: UInt64
    /// Bytes.
    public var length: Int
    /// `acknowledged`, `pending` (own log), `held` (replica) or `damaged`.
    public var state: String
    /// The first and the last path whose bytes it holds.
    public var firstPath: String
    /// The last of them.
    public var lastPath: String
    /// Seconds since 1970 when it was learned.
    public var learnedAt: Int64
}

/// Result of checking the digests of the blob.
public struct BlobVerification: Sendable {
    /// Extents read.
    public var extents = 0
    /// Bytes read.
    public var bytes: UInt64 = 0
    /// Extents whose digest does not hold. They are dropped from the holdings; the peer is told at the next session.
    public var damaged: [ExtentInfo] = []
}

/// What `trimBlob` and `forget` gave back.
public struct BlobRelease: Sendable {
    /// Extents that were chosen, and dropped.
    public var extents = 0
    /// Bytes that the disk has again.
    public var bytes: UInt64 = 0
    /// Bytes among them that interrupted transfers had left.
    public var interruptedBytes: UInt64 = 0
    /// Of `forget`: bytes that peers added to their blobs without saying of which paths. They are not looked into, and stay.
    public var addedBytes: UInt64 = 0
    /// Peers with whom a session runs. What interrupted transfers left in their logs stays until it is over.
    public var busy: [String] = []
}

/// Where the wire bytes of a planned transfer would go (`plan --explain`).
public struct PlanExplanation: Sendable {
    /// One file, or the manifest.
    public struct Item: Sendable {
        /// Path relative to the destination; empty for the manifest.
        public var path: String
        /// Size in bytes.
        public var size: UInt64
        /// Bytes that come out of the blob.
        public var copied: UInt64
        /// Bytes that resemble bytes of the blob.
        public var added: UInt64
        /// Bytes of runs of one value.
        public var filled: UInt64
        /// Bytes that the blob lacks, before coding.
        public var literal: UInt64
        /// Its share of the descriptors, in wire bytes, as all that follow.
        public var descriptorBytes: UInt64
        /// Its share of what tells how added bytes differ.
        public var differenceBytes: UInt64
        /// Its share of the coded literals.
        public var literalBytes: UInt64
        /// Its share of the leaf tags.
        public var tagBytes: UInt64
        /// Whether the receiver is believed to have it unchanged.
        public var isKept: Bool
    }

    /// The manifest first, then the files in order. Their shares of wire bytes add up to the totals.
    public var items: [Item] = []
    /// Descriptors, in wire bytes.
    public var descriptorBytes: UInt64 = 0
    /// What tells how added bytes differ from those that they resemble, in wire bytes.
    public var differenceBytes: UInt64 = 0
    /// Coded literals, in wire bytes.
    public var literalBytes: UInt64 = 0
    /// Leaf tags, in wire bytes.
    public var tagBytes: UInt64 = 0
    /// Everything on the data plane before framing.
    public var recordBytes: UInt64 = 0
    /// Frame headers and tags of the data plane.
    public var overheadBytes: UInt64 = 0
    /// What padding adds to the data plane, about: the control plane's few frames are padded with it.
    public var paddingBytes: UInt64 = 0

    /// Empty.
    public init() {}
}
