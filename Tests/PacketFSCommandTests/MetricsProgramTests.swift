import Foundation
import Testing

@Suite(.timeLimit(.minutes(15))) struct MetricsProgramTests {
    private func scrape(_ address: String) throws -> [String: Double] {
        let answer = try Relay.replay(
            Array("GET /metrics HTTP/1.1\r\nHost: \(address)\r\n\r\n".utf8), to: address, endsRequest: false)
        let lines = String(decoding: answer, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return lines.reduce(into: [:]) { found, line in
            let words = line.split(separator: " ")
            if words.count == 2, let number = Double(words[1]) { found[String(words[0])] = number }
        }
    }

    /// Asks until the figures are as wanted: the server counts what it did after its peers know of it.
    private func scrape(_ address: String, until isRight: ([String: Double]) -> Bool) throws -> [String: Double] {
        while true {
            let found = try scrape(address)
            if isRight(found) { return found }
            usleep(20_000)
        }
    }

    @Test func aServerCountsItsSessions() throws {
        let pair = try Pair(serving: ["--metrics", "127.0.0.1:0"])
        let address = try #require(pair.server.wait(for: "metrics")?["address"] as? String)
        // Whoever watches sees the first step of each counter.
        let nothing = try scrape(address) { $0.count == 9 }
        #expect(nothing.values.allSatisfy { $0 == 0 } && nothing["packetfs_rejected_frames_total"] != nil)
        try pair.write(300_000, to: "file")
        for _ in 0..<2 { #expect(try pair.run(["send", "file", "b:"]).code == 0) }
        _ = try Relay.replay([0, 3, 1, 2, 3], to: pair.address)
        let relay = try Relay(to: pair.address, malice: .flip(5_000))
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try pair.write(300_000, to: "other")
        #expect(try pair.run(["send", "other", "b:"]).code != 0)
        _ = pair.server.wait(for: "error") { $0["peer"] as? String == "a" }
        let numbers = try scrape(address) { numbers in
            ["done", "failed"].allSatisfy { numbers["packetfs_sessions_total{result=\"\($0)\"}"] == 2 }
        }
        #expect(numbers["packetfs_rejected_frames_total"] == 1)
        #expect(numbers["packetfs_rejected_handshakes_total"] == 1)
        #expect(numbers["packetfs_content_bytes_total"] == 300_000)
        #expect(numbers["packetfs_wire_received_bytes_total"] ?? 0 > 300_000)
        #expect(numbers["packetfs_wire_ratio"] ?? 0 > 1)
        #expect(numbers["packetfs_session_seconds_count"] == 2)
        pair.server.signal(SIGTERM)
        #expect(pair.server.outcome().code == 0)
    }

    @Test func padsAreMeasured() throws {
        let program = try Program()
        _ = try program.run(["init", "--home", "h"])
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<1 << 20).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try Data(bytes).write(to: URL(filePath: program.folder + "/noise"))
        _ = try program.run(["pad", "create", "whole", "--size", "1M", "--source", "noise"])
        _ = try program.run(["pad", "split", "whole", "one", "other"])
        #expect(try program.run(["pad", "import", "one", "--name", "far", "--home", "h"]).code == 0)
        let server = try program.started(
            ["serve", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--home", "h", "--json"])
        let found = try #require(server.wait(for: "metrics")?["address"] as? String)
        let left = try scrape(found) { $0["packetfs_pad_left_bytes{pad=\"far\"}"] != nil }
        #expect(left["packetfs_pad_left_bytes{pad=\"far\"}"] == 524_288)
    }

    @Test func theyAreOffByDefaultAndOnLoopbackOnly() throws {
        let pair = try Pair()
        pair.server.signal(SIGTERM)
        #expect(pair.server.wait(for: "metrics") == nil)
        let refused = try pair.program.run(["serve", "--metrics", "0.0.0.0:0", "--home", "b", "--json"])
        #expect(refused.code == 2)
    }
}
