import Foundation
import PacketFSChannel
import PacketFSStore
import PacketFSTestKit
import PacketFSWire
import Synchronization

@testable import PacketFS

/// Lets so many steps of a change of seeds happen, and then none any more, until it is told to again.
final class CrashSeedGate: SeedGate {
    struct Crash: Error {}

    private let left = Mutex<Int?>(nil)
    private let passed = Mutex(0)

    /// Steps since the last crash was ordered.
    var count: Int { passed.withLock(\.self) }

    /// `nil` for no crash.
    func crash(after steps: Int?) {
        left.withLock { $0 = steps }
        passed.withLock { $0 = 0 }
    }

    func pass(_: SeedStep) throws {
        passed.withLock { $0 += 1 }
        try left.withLock { left in
            guard let steps = left else { return }
            guard steps > 0 else { throw Crash() }
            left = steps - 1
        }
    }
}

/// Two homes that share seeds, the files that go between them, and handshakes without a network.
final class SeedPair {
    enum Side: Int, CaseIterable, Sendable {
        case left, right

        var other: Side { self == .left ? .right : .left }
    }

    let folder: String
    let gate = CrashSeedGate()
    private(set) var homes: [Home] = []
    /// Rotation files on their way, by the side that they are for. They are copied: nobody can be kept from it.
    private var mail: [(to: Side, file: String)] = []
    private var files = 0

    init() throws {
        folder = TestPair.base + "/packetfs-seeds-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for side in Side.allCases { _ = try Home.create(at: location(of: side)) }
        try restart()
        _ = try homes[0].newPeer("peer", exportingTo: folder + "/first")
        _ = try homes[1].importPeer(from: folder + "/first", as: "peer")
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func location(of side: Side) -> HomeLocation { HomeLocation(folder: "\(folder)/\(side)") }

    func home(_ side: Side) -> Home { homes[side.rawValue] }

    /// Opens both homes anew, as after a crash, which is over now.
    func restart() throws {
        gate.crash(after: nil)
        homes = try Side.allCases.map { try Home.open(at: location(of: $0), answering: nil, seedGate: gate) }
    }

    func rotate(_ side: Side) throws {
        files += 1
        let file = "\(folder)/rotation-\(files)"
        defer { if FileManager.default.fileExists(atPath: file) { mail.append((side.other, file)) } }
        try home(side).rotateSeed(of: "peer", exportingTo: file)
    }

    /// Takes in the newest file for this side, or one of the older ones once more.
    func importMail(_ side: Side, back: Int = 0, keeping: SeedKeeping = SeedKeeping()) throws {
        let mine = mail.filter { $0.to == side }
        guard mine.count > back else { return }
        let copy = "\(folder)/carried"
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.copyItem(atPath: mine[mine.count - 1 - back].file, toPath: copy)
        try home(side).importRotation(of: "peer", from: copy, keeping: keeping)
    }

    /// A session that this side opens, as far as seeds are concerned. False if no seed was taken.
    func session(from side: Side) throws -> Bool {
        let (caller, called) = (home(side), home(side.other))
        for seed in try caller.unlockedSeeds(of: caller.record(named: "peer")) {
            var random = SystemRandomNumberGenerator()
            let call = try HandshakeInitiator(credentials: seed.keys, suite: .aes256gcm, random: &random)
            let seeds = try called.answerableSeeds()
            let response: HandshakeResponse
            do {
                response = try HandshakeResponder.respond(
                    to: call.message1, among: seeds.map(\.keys), random: &random)
            } catch {
                continue
            }
            let answering = response.peer
            _ = try call.finish(response.message2)
            try caller.offer(seed.record)
            guard let theirs = seeds.first(where: { $0.keys === answering }) else { return false }
            try called.settle(theirs.record)
            try caller.settle(seed.record)
            return true
        }
        return false
    }

    func names(_ side: Side) throws -> [SeedName] {
        let home = home(side)
        return try home.store.seeds(of: home.record(named: "peer").party).map(\.name)
    }

    /// Whether a seed is left that both sides have, in the store and in the vault.
    func shareASeed() throws -> Bool {
        try restart()
        let held = try Side.allCases.map { side in
            let home = home(side)
            let peer = try home.record(named: "peer")
            return Set(try home.unlockedSeeds(of: peer).map(\.record.name))
        }
        return !held[0].isDisjoint(with: held[1])
    }

    /// The files of seeds that a side has, whether its store knows of them or not.
    func seedFiles(_ side: Side) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: location(of: side).state + "/seeds").filter { $0 != "lock" }
    }
}
