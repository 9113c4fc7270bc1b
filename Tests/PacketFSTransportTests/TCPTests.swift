import Glibc
import PacketFSTransport
import Testing

/// A plain socket, to do what a connection of ours does not.
private final class RawSocket: Sendable {
    let descriptor: CInt

    init(connectingTo port: Int) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
    }

    /// Closes with a reset instead of an end.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close(descriptor)
    }
}

@Suite(.timeLimit(.minutes(15))) struct TCPTests {
    private func listener(_ host: String = "127.0.0.1", max: Int = 1024) async throws -> TCPListener {
        try await TCPListener.bind(Endpoint(host: host, port: 0), maxConnections: max)
    }

    @Test(arguments: ["127.0.0.1", "::1", "localhost"])
    func connectsByNameAndNumber(_ host: String) async throws {
        let listener = try await listener(host)
        #expect(listener.localAddress.port > 0)
        let target = Endpoint(host: host, port: listener.localAddress.port)
        let client = try await TCPConnector.connect(to: target)
        let server = try #require(try await listener.accept())
        #expect(client.remoteAddress == listener.localAddress.description)
        let from = try Endpoint(parsing: server.remoteAddress)
        #expect(from.host == listener.localAddress.host)
        #expect(from.port != listener.localAddress.port)
        try await client.send([1])
        #expect(try await server.receiveBytes() == [1])
    }

    /// What nobody reads is delivered all the same, as far as the other end's system has room; then the link is busy.
    @Test func theSystemTellsWhatWasDelivered() async throws {
        let link = try await Link()
        let before = try #require(await link.client.delivery())
        #expect(try 0..<1 ~= #require(before.roundTrip))
        try await link.client.send(pattern(20_000))
        #expect(try await isSoon(link.client) { $0.bytes == before.bytes + 20_000 })
        let flood = Task { try await link.client.send([UInt8](repeating: 1, count: 64 << 20)) }
        defer { flood.cancel() }
        #expect(try await isSoon(link.client) { $0.busySeconds > before.busySeconds + 0.05 })
        await link.client.close()
        #expect(await link.client.delivery() == nil)
    }

    private func isSoon(_ connection: TCPConnection, _ isSo: (Delivery) -> Bool) async throws -> Bool {
        for _ in 0..<2000 {
            if isSo(try #require(await connection.delivery())) { return true }
            try await Task.sleep(for: .milliseconds(5))
        }
        return false
    }

    @Test func theUnspecifiedAddressTakesBothFamilies() async throws {
        let listener = try await listener("::")
        for host in ["127.0.0.1", "::1"] {
            let client = try await TCPConnector.connect(to: Endpoint(host: host, port: listener.localAddress.port))
            let server = try #require(try await listener.accept())
            #expect(try Endpoint(parsing: server.remoteAddress).host == host)
            await client.close()
        }
    }

    @Test func aResetSurfacesToTheReceiver() async throws {
        let listener = try await listener()
        let raw = try RawSocket(connectingTo: listener.localAddress.port)
        let server = try #require(try await listener.accept())
        let receiving = Task { try await server.receiveBytes() }
        raw.reset()
        #expect(await failure { _ = try await receiving.value } == .reset)
        #expect(await failure { try await server.send([1]) } == .reset)
        #expect(await failure { try await server.finishSending() } == .reset)
    }

    @Test func aResetSurfacesToASenderThatWaits() async throws {
        let listener = try await listener()
        let raw = try RawSocket(connectingTo: listener.localAddress.port)
        let server = try #require(try await listener.accept())
        let filling = try await Filling(server, limit: 512 << 20)
        raw.reset()
        #expect(await failure { try await filling.task.value } == .reset)
        #expect(await failure { _ = try await server.receiveBytes() } == .reset)
    }

    @Test func aResetSurfacesToFinishThatWaits() async throws {
        let listener = try await listener()
        let raw = try RawSocket(connectingTo: listener.localAddress.port)
        let server = try #require(try await listener.accept())
        let filling = try await Filling(server, limit: 512 << 20)
        filling.task.cancel()
        let finishing = Task { try await server.finishSending() }
        try await Task.sleep(for: .milliseconds(50))
        raw.reset()
        #expect(await failure { try await finishing.value } == .reset)
    }

    @Test func anEndWithoutAWordIsTheEnd() async throws {
        let listener = try await listener()
        let raw = try RawSocket(connectingTo: listener.localAddress.port)
        let server = try #require(try await listener.accept())
        close(raw.descriptor)
        #expect(try await server.receiveBytes() == nil)
    }

    /// What nobody receives stays with the sender: the receiving side keeps a bounded part of it.
    @Test func aReceiverThatIsNotAskedReadsLittle() async throws {
        let listener = try await listener()
        let raw = try RawSocket(connectingTo: listener.localAddress.port)
        let server = try #require(try await listener.accept())
        let flags = fcntl(raw.descriptor, F_GETFL)
        _ = fcntl(raw.descriptor, F_SETFL, flags | O_NONBLOCK)
        let piece = [UInt8](repeating: 1, count: 65_536)
        var written = 0
        var idle = 0
        while idle < 10, written < 512 << 20 {
            let count = write(raw.descriptor, piece, piece.count)
            if count > 0 { written += count } else { try await Task.sleep(for: .milliseconds(10)) }
            idle = count > 0 ? 0 : idle + 1
        }
        #expect(written < 256 << 20)
        var received = 0
        while received < written, let chunk = try await server.receiveBytes() { received += chunk.count }
        #expect(received == written)
        close(raw.descriptor)
    }

    @Test func nobodyListening() async throws {
        let listener = try await listener()
        await listener.close()
        #expect(await failure { _ = try await TCPConnector.connect(to: listener.localAddress) } == .refused)
    }

    @Test func anUnknownName() async throws {
        let nowhere = Endpoint(host: "no-such-host.invalid", port: 1)
        let thrown = await failure { _ = try await TCPConnector.connect(to: nowhere, timeout: 5) }
        #expect(thrown == .unknownHost || thrown == .timedOut)
    }

    /// A listener whose queue is full answers no more, as a host that is not there.
    @Test func connectingTakesNoLongerThanItsTimeout() async throws {
        let silent = try SilentListener()
        let clock = ContinuousClock()
        let start = clock.now
        let target = Endpoint(host: "127.0.0.1", port: silent.port)
        #expect(await failure { _ = try await TCPConnector.connect(to: target, timeout: 0.3) } == .timedOut)
        #expect(clock.now - start < .seconds(300))
    }

    @Test func connectingCanBeCancelled() async throws {
        let silent = try SilentListener()
        let target = Endpoint(host: "127.0.0.1", port: silent.port)
        let connecting = Task { _ = try await TCPConnector.connect(to: target, timeout: 30) }
        try await Task.sleep(for: .milliseconds(50))
        connecting.cancel()
        #expect(await failure { try await connecting.value } == .cancelled)
    }

    @Test func whatIsAboveAListenersLimitWaits() async throws {
        let listener = try await listener(max: 2)
        var clients: [TCPConnection] = []
        for _ in 0..<3 { clients.append(try await TCPConnector.connect(to: listener.localAddress)) }
        let first = try #require(try await listener.accept())
        let second = try #require(try await listener.accept())
        let third = Task { try await listener.accept() }
        try await clients[2].send([3])
        try await Task.sleep(for: .milliseconds(100))
        await first.close()
        let served = try #require(try await third.value)
        #expect(try await served.receiveBytes() == [3])
        withExtendedLifetime((clients, second)) {}
    }

    @Test func aConnectionThatIsLetGoOfIsClosed() async throws {
        let listener = try await listener(max: 1)
        do { _ = try await TCPConnector.connect(to: listener.localAddress) }
        let server = try #require(try await listener.accept())
        #expect(try await server.receiveBytes() == nil)
    }

    @Test func aClosedListenerAcceptsNoMoreAndLetsConnectionsGoOn() async throws {
        let link = try await Link()
        let unaccepted = try await TCPConnector.connect(to: link.listener.localAddress)
        try await Task.sleep(for: .milliseconds(50))
        let accepting = Task {
            _ = try await link.listener.accept()
            return try await link.listener.accept() == nil
        }
        try await Task.sleep(for: .milliseconds(50))
        await link.listener.close()
        #expect(try await accepting.value)
        try await link.client.send([1])
        #expect(try await link.server.receiveBytes() == [1])
        await unaccepted.close()
    }

    @Test func anAddressInUseIsRefused() async throws {
        let listener = try await listener()
        #expect(await failure { _ = try await TCPListener.bind(listener.localAddress) } == .addressInUse)
        let foreign = Endpoint(host: "192.0.2.1", port: 0)
        #expect(await failure { _ = try await TCPListener.bind(foreign) } == .addressNotAvailable)
    }
}

/// Listens with a queue that is full, so that connection attempts are left without an answer.
private final class SilentListener: Sendable {
    let port: Int
    private let descriptor: CInt
    private let waiting: [CInt]

    init() throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        func with(_ call: (UnsafeMutablePointer<sockaddr>) -> CInt) -> CInt {
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1, call)
            }
        }
        let size = length
        try #require(with { bind(descriptor, $0, size) } == 0)
        try #require(listen(descriptor, 0) == 0)
        try #require(with { getsockname(descriptor, $0, &length) } == 0)
        port = Int(in_port_t(bigEndian: address.sin_port))
        waiting = (0..<4).map { _ in
            let client = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            _ = fcntl(client, F_SETFL, O_NONBLOCK)
            _ = with { connect(client, $0, size) }
            return client
        }
    }

    deinit {
        for descriptor in waiting + [descriptor] { close(descriptor) }
    }
}
