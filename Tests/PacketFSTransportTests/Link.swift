import NIOCore
import PacketFSTransport
import Synchronization
import Testing

/// Two ends of a TCP connection on loopback, and the listener that made it.
struct Link: Sendable {
    let listener: TCPListener
    let client: TCPConnection
    let server: TCPConnection

    init() async throws {
        listener = try await TCPListener.bind(Endpoint(host: "127.0.0.1", port: 0))
        client = try await TCPConnector.connect(to: listener.localAddress)
        server = try #require(try await listener.accept())
    }
}

/// Two ends of any kind.
typealias Ends = (any Connection, any Connection)

/// The kinds of connections, which must behave alike.
enum Kind: CaseIterable, Sendable {
    case tcp
    case memory

    func ends() async throws -> Ends {
        switch self {
        case .tcp:
            let link = try await Link()
            return (link.client, link.server)
        case .memory:
            return MemoryConnection.pair()
        }
    }
}

/// Bytes that differ from place to place, by a simple generator.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

extension Connection {
    func send(_ bytes: [UInt8]) async throws(TransportError) {
        try await send(ByteBuffer(bytes: bytes))
    }

    func receiveBytes() async throws(TransportError) -> [UInt8]? {
        try await receive().map(Array.init(buffer:))
    }
}

func receiveAll(_ connection: some Connection) async throws -> [UInt8] {
    var all: [UInt8] = []
    while let chunk = try await connection.receiveBytes() {
        #expect(!chunk.isEmpty)
        all += chunk
    }
    return all
}

/// Sends `bytes` in pieces of `size`, then finishes.
func sendAll(_ bytes: [UInt8], in size: Int, over connection: some Connection) async throws {
    for start in stride(from: 0, to: bytes.count, by: size) {
        try await connection.send(Array(bytes[start..<min(start + size, bytes.count)]))
    }
    try await connection.finishSending()
}

/// A task that sends to a peer that does not read, until it is stopped.
struct Filling: Sendable {
    private static let piece = [UInt8](repeating: 7, count: 65_536)
    private let counter = Counter()
    let task: Task<Void, any Error>

    /// Bytes that went in until now. Exact only once the task has ended: a busy machine may let it pause anywhere.
    var accepted: Int { counter.value }

    /// Returns when bytes went in and then none did for a while, so that most probably a send waits; at most `limit`.
    init(_ connection: any Connection, limit: Int) async throws {
        task = Task { [counter] in
            while counter.value < limit {
                try await connection.send(Self.piece)
                counter.add(Self.piece.count)
            }
        }
        var last = 0
        repeat {
            last = counter.value
            try await Task.sleep(for: .milliseconds(150))
        } while counter.value == 0 || counter.value != last
    }
}

final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }
    func add(_ number: Int) { count.withLock { $0 += number } }
}

/// The error that `body` throws, or `nil`.
func failure(_ body: () async throws -> Void) async -> TransportError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? TransportError
    }
}
