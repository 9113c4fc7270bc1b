extension Home {
    /// The peers, by name.
    public func peers() throws -> [Peer] { [] }

    /// Draws a seed for a new peer and writes the peer's half of it to a new file of mode 0600, to be carried there by
    /// a safe way and imported once. `reachedAt`, if given, tells the peer where we listen, as `host:port`.
    public func newPeer(
        _ name: String, exportingTo file: String, reachedAt: String? = nil, address: String? = nil,
        grants: [Grant] = [], suite: Suite = .aes256gcm
    ) throws -> Peer {
        throw PacketFSError(.internal, "")
    }

    /// Takes in the file that `newPeer` wrote elsewhere, and removes it unless `keepsFile`. Refuses files that others
    /// can read, and files that this very home exported.
    public func importPeer(
        from file: String, as name: String? = nil, address: String? = nil, grants: [Grant] = [], keepsFile: Bool = false
    ) throws -> Peer {
        throw PacketFSError(.internal, "")
    }

    /// Changes a peer's entry; `nil` leaves a field as it is.
    public func updatePeer(
        _ name: String, address: String? = nil, grants: [Grant]? = nil, suite: Suite? = nil, maxSessions: Int? = nil
    ) throws -> Peer {
        throw PacketFSError(.internal, "")
    }

    /// Forgets a peer: its seed, blob and journals are destroyed. Files that it sent stay.
    public func removePeer(_ name: String) throws {}
}
