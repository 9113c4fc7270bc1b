import CoreMetrics
import Glibc
import PacketFSTestKit
import ServiceLifecycle
import Testing

@testable import PacketFSMetrics

/// Clients of all sorts at the endpoint; it answers a good one after each.
@Suite(.serialized, .timeLimit(.minutes(15))) struct MetricsEndpointTests {
    private static let good = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9747\r\n\r\n"

    /// `timeout`: where it is not what is tested, longer than any machine takes.
    private func withEndpoint(
        timeout: Duration = .seconds(3600), _ body: @Sendable @escaping (UInt16) throws -> Void
    ) async throws {
        let registry = Registry()
        registry.makeCounter(label: "answers", dimensions: []).increment(by: 42)
        let (addresses, continuation) = AsyncStream<String>.makeStream()
        let endpoint = try MetricsEndpoint(address: "127.0.0.1:0", registry: registry, timeout: timeout) {
            continuation.yield($0)
        }
        let serving = Task { try await endpoint.run() }
        let address = try #require(await addresses.first { _ in true })
        let port = try #require(UInt16(address.split(separator: ":")[1]))
        try await Task.detached { try body(port) }.value
        serving.cancel()
        try await serving.value
    }

    @Test func aScrapeSeesTheSeries() async throws {
        try await withEndpoint { port in
            let answer = try Client(port).ask(Self.good)
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.contains("text/plain; version=0.0.4"))
            #expect(answer.hasSuffix("\r\n\r\n# TYPE answers counter\nanswers 42\n"))
            let head = try Client(port).ask("HEAD /metrics?x=1 HTTP/1.1\r\nHost: [::1]:1\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 200") && head.hasSuffix("\r\n\r\n"))
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"),
        ("GET /metrics/../x HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"),
        ("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nabcd", "405"),
        ("GET /metrics HTTP/1.1\r\nHost: example.org\r\n\r\n", "421"),
        ("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1.example.org\r\n\r\n", "421"),
        ("GET /metrics HTTP/1.1\r\n\r\n", "421"),
        ("GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", "421"),
        ("\u{0}\u{1}\u{2}nonsense\r\n\r\n", "400"), ("GET\r\n\r\n", "400"),
    ])
    func whatIsNotAScrapeIsRefused(_ request: String, _ status: String) async throws {
        try await withEndpoint { port in
            let answer = try Client(port).ask(request)
            #expect(answer.hasPrefix("HTTP/1.1 \(status)") || (status == "400" && answer.hasPrefix("HTTP/1.0 400")))
            #expect(!answer.contains("answers 42"))
            #expect(try Client(port).ask(Self.good).hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func anEndlessRequestIsCut() async throws {
        try await withEndpoint { port in
            for line in ["X: " + String(repeating: "y", count: 1000) + "\r\n", String(repeating: "z", count: 1000)] {
                let client = try Client(port)
                client.send("GET /metrics HTTP/1.1\r\n")
                var sent = 0
                while sent < 1 << 30, client.send(line) { sent += line.utf8.count }
                #expect(!client.read().contains("answers 42"))
                #expect(sent < 1 << 30)
            }
            #expect(try Client(port).ask(Self.good).hasPrefix("HTTP/1.1 200"))
        }
    }

    /// Nobody would notice an endpoint that only seems to listen.
    @Test func anEndpointThatCannotListenAnyMoreFails() async throws {
        let endpoint = try MetricsEndpoint(address: "127.0.0.1:0", registry: Registry()) { address in
            #expect(UInt16(address.split(separator: ":")[1]).map(ListeningSocket.fail) == true)
        }
        await #expect(throws: MetricsEndpointError.unavailable) { try await endpoint.run() }
    }

    @Test func secondRequestsOfAConnectionAreNotAnswered() async throws {
        try await withEndpoint { port in
            let answer = try Client(port).ask(Self.good + Self.good)
            #expect(answer.components(of: "HTTP/1.1 200") == 1)
        }
    }

    @Test func noMoreConnectionsThanAllowedAreOpen() async throws {
        try await withEndpoint { port in
            var silent = try (0..<MetricsEndpoint.maxConnections).map { _ in try Client(port) }
            // Each is counted when its event loop comes to it.
            let isFull = try eventually { try Client(port).ask(Self.good).isEmpty }
            #expect(isFull)
            silent.removeAll()
            let isFree = try eventually { try Client(port).ask(Self.good).hasPrefix("HTTP/1.1 200") }
            #expect(isFree)
        }
    }

    @Test func silentConnectionsAreClosed() async throws {
        try await withEndpoint(timeout: .milliseconds(100)) { port in
            #expect(try Client(port).read().isEmpty)
            let slow = try Client(port)
            slow.send("GET /metrics HTTP/1.1\r\n")
            #expect(slow.read().isEmpty)
        }
    }

    @Test(arguments: [
        "0.0.0.0:9747", "[::]:9747", "192.0.2.1:1", "localhost:1", "127.0.0.1", "127.0.0.1:99999", "", ":1",
    ])
    func onlyLoopbackIsServed(_ address: String) {
        #expect(throws: MetricsEndpointError.notLoopback) {
            try MetricsEndpoint(address: address, registry: Registry()) { _ in }
        }
    }

    @Test func anAddressThatIsTakenIsAnError() async throws {
        let registry = Registry()
        let (addresses, continuation) = AsyncStream<String>.makeStream()
        let first = try MetricsEndpoint(address: "127.0.0.1:0", registry: registry) { continuation.yield($0) }
        let serving = Task { try await first.run() }
        let address = try #require(await addresses.first { _ in true })
        let second = try MetricsEndpoint(address: address, registry: registry) { _ in }
        await #expect(throws: MetricsEndpointError.unavailable) { try await second.run() }
        serving.cancel()
        try await serving.value
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}

/// A socket that may say anything.
final class Client: Sendable {
    private let socket: Int32

    init(_ port: UInt16) throws {
        struct Refused: Error {}
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Refused() }
    }

    deinit {
        close(socket)
    }

    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// All that comes until the other end closes.
    func read() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    func ask(_ request: String) -> String {
        send(request)
        return read()
    }
}
