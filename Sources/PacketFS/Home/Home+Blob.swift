extension Home {
    /// Adds the contents of files to our log for a peer, and sends them to its replica.
    public func addToBlob(_ paths: [String], peer: String, options: SendOptions = SendOptions()) -> Transfer {
        Transfer { _ in throw PacketFSError(.internal, "") }
    }

    /// Every extent, of one peer or of all.
    public func extents(peer: String? = nil) throws -> [ExtentInfo] { [] }

    /// Reads the whole blob and checks every digest; damaged extents are dropped.
    public func verifyBlob(peer: String? = nil) throws -> BlobVerification { BlobVerification() }

    /// Drops the oldest extents until at most `bytes` are left for each peer and log. Returns the bytes freed.
    public func trimBlob(to bytes: UInt64, peer: String? = nil) throws -> UInt64 { 0 }

    /// Drops every extent that holds bytes of this path (as the manifest names it) or of what is beneath it. Returns
    /// the bytes freed.
    public func forget(path: String, peer: String? = nil) throws -> UInt64 { 0 }
}
