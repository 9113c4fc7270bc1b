/// What seals the frames of a session. The Noise handshake before it uses the AEAD of `noiseCipher`.
package enum CipherSuite: UInt8, CaseIterable, Sendable {
    case aes256gcm = 1
    case xchacha20poly1305 = 2

    /// Bytes of a frame's nonce.
    package var nonceSize: Int {
        switch self {
        case .aes256gcm: 12
        case .xchacha20poly1305: 24
        }
    }

    package var noiseCipher: NoiseCipher {
        switch self {
        case .aes256gcm: .aesGCM
        case .xchacha20poly1305: .chaChaPoly
        }
    }
}

/// Who opened the connection.
package enum Role: Sendable {
    case initiator
    case responder
}

/// The way that bytes go; each has its own keys.
package enum Direction: UInt8, Sendable {
    case fromInitiator = 0
    case fromResponder = 1

    static func sent(by role: Role) -> Direction {
        role == .initiator ? .fromInitiator : .fromResponder
    }

    static func received(by role: Role) -> Direction {
        role == .initiator ? .fromResponder : .fromInitiator
    }
}

/// The version of handshake and frames, and of everything sealed in them.
package let protocolVersion: UInt8 = 1
