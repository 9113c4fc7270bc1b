import PacketFS

/// Seeds, for people.
enum SeedText {
    static func lines(_ seeds: [SeedInfo]) -> [String] {
        var table = Table(["peer", "state", "generation", "fingerprint", "vault"], right: [2])
        for seed in seeds {
            table.add([seed.peer, seed.state.rawValue, "\(seed.generation)", seed.fingerprint, seed.vault])
        }
        return table.lines
    }

    static func abandoned(_ vault: String) -> String { "a seed is still to be destroyed: \(vault.printable)" }
}
