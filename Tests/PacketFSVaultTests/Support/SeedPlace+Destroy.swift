import PacketFSVault

extension SeedPlace {
    /// Destroys whatever seed is there.
    func destroy() throws(VaultError) {
        try destroy { _ throws(VaultError) in true }
    }
}
