package import PacketFSSecrets

/// A seed that can be asked, wherever it lives. It answers its one function, and never gives the seed away.
package protocol Vault: SeedPRF, Sendable where Failure == VaultError {}

/// Tells the seed that is looked for from every other.
package typealias SeedTest = (any Vault) throws(VaultError) -> Bool

/// A place where one seed can live, as a URI names it.
package protocol SeedPlace: Sendable {
    /// Opens the seed that is there, asking for a passphrase or a PIN where one is needed.
    func open() throws(VaultError) -> any Vault

    /// Puts a seed where none may be yet. After a crash the whole seed is there, or none.
    ///
    /// - Returns: the seed as it answers from there.
    func keep(_ seed: borrowing SecretKey<Seed>) throws(VaultError) -> any Vault

    /// Whether something is there already. Needs what `keep` would need.
    func isTaken() throws(VaultError) -> Bool

    /// Destroys the seed as well as the place allows, if that is the one meant. Throws `notFound` where none is, and for
    /// what came there by another hand: anything that is no seed, and a seed that `isMeant` denies, where it can be asked.
    func destroy(if isMeant: SeedTest) throws(VaultError)

    /// What the place lies in as it is now: the folder, the keyring, the token. Another one may be in its stead later, such
    /// as the empty folder that a stick was mounted on. `nil` where there is nothing of the kind, or always the same.
    func holder() throws(VaultError) -> String?

    /// Whether a seed that was put where `holder` was, and is not found, is gone, and not merely out of reach.
    func isGone(from holder: String?) -> Bool

    /// The seed itself, to be moved or backed up. Throws `notExtractable` where it cannot leave.
    func release() throws(VaultError) -> SecretKey<Seed>
}

extension SeedPlace {
    /// Gone if the place lies in what it lay in then.
    package func isGone(from holder: String?) -> Bool {
        (try? isStill(in: holder)) ?? false
    }

    /// Destroys the seed that was put here when the place lay in `holder`, content with its being gone. Where it lies in
    /// another one now, what is there is somebody else's. Throws `unreachable` for a seed that may still be somewhere.
    package func destroy(keptIn holder: String?, if isMeant: SeedTest) throws(VaultError) {
        do throws(VaultError) {
            guard try isStill(in: holder) else { throw .notFound }
            try destroy(if: isMeant)
        } catch .notFound {
            guard isGone(from: holder) else { throw .unreachable }
        }
    }

    /// Whether the place lies in what it lay in then, as far as that was known.
    private func isStill(in holder: String?) throws(VaultError) -> Bool {
        let current = try self.holder()
        return holder == nil || current == nil || holder == current
    }
}

/// A seed in locked memory, read out of a place that does not compute.
final class HeldSeed: Vault {
    private let seed: SecretKey<Seed>

    init(_ seed: consuming SecretKey<Seed>) {
        self.seed = seed
    }

    func prf<P: KeyPurpose>(_ label: SeedLabel<P>, fields: [[UInt8]]) throws(VaultError) -> SecretKey<P> {
        seed.hmac(label, fields: fields)
    }
}

extension HeldSeed: CustomStringConvertible, CustomReflectable {
    var description: String { "HeldSeed" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
