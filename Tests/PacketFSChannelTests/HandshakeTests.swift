import Crypto
import PacketFSSecrets
import PacketFSWire
import Testing

@testable import PacketFSChannel

@Suite("Handshake")
struct HandshakeTests {
    private func initiate(
        _ pair: Pair, _ suite: CipherSuite = .aes256gcm, accepting: [CipherSuite]? = nil, seed: UInt64 = 1
    ) throws -> HandshakeInitiator {
        var random = SeededGenerator(seed)
        return try HandshakeInitiator(
            credentials: pair.initiator, suite: suite, accepting: accepting, random: &random)
    }

    private func respond(
        to message: [UInt8], _ candidates: [PeerCredentials], allowed: [CipherSuite] = CipherSuite.allCases,
        seed: UInt64 = 2
    ) throws -> HandshakeResponse {
        var random = SeededGenerator(seed)
        return try HandshakeResponder.respond(
            to: message, among: candidates, allowedSuites: allowed, random: &random)
    }

    /// Why `initiator` does not take the answer. It is used up.
    private func refusal(of message2: [UInt8], by initiator: consuming HandshakeInitiator) -> ChannelError? {
        do {
            _ = try initiator.finish(message2)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: CipherSuite.allCases, KeyExchange.allCases)
    func `both ends reach the same session, and frames pass both ways`(
        suite: CipherSuite, exchange: KeyExchange
    ) throws {
        let pair = Pair(exchange: exchange)
        let initiator = try initiate(pair, suite)
        let response = try respond(to: initiator.message1, [pair.responder])
        let sizes = [initiator.message1.count, response.message2.count]
        #expect(sizes == (exchange == .hybrid ? [1298, 1169] : [114, 81]))
        let peer = response.peer
        #expect(peer === pair.responder)
        let ours = try initiator.finish(response.message2)
        let theirs = response.takeSecrets()
        let sessions = [ours.sessionID, theirs.sessionID]
        #expect(sessions[0] == sessions[1])
        let suites = [ours.suite, theirs.suite]
        #expect(suites == [suite, suite])
        var near = ours.channel(now: Instant(nanoseconds: 0))
        var far = theirs.channel(now: Instant(nanoseconds: 0))
        let payload = [UInt8](0...255)
        #expect(
            try far.open(near.sealed(.control, type: 9, payload)) == [
                Frame(plane: .control, type: 9, payload: payload)
            ])
        #expect(try near.open(far.sealed(.repair, type: 3, [])) == [Frame(plane: .repair, type: 3, payload: [])])
    }

    @Test
    func `two sessions of one seed share nothing`() throws {
        let pair = Pair(exchange: .classical)
        let one = try initiate(pair, seed: 1)
        let other = try initiate(pair, seed: 3)
        let answerToOne = try respond(to: one.message1, [pair.responder], seed: 2)
        let answerToOther = try respond(to: other.message1, [pair.responder], seed: 4)
        let clear = [one.message1.dropFirst(2).prefix(64), other.message1.dropFirst(2).prefix(64)]
        #expect(clear[0] != clear[1])
        let first = try one.finish(answerToOne.message2).sessionID
        let second = try other.finish(answerToOther.message2).sessionID
        #expect(first != second)
    }

    @Test
    func `the right peer is found among many`() throws {
        let pair = Pair()
        let strangers = (10..<30).compactMap {
            PeerCredentials(own: .numbered(2), peer: .numbered($0), seed: TestSeed($0))
        }
        let initiator = try initiate(pair)
        let candidates = strangers.prefix(7) + [pair.responder] + strangers.dropFirst(7)
        let response = try respond(to: initiator.message1, Array(candidates))
        let peer = response.peer
        #expect(peer === pair.responder)
    }

    @Test
    func `another seed is an unknown peer, and so is anyone where nobody is known`() throws {
        let pair = Pair(seed: 7, responderSeed: 8)
        let initiator = try initiate(pair)
        #expect(throws: ChannelError.unknownPeer) { _ = try respond(to: initiator.message1, [pair.responder]) }
        #expect(throws: ChannelError.unknownPeer) { _ = try respond(to: initiator.message1, []) }
    }

    @Test
    func `a seed that knows another party is an unknown peer`() throws {
        let pair = Pair()
        let elsewhere = try #require(PeerCredentials(own: .numbered(3), peer: .numbered(1), seed: TestSeed(7)))
        let initiator = try initiate(pair)
        #expect(throws: ChannelError.unknownPeer) { _ = try respond(to: initiator.message1, [elsewhere]) }
    }

    @Test
    func `an own message that comes back is refused`() throws {
        let pair = Pair()
        let initiator = try initiate(pair)
        #expect(throws: ChannelError.ownReflection) {
            _ = try respond(to: initiator.message1, [pair.initiator])
        }
        let message2 = Array(initiator.message1.dropFirst(66))
        let initiatorRefusal = refusal(of: message2, by: initiator)
        #expect(initiatorRefusal == .handshakeFailed)
    }

    @Test
    func `a party has no credentials towards itself`() {
        #expect(PeerCredentials(own: .numbered(1), peer: .numbered(1), seed: TestSeed(7)) == nil)
    }

    @Test
    func `a replayed message 1 leads to another session, into which nothing recorded fits`() throws {
        let pair = Pair(exchange: .classical)
        let initiator = try initiate(pair)
        let message1 = initiator.message1
        let first = try respond(to: message1, [pair.responder], seed: 2)
        let replay = try respond(to: message1, [pair.responder], seed: 5)
        var near = try initiator.finish(first.message2).channel(now: Instant(nanoseconds: 0))
        let recorded = try near.sealed(.control, type: 1, [1, 2, 3])
        var far = replay.takeSecrets().channel(now: Instant(nanoseconds: 0))
        #expect(throws: ChannelError.notAuthentic) { try far.open(recorded) }
        let hasOpened = far.opener.hasOpened
        #expect(!hasOpened)
    }

    @Test
    func `an answer to another message 1 is refused`() throws {
        let pair = Pair()
        let earlier = try initiate(pair, seed: 1)
        let recorded = try respond(to: earlier.message1, [pair.responder]).message2
        let later = try initiate(pair, seed: 9)
        let laterRefusal = refusal(of: recorded, by: later)
        #expect(laterRefusal == .handshakeFailed)
    }

    @Test(arguments: [(KeyExchange.hybrid, KeyExchange.classical), (.classical, .hybrid)])
    func `ends that disagree about ML-KEM have no session`(ours: KeyExchange, theirs: KeyExchange) throws {
        let pair = Pair(exchange: ours, responderExchange: theirs)
        let initiator = try initiate(pair)
        #expect(throws: ChannelError.handshakeFailed) { _ = try respond(to: initiator.message1, [pair.responder]) }
    }

    @Test
    func `an answer without the ML-KEM ciphertext is refused`() throws {
        let pair = Pair()
        let initiator = try initiate(pair)
        // What a responder that knows the psk would say if it wanted to do without.
        let header = try HandshakeHeader(parsing: initiator.message1.prefix(66))
        var noise = HandshakeState(
            role: .responder, cipher: .aesGCM, prologue: header.prologue, psk: pair.responder.psk)
        _ = try noise.read(Array(initiator.message1.dropFirst(66)))
        let salt = [UInt8](repeating: 0, count: 32)
        let message2 = try noise.write(
            HandshakeAnswer(salt: salt, suite: .aes256gcm, ciphertext: []).encoded, ephemeral: .init())
        let initiatorRefusal = refusal(of: message2, by: initiator)
        #expect(initiatorRefusal == .handshakeFailed)
    }

    @Test
    func `a suite that is not allowed is answered with one that is, which the initiator must accept`() throws {
        let pair = Pair(exchange: .classical)
        let strict = try initiate(pair, .aes256gcm)
        let answer = try respond(to: strict.message1, [pair.responder], allowed: [.xchacha20poly1305])
        let strictRefusal = refusal(of: answer.message2, by: strict)
        #expect(strictRefusal == .suiteRefused)
        let open = try initiate(pair, .aes256gcm, accepting: CipherSuite.allCases)
        let choice = try respond(to: open.message1, [pair.responder], allowed: [.xchacha20poly1305])
        let suite = try open.finish(choice.message2).suite
        #expect(suite == .xchacha20poly1305)
        let refused = try initiate(pair)
        #expect(throws: ChannelError.suiteRefused) {
            _ = try respond(to: refused.message1, [pair.responder], allowed: [])
        }
    }

    @Test(arguments: KeyExchange.allCases)
    func `every other length of either message is refused`(exchange: KeyExchange) throws {
        let pair = Pair(exchange: exchange)
        let initiator = try initiate(pair)
        let message1 = initiator.message1
        for count in 0..<message1.count {
            #expect(throws: ChannelError.self) {
                _ = try respond(to: Array(message1.prefix(count)), [pair.responder])
            }
        }
        #expect(throws: ChannelError.malformedHandshake) { _ = try respond(to: message1 + [0], [pair.responder]) }
        let message2 = try respond(to: message1, [pair.responder]).message2
        for count in stride(from: 0, to: message2.count, by: exchange == .classical ? 1 : 29) {
            let again = try initiate(pair)
            let againRefusal = refusal(of: Array(message2.prefix(count)), by: again)
            #expect(againRefusal != nil)
        }
        let initiatorRefusal = refusal(of: message2 + [0], by: initiator)
        #expect(initiatorRefusal == .handshakeFailed)
    }

    @Test
    func `credentials show no key when printed`() {
        let credentials = Pair().initiator
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect("\(credentials)" == "PeerCredentials")
        #expect(String(reflecting: credentials) == "PeerCredentials")
        #expect(Mirror(reflecting: credentials).children.isEmpty)
        #expect(!dumped.contains("key") && !dumped.contains("0x"))
    }
}
