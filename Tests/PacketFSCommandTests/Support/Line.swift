import Foundation
import Glibc

/// A caller that says what it likes.
final class Line {
    private let descriptor: Int32

    /// Calls a port of loopback.
    init(to server: String) throws {
        guard let port = server.split(separator: ":").last.flatMap({ UInt16($0) }),
            let descriptor = Relay.connect(to: port)
        else { throw POSIXError(.ECONNREFUSED) }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// False once the other end has closed.
    func write(_ bytes: [UInt8]) -> Bool {
        send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Waits until the other end closes; whether it did so without a word.
    func isCut() -> Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) <= 0
    }
}
