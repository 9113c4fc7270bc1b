import PacketFSSecrets
import PacketFSVault

/// What a vault has to ask somebody for.
public enum SecretRequest: Sendable, Equatable {
    /// The passphrase that seals the file of this name.
    case passphrase(file: String)
    /// A passphrase to seal a new file with.
    case newPassphrase(file: String)
    /// The same, where an empty answer leaves the file under its mode, 0600, alone.
    case optionalPassphrase(file: String)
    /// The PIN of the user of the token with this label.
    case pin(token: String)
}

/// Writes the answer to a request into locked memory (1,024 bytes of zeros, wiped after use) and returns its length in
/// bytes, or `nil` if nobody is there to answer. It is called on the thread that needs the answer.
public typealias SecretAnswering = @Sendable (SecretRequest, UnsafeMutableRawBufferPointer) -> Int?

extension SecretRequest {
    init(_ question: SecretQuestion) {
        self =
            switch question {
            case .passphrase(let file): .passphrase(file: file)
            case .newPassphrase(let file): .newPassphrase(file: file)
            case .optionalPassphrase(let file): .optionalPassphrase(file: file)
            case .pin(let token): .pin(token: token)
            }
    }
}

enum SecretAdapter {
    /// The same source, as vaults ask it.
    static func asking(_ answering: @escaping SecretAnswering) -> SecretAsking {
        { question in
            var isAnswered = false
            let text = SecretText { buffer in
                let count = answering(SecretRequest(question), buffer)
                isAnswered = count != nil
                return count ?? 0
            }
            return isAnswered ? text : nil
        }
    }
}

/// One answer in locked memory, wiped at the end, for a source that has to remember it.
public final class LockedLine: Sendable {
    private let text: SecretText

    /// Copies at most 1,024 bytes; the caller's are left as they are.
    public init(copying bytes: UnsafeRawBufferPointer) {
        text = SecretText { buffer in
            let count = min(bytes.count, buffer.count)
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            return count
        }
    }

    /// Writes the bytes and returns how many there are. `buffer` must have room for them.
    public func copy(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        text.withUnsafeBytes { buffer.copyMemory(from: $0) }
        return text.count
    }

    /// Compares without telling by its time where the bytes differ.
    public func isEqual(to bytes: UnsafeRawBufferPointer) -> Bool {
        text.withUnsafeBytes { SecretBytes.areEqual($0, bytes) }
    }
}
