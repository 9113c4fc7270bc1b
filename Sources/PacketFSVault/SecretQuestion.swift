package import PacketFSSecrets

/// What a vault may have to ask somebody for.
package enum SecretQuestion: Equatable, Sendable {
    /// The passphrase that seals the file of this name.
    case passphrase(file: String)
    /// A passphrase to seal a new file with.
    case newPassphrase(file: String)
    /// The same, where an empty answer leaves the file unsealed.
    case optionalPassphrase(file: String)
    /// The PIN of the user of the token with this label.
    case pin(token: String)
}

/// Gives the answer, or `nil` if nobody is there to give one.
package typealias SecretAsking = @Sendable (SecretQuestion) -> SecretText?
