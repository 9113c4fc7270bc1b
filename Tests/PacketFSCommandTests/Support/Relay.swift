import Foundation
import Glibc
import Synchronization

/// An adversary between two programs: forwards TCP, records every byte, and may change or cut.
final class Relay: Sendable {
    /// What is done to the bytes that go to the server.
    enum Malice {
        case none
        /// One bit of the byte at this offset is flipped.
        case flip(Int)
        /// The line is cut before the byte at this offset.
        case cut(Int)
        /// Nothing is carried on from the byte at this offset, until it is released: not even that an end has closed.
        case hold(Int)
        /// The same, of what the server says.
        case holdAnswer(Int)
    }

    private struct Record {
        var toServer: [UInt8] = []
        var fromServer: [UInt8] = []
    }

    let address: String
    private let listener: Int32
    private let port: UInt16
    private let malice: Malice
    private let record = Mutex(Record())
    private let isHolding = DispatchSemaphore(value: 0)
    private let isReleased = DispatchSemaphore(value: 0)

    /// Relays to a port of loopback.
    init(to server: String, malice: Malice = .none) throws {
        guard let port = server.split(separator: ":").last.flatMap({ UInt16($0) }) else { throw POSIXError(.EINVAL) }
        self.port = port
        self.malice = malice
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var own = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRINUSE) }
        address = "127.0.0.1:\(UInt16(bigEndian: own.sin_port))"
        Thread.detachNewThread { [self] in accept() }
    }

    /// Waits until something is held back.
    func waitUntilHolding() {
        isHolding.wait()
    }

    /// Carries on what is held back.
    func release() {
        isReleased.signal()
    }

    /// Ends the relay; the thread that accepts lets go of it.
    func close() {
        release()
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
    }

    var sentToServer: [UInt8] { record.withLock { $0.toServer } }
    var everything: [UInt8] { record.withLock { $0.toServer + $0.fromServer } }

    private func accept() {
        while case let near = Glibc.accept(listener, nil, nil), near >= 0 {
            guard let far = Self.connect(to: port) else { return }
            Thread.detachNewThread { [self] in pump(from: near, to: far, isToServer: true) }
            Thread.detachNewThread { [self] in pump(from: far, to: near, isToServer: false) }
        }
    }

    private func pump(from source: Int32, to sink: Int32, isToServer: Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var total = 0
        while case let count = read(source, &buffer, buffer.count), count > 0 {
            var piece = Array(buffer[..<count])
            if isToServer { apply(to: &piece, at: total) }
            if let start = held(isToServer: isToServer), total < start, total + count >= start {
                isHolding.signal()
                isReleased.wait()
            }
            total += count
            record.withLock { if isToServer { $0.toServer += piece } else { $0.fromServer += piece } }
            guard piece.isEmpty || Self.writeAll(piece, to: sink) else { break }
            if isToServer, case .cut(let end) = malice, total >= end {
                shutdown(source, Int32(SHUT_RDWR))
                break
            }
        }
        shutdown(sink, Int32(SHUT_WR))
    }

    private func held(isToServer: Bool) -> Int? {
        switch malice {
        case .hold(let start): isToServer ? start : nil
        case .holdAnswer(let start): isToServer ? nil : start
        default: nil
        }
    }

    private func apply(to piece: inout [UInt8], at offset: Int) {
        switch malice {
        case .none, .hold, .holdAnswer: break
        case .flip(let target): if piece.indices.contains(target - offset) { piece[target - offset] ^= 0x10 }
        case .cut(let end): piece = Array(piece.prefix(max(0, end - offset)))
        }
    }

    /// Bytes of message 1 of a peer, behind its length.
    static let call = 2 + 1_298

    /// Sends bytes to a server as a client would, and returns what comes back. `call`: so many first ones, behind which it
    /// waits for an answer. `endsRequest`: says that no more follows.
    static func replay(
        _ bytes: [UInt8], to server: String, call: Int = 0, endsRequest: Bool = true
    ) throws -> [UInt8] {
        let line = try open(to: server, saying: Array(bytes.prefix(call)))
        defer { Glibc.close(line) }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        if call > 0 { answer += buffer[..<max(0, read(line, &buffer, buffer.count))] }
        _ = writeAll(Array(bytes.dropFirst(call)), to: line)
        if endsRequest { shutdown(line, Int32(SHUT_WR)) }
        while case let count = read(line, &buffer, buffer.count), count > 0 { answer += buffer[..<count] }
        return answer
    }

    /// A connection to a server that has been told something, and stays open until the caller closes it.
    static func open(to server: String, saying bytes: [UInt8] = []) throws -> Int32 {
        guard let port = server.split(separator: ":").last.flatMap({ UInt16($0) }), let line = connect(to: port) else {
            throw POSIXError(.ECONNREFUSED)
        }
        _ = writeAll(bytes, to: line)
        return line
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return address
    }

    static func connect(to port: UInt16) -> Int32? {
        let line = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port: port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(line, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 ? line : nil
    }

    private static func writeAll(_ bytes: [UInt8], to sink: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
