import PacketFS

/// A peer's entry, for people.
enum PeerText {
    /// The name, and the fingerprint to compare.
    static func fingerprint(_ peer: Peer) -> [String] {
        [
            "peer \(peer.name.printable)",
            "fingerprint \(peer.fingerprint ?? "revoked")",
            "compare it with what the other machine prints",
        ]
    }

    /// Everything in the entry.
    static func entry(_ peer: Peer) -> [String] {
        let grants = peer.grants.map { grant in
            "allows       \(grant.verbs.map(\.rawValue).sorted().joined(separator: ",")):\(grant.root.printable)"
        }
        return [
            "peer         \(peer.name.printable)",
            "address      \(peer.address?.printable ?? "-")",
            "fingerprint  \(peer.fingerprint ?? "revoked")",
            "vault        \(peer.vault?.printable ?? "-")",
            "suite        \(peer.suite.rawValue)",
            "max sessions \(peer.maxSessions)",
        ] + (grants.isEmpty ? ["allows       nothing"] : grants)
    }
}
