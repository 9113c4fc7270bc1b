extension Optional {
    /// The value, or an error of this kind.
    func orThrow(_ code: PacketFSError.Code, _ message: String) throws(PacketFSError) -> Wrapped {
        guard let self else { throw PacketFSError(code, message) }
        return self
    }
}
