import Glibc
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// Digests of files whose names are no text, or look alike.
@Suite struct DigestTests {
    @Test func eachFileHasItsOwn() throws {
        let pair = try TestPair()
        let names: [[UInt8]] = [
            [0x61, 0xfe], [0x61, 0xff], Array("e\u{301}.txt".utf8), Array("\u{e9}.txt".utf8), Array("a\\xff".utf8),
        ]
        for (number, name) in names.enumerated() {
            let path = Array(pair.outbox.utf8) + [UInt8(ascii: "/")] + name + [0]
            let file = open(path.map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT, 0o600)
            try #require(file >= 0)
            #expect(write(file, "\(number)", 1) == 1)
            close(file)
        }
        var setup = SessionSetup()
        setup.options.digests = true
        var random = SeededRandom(seed: 1)
        let session = try SimulatedSession(pair, setup, random: &random)
        try session.run()
        #expect(session.isComplete)
        let digests = session.responder.summary(now: session.clock.now).digests
        #expect(digests.count == names.count && Set(digests.map(\.path)) == Set(names))
        #expect(Set(digests.map(\.sha256)).count == names.count)
        #expect(Set(digests.map { Array($0.text.utf8) }).count == names.count)
    }

    @Test(
        arguments: [
            (Array("a/é 漢🙂".utf8), "a/é 漢🙂"), ([0x61, 0xff], "a\\xff"), (Array("a\\xff".utf8), "a\\\\xff"),
            ([0xe6, 0xbc], "\\xe6\\xbc"), ([0xed, 0xa0, 0x80, 0x62], "\\xed\\xa0\\x80b"), ([0xc0, 0x80], "\\xc0\\x80"),
            ([], ""),
        ] as [([UInt8], String)]) func aPathIsText(_ path: [UInt8], _ text: String)
    {
        #expect(Array(String(path: path).utf8) == Array(text.utf8))
        #expect([UInt8](pathText: text) == path)
    }

    @Test(arguments: ["a\\", "\\a", "\\x", "\\xf", "\\xgg", "\\u", "\\u{", "\\u{}", "\\u{d800}", "\\u{1b"])
    func otherTextIsNoPath(_ text: String) {
        #expect([UInt8](pathText: text) == nil)
    }

    @Test func whatATerminalShowsIsReadAgain() {
        #expect([UInt8](pathText: "a\\u{1b}\\\\u{1b}") == Array("a\u{1b}\\u{1b}".utf8))
    }
}
