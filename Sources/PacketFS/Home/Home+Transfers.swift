extension Home {
    /// Sends files and folders. A source with a trailing `/` means what is in it, as with rsync.
    public func send(_ sources: [String], to destination: PeerPath, options: SendOptions = SendOptions()) -> Transfer {
        Transfer { _ in throw PacketFSError(.internal, "") }
    }

    /// Fetches files and folders of a peer into a local path.
    public func get(_ sources: [PeerPath], into destination: String, options: SendOptions = SendOptions()) -> Transfer {
        Transfer { _ in throw PacketFSError(.internal, "") }
    }

    /// Plans a transfer against what the peer is known to hold, and sends nothing.
    public func plan(
        _ sources: [String], for destination: PeerPath, options: SendOptions = SendOptions()
    ) throws -> PlanExplanation {
        PlanExplanation()
    }

    /// What the home holds.
    public func status() throws -> HomeStatus {
        HomeStatus(location: location, peers: [], unfinished: [])
    }
}
