import Foundation
import PacketFSTestKit
import Testing

/// A server and callers that are slow, many, or in the way.
@Suite(.timeLimit(.minutes(15))) struct ServeProgramTests {
    @Test func aCallerThatSaysNothingIsCut() throws {
        let pair = try Pair(serving: ["--handshake-timeout", "0.3"])
        let line = try Line(to: pair.address)
        #expect(line.isCut())
        #expect(pair.server.wait(for: "error")?["code"] as? String == "connection")
        try expectServed(pair)
    }

    /// The time is for the whole handshake, however often something comes.
    @Test func aCallerThatTricklesIsCut() throws {
        let pair = try Pair()
        let relay = try Relay(to: pair.address)
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try expectService(of: pair)
        // Nearly all of a first message: it would take a minute.
        let message = relay.sentToServer.prefix(1_000)
        pair.stopServer()
        try pair.startServer(serving: ["--handshake-timeout", "0.5"])
        let line = try Line(to: pair.address)
        var sent = 0
        for byte in message {
            guard line.write([byte]) else { break }
            sent += 1
            usleep(50_000)
        }
        #expect(sent < message.count)
        try expectServed(pair)
    }

    @Test func anAddressThatIsTakenIsNoMistakeInTheArguments() throws {
        let pair = try Pair()
        let second = try pair.program.run(["serve", "--listen", pair.address, "--home", "b"])
        #expect(second.code == 5)
        #expect(second.error.contains("another program listens"))
    }

    /// Some twenty sessions would reach the limit that is usual.
    @Test func aServerMayOpenAsManyFilesAsTheSystemLets() throws {
        let pair = try Pair()
        pair.stopServer()
        let server = try pair.program.started(
            ["serve", "--listen", "127.0.0.1:0", "--home", "b", "--json"], through: ["prlimit", "--nofile=200:900"])
        _ = try #require(server.wait(for: "listening"))
        let limits = try String(contentsOfFile: "/proc/\(server.number)/limits", encoding: .utf8)
        let files = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
        #expect(files.split(separator: " ")[3...4] == ["900", "900"])
    }

    @Test func aPeerHasOnlySoManySessions() throws {
        let pair = try Pair()
        _ = try pair.program.run(["peer", "set", "a", "--max-sessions", "1", "--home", "b"])
        try withHeldTransfer(of: pair) {
            let second = try pair.run(["send", "file", "b:again"])
            #expect(second.code == 13)
            #expect(second.error.contains("no further session"))
        }
    }

    @Test func aServerThatStopsLetsTransfersFinish() throws {
        let pair = try Pair(serving: ["--stop-timeout", "600"])
        try withHeldTransfer(of: pair) {
            pair.server.signal(SIGTERM)
            // No new ones, as soon as it listens no more.
            let isRefused = try eventually { try pair.run(["send", "file", "b:again"]).code == 5 }
            #expect(isRefused)
        }
        #expect(pair.server.outcome().code == 0)
    }

    @Test func whatDoesNotFinishInTimeCanBeTakenUp() throws {
        let pair = try Pair(serving: ["--stop-timeout", "0"])
        let relay = try Relay(to: pair.address, malice: .hold(30_000_000))
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try pair.write(50_000_000, to: "file")
        let command = ["send", "file", "b:", "--no-learn", "--json"]
        let first = try pair.program.started(command + ["--home", "a"])
        relay.waitUntilHolding()
        pair.stopServer()
        relay.release()
        #expect(first.outcome().code == 5)
        #expect(!pair.exists("there/file"))
        try pair.startServer()
        let again = try pair.run(command)
        #expect(again.code == 0)
        #expect(again.events.last?["wire_sent"] as? Int ?? .max < 40_000_000)
        #expect(pair.areEqual("file", "there/file"))
    }

    /// Holds a transfer in its middle while `body` runs, and expects that it completes after.
    private func withHeldTransfer(of pair: Pair, _ body: () throws -> Void) throws {
        let relay = try Relay(to: pair.address, malice: .hold(1_000_000))
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try pair.write(2_000_000, to: "file")
        let transfer = try pair.program.started(["send", "file", "b:", "--home", "a"])
        relay.waitUntilHolding()
        try pair.reach(at: pair.address)
        try body()
        relay.release()
        #expect(transfer.outcome().code == 0)
        #expect(pair.areEqual("file", "there/file"))
    }

    /// The server goes on, and so does another with the usual patience: on a busy machine an honest caller may need it.
    private func expectServed(_ pair: Pair) throws {
        #expect(try Line(to: pair.address).isCut())
        pair.stopServer()
        try pair.startServer(serving: [])
        try expectService(of: pair)
    }

    private func expectService(of pair: Pair) throws {
        try pair.write(100, to: "file")
        #expect(try pair.run(["send", "file", "b:"]).code == 0)
        #expect(pair.areEqual("file", "there/file"))
    }
}
