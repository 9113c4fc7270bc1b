import PacketFSWire
import Testing

@testable import PacketFSChannel

/// No bit of either message can change unnoticed.
@Suite("Handshake, every bit")
struct HandshakeFlipTests {
    /// ML-KEM's bytes are sealed like any payload: with one suite is enough.
    static let kinds: [(CipherSuite, KeyExchange)] = [
        (.aes256gcm, .hybrid), (.aes256gcm, .classical), (.xchacha20poly1305, .classical),
    ]

    private static func flipped(_ bytes: [UInt8], bit: Int) -> [UInt8] {
        var bytes = bytes
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        return bytes
    }

    @Test(arguments: kinds)
    func `of message 1`(suite: CipherSuite, exchange: KeyExchange) throws {
        let pair = Pair(exchange: exchange)
        var random = SeededGenerator(1)
        let message = try HandshakeInitiator(credentials: pair.initiator, suite: suite, random: &random).message1
        var passed: [Int] = []
        for bit in 0..<message.count * 8 {
            let changed = Self.flipped(message, bit: bit)
            do {
                _ = try HandshakeResponder.respond(to: changed, among: [pair.responder], random: &random)
                passed.append(bit)
            } catch {}
        }
        #expect(passed.isEmpty)
    }

    @Test(arguments: kinds)
    func `of message 2`(suite: CipherSuite, exchange: KeyExchange) throws {
        let pair = Pair(exchange: exchange)
        var random = SeededGenerator(1)
        let encapsulation = try EncapsulationKeys(for: exchange, random: &random)
        let ephemeral = try KeyAgreement.key(using: &random)
        // The same keys give the same initiator, which is used up by each try.
        func initiate() throws -> HandshakeInitiator {
            try HandshakeInitiator(
                credentials: pair.initiator, suite: suite, accepting: [suite], salt: [UInt8](repeating: 5, count: 32),
                encapsulation: encapsulation, ephemeral: ephemeral)
        }
        let message1 = try initiate().message1
        let message = try HandshakeResponder.respond(
            to: message1, among: [pair.responder], random: &random
        ).message2
        var passed: [Int] = []
        for bit in 0..<message.count * 8 {
            let initiator = try initiate()
            do {
                _ = try initiator.finish(Self.flipped(message, bit: bit))
                passed.append(bit)
            } catch {}
        }
        #expect(passed.isEmpty)
        let initiator = try initiate()
        let repeated = initiator.message1
        #expect(repeated == message1)
        let session = try initiator.finish(message).sessionID
        #expect(session.count == 16)
    }
}
