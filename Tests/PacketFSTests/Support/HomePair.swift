import Foundation
import PacketFS
import PacketFSTestKit

/// Two homes that share a seed. The ship serves, and may be called at; the office calls.
final class HomePair: Sendable {
    let folder: String
    let office: Home
    let ship: Home

    var inbox: String { folder + "/inbox" }
    var sources: String { folder + "/sources" }

    init(verbs: Set<Grant.Verb> = [.put]) throws {
        folder = NSTemporaryDirectory() + "packetfs-pair-" + UUID().uuidString
        for name in ["inbox", "sources"] {
            try FileManager.default.createDirectory(
                atPath: folder + "/" + name, withIntermediateDirectories: true)
        }
        office = try Home.create(at: HomeLocation(folder: folder + "/office"))
        ship = try Home.create(at: HomeLocation(folder: folder + "/ship"))
        _ = try office.newPeer("ship", exportingTo: folder + "/ship.peer")
        _ = try ship.importPeer(
            from: folder + "/ship.peer", as: "office", grants: [Grant(root: folder + "/inbox", verbs: verbs)])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs `body` while the ship serves, on a port that the system chooses.
    @discardableResult
    func serving<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        var options = ServerOptions()
        options.listen = "127.0.0.1:0"
        let (events, feed) = AsyncStream.makeStream(of: ServerEvent.self)
        let server = Server(home: ship, options: options) { feed.yield($0) }
        let task = Task { try await server.run() }
        defer { task.cancel() }
        for await case .listening(let address) in events {
            _ = try office.updatePeer("ship", address: address)
            break
        }
        return try await body()
    }

    func send(_ options: SendOptions = SendOptions()) async throws -> TransferSummary {
        try await office.send([sources + "/"], to: PeerPath(peer: "ship", path: ""), options: options).summary()
    }

    func add(_ names: [String]) async throws -> TransferSummary {
        try await office.addToBlob(names.map { sources + "/" + $0 }, peer: "ship").summary()
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: sources + "/" + name))
    }

    func arrived(_ name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: inbox + "/" + name).map { Array($0) }
    }

    func names() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: inbox).sorted()
    }

    /// Bytes that nothing compresses, the same for the same seed.
    static func random(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return random.bytes(count)
    }
}
