import Dispatch
import Glibc
import PacketFSChannel
import PacketFSStore
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS
@testable import PacketFSRebuild

/// A receiver whose disk takes longer than its peer waits for a word.
@Suite struct LongCommitTests {
    /// Lets one thread pass, and the others only once it is open.
    private final class Turnstile: WriteGate {
        private let mayPass = DispatchSemaphore(value: 0)
        private let hasCome = DispatchSemaphore(value: 0)
        private let thread = pthread_self()

        func open() { mayPass.signal() }

        /// Waits until somebody stands before it, and opens it once nobody wishes for that any more.
        func open(without wish: Wish) {
            hasCome.wait()
            DispatchQueue.global().async {
                while wish.stands { usleep(1_000) }
                self.open()
            }
        }

        func pass(_: DurableWrite) throws(FileFault) {
            guard pthread_equal(pthread_self(), thread) == 0 else { return }
            hasCome.signal()
            mayPass.wait()
            mayPass.signal()
        }
    }

    private let pair: TestPair
    private let gate = Turnstile()

    init() throws {
        pair = try TestPair()
    }

    /// The side that the latest victim works with.
    ///
    /// `@unchecked Sendable`: nobody but the test's thread makes or asks it.
    private final class Latest: @unchecked Sendable {
        var side: ReceivingSide?
    }

    private let latest = Latest()

    private func wish() throws -> Wish {
        try #require(latest.side?.incoming as? IncomingTransfer).wish
    }

    private func impostor() throws -> Impostor {
        let latest = latest
        let (home, inbox, gate) = (pair.right, pair.inbox, gate)
        let peer = try home.record(named: TestPair.peer)
        return try Impostor(
            pair, proved: {},
            dispatch: { _, integrity in
                let desk = ReceivingDesk(
                    domain: try home.domain(of: peer, gate: gate),
                    placement: .granted([inbox], special: [], readable: []),
                    asked: nil,
                    tagger: integrity.key(for:))
                let side = ReceivingSide(desk, startsThreads: true)
                latest.side = side
                return side
            })
    }

    private func send(_ impostor: Impostor) throws {
        try impostor.say(.offer(impostor.offer(to: pair.inbox)))
        let file = ManifestEntry(
            path: Array("file".utf8), kind: .file, mode: 0o644, modified: FileTime(seconds: 7, nanoseconds: 0),
            owner: getuid(), group: getgid(), size: 3)
        try impostor.say(Manifest(entries: [file]), [1, 2, 3])
    }

    @Test(.timeLimit(.minutes(1))) func whoCommitsSaysThatItIsAlive() throws {
        let impostor = try impostor()
        try send(impostor)
        impostor.victim.tick(now: VirtualClock().now.adding(seconds: 31))
        #expect(impostor.victim.wantsToWork)
        gate.open()
        let heard = try impostor.heard()
        #expect(heard.count == 4 && heard[1] == .alive)
        guard case .receipt(let receipt, isLast: true) = heard[2], case .end = heard[3] else {
            throw SimulatedHandshake.Lost()
        }
        #expect(receipt.filesWritten == 1 && receipt.failures.isEmpty)
    }

    /// What is here of a tree is looked at, and its folders are made, before anything of it is written.
    @Test(.timeLimit(.minutes(1))) func whoLooksAtWhatIsHereSaysThatItIsAlive() throws {
        let impostor = try impostor()
        try impostor.say(.offer(impostor.offer(to: pair.inbox)))
        let folder = ManifestEntry(
            path: Array("folder".utf8), kind: .folder, mode: 0o755, modified: FileTime(seconds: 7, nanoseconds: 0),
            owner: getuid(), group: getgid(), size: 0)
        try impostor.say(Manifest(entries: [folder]), [])
        let (type, payload) = try ControlMessage.alive.encode()[0]
        try impostor.prepare(.control, type, payload)
        #expect(impostor.sayPrepared() > 0, "it looks at nothing more before")
        impostor.victim.tick(now: VirtualClock().now.adding(seconds: 31))
        #expect(impostor.victim.wantsToWork)
        gate.open()
        let heard = try impostor.heard()
        #expect(heard.count == 4 && heard[1] == .alive)
        #expect(Tree(at: pair.inbox).nodes.keys.contains("folder"))
    }

    /// Behind the transfers that were interrupted, too.
    @Test(.timeLimit(.minutes(1))) func whoTidiesUpBeforeATransferSaysThatItIsAlive() throws {
        let old = TransferID(unchecked: [UInt8](repeating: 5, count: 16))
        let file = ManifestEntry(
            path: Array("file".utf8), kind: .file, mode: 0o644, modified: FileTime(seconds: 7, nanoseconds: 0), size: 3)
        let domain = try pair.right.domain(of: pair.right.record(named: TestPair.peer))
        try TransferJournal(receivingAt: pair.inbox, in: domain).begin(
            old, root: pair.inbox, identity: DestinationRoot.identity(of: pair.inbox),
            manifest: Manifest(entries: [file]).encode())
        let leftover = pair.inbox + "/" + String(decoding: TempNames(old).name(of: 0).bytes, as: UTF8.self)
        close(open(leftover, O_WRONLY | O_CREAT, 0o600))
        let impostor = try impostor()
        var offer = try impostor.offer(to: pair.inbox)
        offer.resumes = old
        try impostor.say(.offer(offer))
        impostor.victim.tick(now: VirtualClock().now.adding(seconds: 31))
        #expect(impostor.victim.wantsToWork && access(leftover, F_OK) == 0)
        gate.open()
        let heard = try impostor.heard()
        #expect(heard.count == 2 && heard[0] == .alive)
        #expect(access(leftover, F_OK) != 0)
    }

    /// Each of them is made and given its time.
    @Test(.timeLimit(.minutes(1))) func whoMakesManyFilesSaysThatItIsAlive() throws {
        let impostor = try impostor()
        try impostor.say(.offer(impostor.offer(to: pair.inbox)))
        let files = (1000..<2100).map { number in
            ManifestEntry(
                path: Array("\(number)".utf8), kind: .file, mode: 0o644,
                modified: FileTime(seconds: 7, nanoseconds: 0), owner: getuid(), group: getgid(), size: 1)
        }
        try impostor.say(Manifest(entries: files), [UInt8](repeating: 1, count: files.count))
        impostor.victim.tick(now: VirtualClock().now.adding(seconds: 31))
        #expect(impostor.victim.wantsToWork && Tree(at: pair.inbox).nodes.isEmpty)
        gate.open()
        #expect(try impostor.heard().dropFirst().first == .alive)
        #expect(Tree(at: pair.inbox).nodes.count == files.count)
    }

    /// Its sender is gone: what is looked at is let go of.
    @Test(.timeLimit(.minutes(1))) func aLookIsGivenUpWithItsSession() throws {
        let impostor = try impostor()
        try sendFolders(impostor)
        try gate.open(without: wish())
        impostor.victim.abandon()
        #expect(Tree(at: pair.inbox).nodes.count <= 1)
    }

    private func sendFolders(_ impostor: Impostor) throws {
        try impostor.say(.offer(impostor.offer(to: pair.inbox)))
        let folders = ["1", "2", "3"].map { name in
            ManifestEntry(
                path: Array(name.utf8), kind: .folder, mode: 0o755, modified: FileTime(seconds: 7, nanoseconds: 0),
                owner: getuid(), group: getgid(), size: 0)
        }
        try impostor.say(Manifest(entries: folders), [])
    }

    /// Its sender has begun anew: a look that has all the room of the peer's errands is let go of, not waited for.
    @Test(.timeLimit(.minutes(1))) func aLookIsGivenUpForTheNextSession() throws {
        let lane = PeerLanes(width: 1).lane(of: try pair.right.record(named: TestPair.peer).party)
        let queue = DispatchQueue(label: "sessions")
        lane.mark(queue)
        let (old, new) = (try impostor(), try impostor())
        try queue.sync { try lane.work { try sendFolders(old) } }
        try gate.open(without: wish())
        var offer = try new.offer(to: pair.inbox, transfer: TransferID(unchecked: [UInt8](repeating: 5, count: 16)))
        offer.resumes = Impostor.transfer
        try queue.sync {
            try lane.work {
                try new.say(.offer(offer))
                old.victim.tick(now: VirtualClock().now)
                #expect(old.victim.hasFailed)
                old.victim.abandon()
                #expect(try !new.heard().isEmpty)
            }
        }
        #expect(Tree(at: pair.inbox).nodes.count <= 1)
    }

    /// Whoever takes the transfer up next finds nobody at work on it.
    @Test(.timeLimit(.minutes(1))) func aCommitIsDoneBeforeItsSessionIs() throws {
        let impostor = try impostor()
        try send(impostor)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(100)) { [gate] in gate.open() }
        impostor.victim.abandon()
        #expect(Tree(at: pair.inbox).nodes.keys.contains("file"))
        #expect(try Store(folder: pair.right.location.state).transfers().isEmpty)
    }
}
