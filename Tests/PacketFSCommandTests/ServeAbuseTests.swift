import Foundation
import Testing

/// Strangers at the door of a server, while a peer wants in. `scripts/abuse-serve` does the same at length.
@Suite struct ServeAbuseTests {
    @Test func whoSaysNothingKeepsNobodyOut() throws {
        let pair = try Pair(serving: ["--max-handshakes", "8", "--handshake-timeout", "600"])
        try expectService(of: pair, beside: (0..<40).map { _ in try Relay.open(to: pair.address) })
    }

    @Test func whoSpeaksSlowlyKeepsNobodyOut() throws {
        let pair = try Pair(serving: ["--max-handshakes", "8", "--handshake-timeout", "600"])
        // The length of a message 1, and its first bytes.
        let beginning: [UInt8] = [5, 18, 1, 1, 7, 7, 7]
        try expectService(of: pair, beside: (0..<40).map { _ in try Relay.open(to: pair.address, saying: beginning) })
    }

    /// All are counted, and few are logged.
    @Test func strangersFillNoLog() throws {
        let pair = try Pair(serving: ["--metrics", "127.0.0.1:0"])
        let metrics = try #require(pair.server.wait(for: "metrics")?["address"] as? String)
        for _ in 0..<200 { _ = try Relay.replay([0, 3, 1, 2, 3], to: pair.address) }
        let question = Array("GET /metrics HTTP/1.1\r\nHost: \(metrics)\r\n\r\n".utf8)
        var isCounted = false
        while !isCounted {
            let answer = try Relay.replay(question, to: metrics, endsRequest: false)
            isCounted = String(decoding: answer, as: UTF8.self).contains("packetfs_rejected_handshakes_total 200")
        }
        pair.server.signal(SIGTERM)
        let outcome = pair.server.outcome()
        let errors = outcome.events.filter { $0["event"] as? String == "error" }
        let logged = outcome.error.split(separator: "\n").count { $0.contains("session failed") }
        // A minute may have ended meanwhile.
        #expect((11...44).contains(errors.count) && logged == errors.count, "\(errors.count) \(logged)")
        #expect((errors.last?["message"] as? String)?.contains("more connections proved nothing") == true)
    }

    /// The system says at once that there is still no descriptor, for as long as one asks.
    @Test func whoCallsWhileNoDescriptorIsLeftWaits() throws {
        let pair = try Pair(serving: ["--handshake-timeout", "600"])
        let server = pair.server.number
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server)/fd")
        try limitDescriptors(of: server, to: open.count + 4)
        let callers = try (0..<40).map { _ in try Relay.open(to: pair.address) }
        let error = try #require(pair.server.wait(for: "error"))
        #expect(error["code"] as? String == "limit")
        let before = try seconds(of: server)
        Thread.sleep(forTimeInterval: 1)
        #expect(try seconds(of: server) - before < 0.5)
        try limitDescriptors(of: server, to: 1024)
        try expectService(of: pair, beside: callers)
    }

    private func limitDescriptors(of process: pid_t, to count: Int) throws {
        let arguments = ["--pid", "\(process)", "--nofile=\(count):1024"]
        let limiting = try Process.run(URL(filePath: "/usr/bin/prlimit"), arguments: arguments)
        limiting.waitUntilExit()
        try #require(limiting.terminationStatus == 0)
    }

    /// Time that it took of processors.
    private func seconds(of process: pid_t) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        let fields = text[text.index(after: try #require(text.lastIndex(of: ")")))...].split(separator: " ")
        return try Double(#require(Int(fields[11])) + #require(Int(fields[12]))) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The server answers a recorded call once; that may not cost its peer a session.
    @Test func recordedCallsTakeNoSession() throws {
        let pair = try Pair(serving: ["--max-handshakes", "8", "--handshake-timeout", "600"])
        let call = try recordedCall(pair)
        try expectService(of: pair, beside: (0..<40).map { _ in try Relay.open(to: pair.address, saying: call) })
    }

    @Test func whoIsSilentAfterARecordedCallIsLeft() throws {
        let pair = try Pair(serving: ["--handshake-timeout", "1"])
        let call = try recordedCall(pair)
        let began = ContinuousClock.now
        #expect(try !Relay.replay(call, to: pair.address, endsRequest: false).isEmpty)
        #expect(ContinuousClock.now - began < .seconds(60))
    }

    @Test func aPeerHasNoMoreSessionsThanItsEntryAllows() throws {
        let pair = try Pair()
        _ = try pair.program.run(["peer", "set", "a", "--max-sessions", "1", "--home", "b"])
        try pair.write(120_000_000, to: "file")
        try pair.write(10, to: "other")
        let first = try pair.program.started(["send", "file", "b:", "--json", "--no-learn", "--home", "a"])
        try #require(first.wait(for: "progress") { ($0["bytes_done"] as? Int ?? 0) > 8_000_000 } != nil)
        first.signal(SIGSTOP)
        let refused = try pair.run(["send", "other", "b:"])
        #expect(refused.code != 0)
        #expect(refused.error.contains("no further session"))
        #expect(!pair.exists("there/other"))
        first.signal(SIGCONT)
        #expect(first.outcome().code == 0)
        #expect(try pair.run(["send", "other", "b:"]).code == 0)
    }

    /// Message 1 of an earlier session, as a server gets it that was started since.
    private func recordedCall(_ pair: Pair) throws -> [UInt8] {
        let relay = try Relay(to: pair.address)
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try pair.write(5_000, to: "earlier")
        #expect(try pair.run(["send", "earlier", "b:"]).code == 0)
        pair.stopServer()
        try pair.startServer()
        return Array(relay.sentToServer.prefix(Relay.call))
    }

    private func expectService(of pair: Pair, beside strangers: [Int32]) throws {
        defer { for stranger in strangers { close(stranger) } }
        try pair.write(300_000, to: "file")
        #expect(try pair.run(["send", "file", "b:"]).code == 0)
        #expect(pair.areEqual("file", "there/file"))
    }
}
