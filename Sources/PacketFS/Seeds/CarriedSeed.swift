import PacketFSVault

/// The file that brings a seed to this machine, and is destroyed once the seed is taken in.
struct CarriedSeed {
    let file: String
    let isKept: Bool

    /// Throws, too, if the file is to be destroyed and could not be: nothing is taken in then.
    func read() throws -> PeerFile {
        let contents = try SeedFileUse(file, .read).naming { try PeerFile(reading: file) }
        if !isKept { try requireDestroyable() }
        return contents
    }

    private func requireDestroyable() throws {
        do {
            try PeerFile.requireDestroyable(file)
        } catch {
            var failure = PacketFSError(error, using: SeedFileUse(file, .destroyed))
            failure.hint = "--keep-file takes it in all the same: destroy it yourself then"
            throw failure
        }
    }

    /// The seed is ours now. `leaving` is told if the file stays where it should not.
    func destroy(_ gate: any SeedGate, _ leaving: (PacketFSError) throws -> Void) throws {
        try gate.pass(.destroy)
        guard !isKept else { return }
        do {
            try PeerFile.destroy(file)
        } catch {
            let failure = PacketFSError(error, using: SeedFileUse(file, .destroyed))
            try leaving(
                PacketFSError(.partial, failure.message, hint: "the seed was taken in: destroy the file", cause: error))
        }
    }
}
