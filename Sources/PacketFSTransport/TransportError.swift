import Glibc
import NIOCore
import NIOPosix

/// Why bytes could not be moved.
package enum TransportError: Error, Equatable, Sendable {
    /// Not `host:port`, `[address]:port`, or a port out of range.
    case invalidAddress
    /// The name has no address.
    case unknownHost
    /// Nobody listens there.
    case refused
    case unreachable
    /// No answer in time: to a connection attempt, or to bytes that were sent.
    case timedOut
    /// The other end, or something between, cut the connection.
    case reset
    /// This end is closed, or has finished sending.
    case closed
    case addressInUse
    case addressNotAvailable
    case notPermitted
    /// No file descriptors or memory for sockets are left.
    case exhausted
    /// The task was cancelled.
    case cancelled
    /// Any other error of the system, by its number.
    case system(errno: Int32)
}

extension TransportError {
    init(_ error: any Error) {
        switch error {
        case let error as TransportError: self = error
        case let error as IOError: self.init(errno: error.errnoCode)
        case let error as NIOConnectionError: self.init(error)
        case ChannelError.connectTimeout: self = .timedOut
        case is ChannelError, is EventLoopError: self = .closed
        case is SocketAddressError, is SocketAddressError.UnknownHost: self = .unknownHost
        case is CancellationError: self = .cancelled
        default: self = .system(errno: 0)
        }
    }

    /// Of the addresses that were tried, the first failure that says more than that nobody is there.
    private init(_ error: NIOConnectionError) {
        let failures = error.connectionErrors.map { TransportError($0.error) }
        self = failures.first { $0 != .unreachable } ?? failures.first ?? .unknownHost
    }

    init(errno number: Int32) {
        self =
            switch number {
            case ECONNREFUSED: .refused
            case EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN, EAFNOSUPPORT: .unreachable
            case ETIMEDOUT: .timedOut
            case ECONNRESET, ECONNABORTED, EPIPE: .reset
            case EBADF, ENOTCONN, ESHUTDOWN: .closed
            case EADDRINUSE: .addressInUse
            case EADDRNOTAVAIL: .addressNotAvailable
            case EACCES, EPERM: .notPermitted
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: .exhausted
            default: .system(errno: number)
            }
    }
}
