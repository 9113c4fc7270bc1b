import Glibc
import NIOCore
import PacketFSChannel
import PacketFSTestKit
import PacketFSTransport
import PacketFSWire
import Synchronization
import Testing

@testable import PacketFS

/// Sessions that never have to wait for anything: neither for room, nor for something to come.
@Suite struct BusySessionTests {
    /// What a session that nobody ends comes to: a minute's work.
    private static let all = 3000
    /// What it has done when it may not go on.
    private static let first = 20

    /// Pieces of work that were done.
    private final class Count: Sendable {
        private let done = Atomic(0)

        var value: Int { done.load(ordering: .relaxed) }

        func work() {
            usleep(20_000)
            done.add(1, ordering: .relaxed)
        }
    }

    /// Always has something to say, or takes a while for whatever it hears.
    private final class Busy: TransferSide {
        let talks: Bool
        let count: Count
        let isOver = false
        let progress = Progress()
        let summary = TransferSummary()
        var wantsToWork: Bool { talks && count.value < all }

        init(talks: Bool, _ count: Count) { (self.talks, self.count) = (talks, count) }

        func start(_: SealedLink, now: Instant) {}
        func received(_: Inbound, _: SealedLink, now: Instant) { count.work() }
        func abandon(_: SealedLink) {}
        func takeWarnings() -> [TransferWarning] { [] }

        func work(_ link: SealedLink, now: Instant) throws {
            count.work()
            try link.send(.alive, now: now)
        }
    }

    /// A connection whose other end takes everything, and says these frames once it is open.
    private final class Flood: Connection {
        let remoteAddress = "flood"
        private let frame: Frame?
        private let left: Atomic<Int>
        private let channel: Mutex<SealedChannel>
        private let isOpen = Atomic(false)
        private let isClosed = Atomic(false)

        init(_ frames: (frame: Frame, count: Int)?, _ channel: consuming sending SealedChannel) {
            frame = frames?.frame
            left = Atomic(frames?.count ?? 0)
            self.channel = Mutex(channel)
        }

        func open() { isOpen.store(true, ordering: .relaxed) }

        func delivery() async -> Delivery? { nil }
        func send(_: ByteBuffer) async throws(TransportError) { try check() }
        func finishSending() async {}
        func close() async { isClosed.store(true, ordering: .relaxed) }

        func receive() async throws(TransportError) -> ByteBuffer? {
            while !isOpen.load(ordering: .relaxed) || left.load(ordering: .relaxed) == 0 {
                try check()
                try? await Task.sleep(for: .milliseconds(10))
            }
            try check()
            guard let frame else { throw .closed }
            left.subtract(1, ordering: .relaxed)
            var bytes = ByteBuffer()
            channel.withLock { try? $0.sealer.seal(frame, now: .now, into: &bytes) }
            return bytes
        }

        private func check() throws(TransportError) {
            if isClosed.load(ordering: .relaxed) { throw .closed }
        }
    }

    /// What the other end says.
    enum Talk: CaseIterable, Sendable {
        case nothing
        case frames
        case records

        fileprivate var frames: (frame: Frame, count: Int)? {
            get throws {
                switch self {
                case .nothing: return nil
                case .frames:
                    let (type, payload) = try ControlMessage.alive.encode()[0]
                    return (Frame(plane: .control, type: type, payload: payload), all)
                case .records:
                    let payload = try (0..<all).flatMap { _ in try DataRecord.more(content: 7).encode() }
                    return (Frame(plane: .data, type: 0, payload: payload), 1)
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: Talk.allCases)
    func aSessionThatMayNotGoOnEndsAtOnce(talk: Talk) async throws {
        let (pair, frames, count) = (try TestPair(), try talk.frames, Count())
        var (link, random) = (SimulatedLink(), SeededRandom(seed: 3))
        let credentials = try pair.left.credentials(ofPeer: TestPair.peer)
        let channels = try SimulatedHandshake.run(
            credentials, pair.right.credentials(ofPeer: TestPair.peer), suite: .aes256gcm, padding: .none, now: .now,
            over: &link, random: &random)
        var made: Session?
        let theirs = try channels.keepResponder {
            made = try Session(
                opened: OpenedChannel(channel: $0, sent: 0, received: 0, started: .now),
                covering: Covering(home: pair.left, credentials: credentials, role: .initiator), report: { _ in })
        }
        let session = try #require(made)
        let connection = Flood(frames, theirs)
        try await session.start { _ in
            connection.open()
            return Busy(talks: talk == .nothing, count)
        }
        let runner = SessionRunner(
            session: session, connection: connection, patience: SessionRunner.Patience(tick: .milliseconds(20))
        ) { count.value >= Self.first }
        let error = await #expect(throws: PacketFSError.self) { try await runner.run() }
        #expect(error?.code == .refused)
        #expect(count.value < Self.all / 2)
    }
}
