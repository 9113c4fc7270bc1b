import Glibc

/// A socket of this process that others listen with.
package enum ListeningSocket {
    /// Makes what accepts at this port of 127.0.0.1 fail from now on. Returns whether anything listened there.
    package static func fail(port: UInt16) -> Bool {
        let found = (0..<4096).first { listens(Int32($0), port) }
        return found.map { shutdown(Int32($0), Int32(SHUT_RDWR)) == 0 } ?? false
    }

    private static func listens(_ descriptor: Int32, _ port: UInt16) -> Bool {
        var accepts: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let failed = getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size)
        guard failed == 0, accepts != 0 else { return false }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return named == 0 && address.sin_family == AF_INET && UInt16(bigEndian: address.sin_port) == port
    }
}
