import PacketFS

/// `{"event":"home"}`: a home that was made.
struct HomeEvent: Encodable {
    let event = "home"
    let state: String
    let data: String

    init(_ location: HomeLocation) {
        state = location.state
        data = location.data
    }
}

/// `{"event":"peer"}`: one peer's entry. There is no secret in it.
struct PeerEvent: Encodable {
    let event = "peer"
    let name: String
    let address: String?
    let grants: [GrantValue]
    let suite: String
    let fingerprint: String?
    let vault: String?
    let maxSessions: Int
    var acknowledgedBytes: UInt64?
    var acknowledgedExtents: Int?
    var pendingBytes: UInt64?
    var replicaBytes: UInt64?
    var replicaExtents: Int?

    struct GrantValue: Encodable {
        let root: String
        let verbs: [String]
    }

    init(_ peer: Peer) {
        name = peer.name
        address = peer.address
        grants = peer.grants.map { GrantValue(root: $0.root, verbs: $0.verbs.map(\.rawValue).sorted()) }
        suite = peer.suite.rawValue
        fingerprint = peer.fingerprint
        vault = peer.vault
        maxSessions = peer.maxSessions
    }

    init(_ status: HomeStatus.PeerStatus) {
        self.init(status.peer)
        acknowledgedBytes = status.acknowledgedBytes
        acknowledgedExtents = status.acknowledgedExtents
        pendingBytes = status.pendingBytes
        replicaBytes = status.replicaBytes
        replicaExtents = status.replicaExtents
    }
}

/// `{"event":"unfinished"}`: a transfer that can be resumed.
struct UnfinishedEvent: Encodable {
    let event = "unfinished"
    let peer: String
    let isSending: Bool
    let destination: String
    let asked: String?
    let startedAt: Int64

    init(_ transfer: HomeStatus.Unfinished) {
        peer = transfer.peer
        isSending = transfer.isSending
        destination = transfer.destination
        asked = transfer.asked
        startedAt = transfer.startedAt
    }
}

/// `{"event":"removed"}`: a peer that was forgotten.
struct RemovedEvent: Encodable {
    let event = "removed"
    let name: String
}

/// `{"event":"purged"}`: interrupted transfers that were too old.
struct PurgedEvent: Encodable {
    let event = "purged"
    let transfers: Int
}

/// `{"event":"metrics"}`: where the numbers of a server can be read.
struct MetricsEvent: Encodable {
    let event = "metrics"
    let address: String
}

/// `{"event":"listening"}`: where a server listens.
struct ListeningEvent: Encodable {
    let event = "listening"
    let address: String
}
