package import PacketFSSecrets

/// A place where one seed lives. It answers its one function, and never gives the seed away.
package protocol Vault: SeedPRF, Sendable where Failure == VaultError {}
