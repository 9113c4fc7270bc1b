import PacketFSTransport
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

/// Bytes that differ from place to place, by a simple generator.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

func receiveAll(_ connection: some Connection) async throws -> [UInt8] {
    var all: [UInt8] = []
    for try await chunk in connection.inbound {
        #expect(!chunk.isEmpty)
        all += chunk
    }
    return all
}

@Suite(.timeLimit(.minutes(1))) struct TCPConnectionTests {
    @Test func largeTransfersArriveIntactInBothDirections() async throws {
        let link = try await Link()
        let forth = pattern(3 << 20)
        let back = pattern(3 << 20, seed: 2)
        async let atServer = receiveAll(link.server)
        async let atClient = receiveAll(link.client)
        async let sent: Void = {
            for start in stride(from: 0, to: back.count, by: 50_000) {
                try await link.server.send(Array(back[start..<min(start + 50_000, back.count)]))
            }
            try await link.server.finishSending()
        }()
        for start in stride(from: 0, to: forth.count, by: 65_536) {
            try await link.client.send(Array(forth[start..<min(start + 65_536, forth.count)]))
        }
        try await link.client.finishSending()
        try await sent
        #expect(try await atServer == forth)
        #expect(try await atClient == back)
    }
}
