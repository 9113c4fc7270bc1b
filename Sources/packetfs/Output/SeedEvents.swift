import PacketFS

/// `{"event":"seed"}`: a seed, and where it is. There is no secret in it.
struct SeedEvent: Encodable {
    let event = "seed"
    let peer: String
    let generation: UInt32
    let state: String
    let vault: String
    let fingerprint: String

    init(_ seed: SeedInfo) {
        peer = seed.peer
        generation = seed.generation
        state = seed.state.rawValue
        vault = seed.vault
        fingerprint = seed.fingerprint
    }
}

/// `{"event":"abandoned"}`: a vault in which a seed is still to be destroyed.
struct AbandonedEvent: Encodable {
    let event = "abandoned"
    let vault: String
}

/// `{"event":"revoked"}`: seeds that are no longer taken.
struct RevokedEvent: Encodable {
    let event = "revoked"
    let peer: String
    let seeds: Int
}

/// `{"event":"backup"}`: a seed that was backed up.
struct BackupEvent: Encodable {
    let event = "backup"
    let peer: String
    let file: String
}
