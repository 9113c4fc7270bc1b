import Crypto
import PacketFSSecrets
import Testing

@testable import PacketFSChannel

/// The `Noise_NNpsk0_25519_*_SHA256` vectors of cacophony, byte for byte.
@Suite("Noise vectors", .enabled(if: Vectors.areThere, Vectors.absence))
struct NoiseVectorTests {
    struct File: Decodable {
        let vectors: [Vector]
    }

    struct Vector: Decodable {
        struct Message: Decodable {
            let payload: Hex
            let ciphertext: Hex
        }

        let protocol_name: String
        let init_prologue: Hex
        let init_psks: [Hex]
        let init_ephemeral: Hex
        let resp_prologue: Hex
        let resp_psks: [Hex]
        let resp_ephemeral: Hex
        let handshake_hash: Hex
        let messages: [Message]
    }

    @Test(arguments: [NoiseCipher.aesGCM, .chaChaPoly])
    func `a handshake and its transport messages are those of the vectors`(cipher: NoiseCipher) throws {
        let name = "Noise_NNpsk0_25519_\(cipher.name)_SHA256"
        let vectors = try Vectors.load("noise/nnpsk_25519.json", as: File.self).vectors
        let vector = try #require(vectors.first { $0.protocol_name == name })
        #expect(vector.messages.count > 2)
        var initiator = try state(
            .initiator, cipher, vector.init_prologue, vector.init_psks[0])
        var responder = try state(
            .responder, cipher, vector.resp_prologue, vector.resp_psks[0])

        let message1 = try initiator.write(
            vector.messages[0].payload.bytes, ephemeral: .init(rawRepresentation: vector.init_ephemeral.bytes))
        #expect(message1 == vector.messages[0].ciphertext.bytes)
        #expect(try responder.read(message1) == vector.messages[0].payload.bytes)
        let message2 = try responder.write(
            vector.messages[1].payload.bytes, ephemeral: .init(rawRepresentation: vector.resp_ephemeral.bytes))
        #expect(message2 == vector.messages[1].ciphertext.bytes)
        #expect(try initiator.read(message2) == vector.messages[1].payload.bytes)

        var sender = try initiator.split()
        var receiver = try responder.split()
        #expect(sender.hash == vector.handshake_hash.bytes)
        #expect(receiver.hash == vector.handshake_hash.bytes)
        for (index, message) in vector.messages.enumerated().dropFirst(2) {
            let plaintext = message.payload.bytes
            let sealed =
                try index % 2 == 0
                ? sender.fromInitiator.encrypt(plaintext, authenticating: [])
                : receiver.fromResponder.encrypt(plaintext, authenticating: [])
            #expect(sealed == message.ciphertext.bytes)
            let opened =
                try index % 2 == 0
                ? receiver.fromInitiator.decrypt(sealed, authenticating: [])
                : sender.fromResponder.decrypt(sealed, authenticating: [])
            #expect(opened == plaintext)
        }
    }

    private func state(
        _ role: Role, _ cipher: NoiseCipher, _ prologue: Hex, _ psk: Hex
    ) throws -> HandshakeState {
        let key = psk.bytes.span.bytes.withUnsafeBytes { SecretKey<PresharedKey>(copying: $0) }
        return HandshakeState(
            role: role, cipher: cipher, prologue: prologue.bytes, psk: key)
    }
}
