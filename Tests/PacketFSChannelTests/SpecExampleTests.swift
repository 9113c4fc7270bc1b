import Foundation
import PacketFSSecrets
import PacketFSWire
import Testing

@testable import PacketFSChannel

/// The examples of `Specs/handshake.md` §12 and `Specs/frames.md` §10, byte by byte, as the pages have them.
@Suite("Examples of the specification")
struct SpecExampleTests {
    /// Gives each byte `first`, `first + 1`, … for 32 bytes at a time.
    private struct Blocks: RandomNumberGenerator {
        var byte: UInt8
        var words = 0

        mutating func next() -> UInt64 {
            defer {
                words += 1
                if words % 4 == 0 { byte += 1 }
            }
            return UInt64(byte) &* 0x0101_0101_0101_0101
        }
    }

    /// The hexadecimal lines of a page that follow `title`, up to an empty line.
    private func block(_ title: String, in page: String) throws -> [UInt8] {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: package.appending(path: "Specs/\(page)"), encoding: .utf8)
        let start = try #require(text.range(of: title)).upperBound
        let lines = text[start...].split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            .drop { $0.isEmpty }.prefix { $0.hasPrefix("    ") }
        return lines.joined(separator: " ").split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }

    @Test
    func `a session without ML-KEM`() throws {
        let pair = Pair(exchange: .classical)
        var ours = Blocks(byte: 0x31)
        var theirs = Blocks(byte: 0x41)
        let initiator = try HandshakeInitiator(credentials: pair.initiator, suite: .aes256gcm, random: &ours)
        let message1 = initiator.message1
        let response = try HandshakeResponder.respond(to: message1, among: [pair.responder], random: &theirs)
        let message2 = response.message2
        let secrets = try initiator.finish(message2)
        let session = secrets.sessionID
        let start = Instant(nanoseconds: 0)
        var near = secrets.channel(now: start, padding: .padme)
        var far = response.takeSecrets().channel(now: start, padding: .none)
        let first = try near.sealed(.control, type: 10, [])
        let answer = try far.sealed(.data, [1, 2, 3])

        let page = "handshake.md"
        #expect(try pair.initiator.psk.withUnsafeBytes { Array($0) } == block("\nPre-shared key:", in: page))
        #expect(
            try pair.initiator.ownIdentity.withUnsafeBytes { Array($0) }
                == block("\nIdentity key of the initiator as initiator:", in: page))
        #expect(try message1 == block("\nMessage 1, without its length `00 72`:", in: page))
        #expect(try message2 == block("\nMessage 2, without its length `00 51`:", in: page))
        #expect(HandshakeReader.framed(message1).prefix(2) == [0, 0x72])
        #expect(HandshakeReader.framed(message2).prefix(2) == [0, 0x51])
        #expect(try session == block("\nSession id:", in: page))
        #expect(try first == block("(control, type 10, no payload), padded:", in: "frames.md"))
        #expect(try answer == block("the bytes `01 02 03`, not padded:", in: "frames.md"))
    }
}
