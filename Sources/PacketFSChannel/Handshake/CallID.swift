private import Crypto

/// Tells one message 1 from every other. It says nothing about what is in it.
package struct CallID: Hashable, Sendable {
    private let digest: [UInt8]

    package init(of message1: [UInt8]) {
        digest = Array(SHA256.hash(data: message1).prefix(16))
    }
}
