import Foundation
import PacketFS
import PacketFSTestKit
import Testing

/// What a peer learns of the paths of one who fetches, and what its own home says of it.
@Suite struct AskedPathTests {
    @Test func aFetcherTellsNothingOfItsDestination() throws {
        let pair = try TestPair()
        var random = SeededRandom(seed: 3)
        Tree(["big": .file(random.bytes(9 << 20), mode: 0o600, modified: 1_600_000_000)]).write(to: pair.outbox)
        var setup = SessionSetup()
        setup.verb = .get
        setup.faults.cut = (.toInitiator, 7 << 20)
        try SimulatedSession(pair, setup, random: &random).run()
        try pair.reopen()
        let asked = try #require(try pair.left.status().unfinished.first)
        #expect(asked.isSending && asked.asked?.hasPrefix(pair.outbox) == true)
        #expect(try pair.right.status().unfinished.first?.destination == pair.inbox)
        #expect(try pair.right.status().unfinished.first?.asked == nil)
        let state = pair.left.location.state
        for name in try FileManager.default.subpathsOfDirectory(atPath: state) {
            let bytes = FileManager.default.contents(atPath: state + "/" + name) ?? Data()
            #expect(bytes.range(of: Data("inbox".utf8)) == nil, "\(name)")
        }
    }
}
