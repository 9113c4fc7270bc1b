import Foundation
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire

/// The two messages of a handshake, whole and damaged.
enum HandshakeVectors {
    /// Answers with ML-KEM, which the second implementation made: encapsulating is never the same twice.
    private struct Answers: Decodable {
        struct Answer: Decodable {
            let suite: UInt8
            let ciphertext: Hex
            let secret: Hex
            let message2: Hex

            enum CodingKeys: String, CodingKey {
                case suite, ciphertext, secret
                case message2 = "message_2"
            }
        }

        let answers: [Answer]
    }

    static func file(answers: URL) throws -> VectorFile {
        var file = VectorFile(
            "handshake", of: "handshake.md",
            notes: "Messages are without their length. `reader` is who must refuse a message; nothing is released.")
        for suite in [UInt8(1), 2] {
            let inputs = Inputs.session(suite: suite)
            let caller = try inputs.handshakeInitiator()
            let message1 = caller.message1
            let message2 = try inputs.response(to: message1).message2
            let session = try caller.finish(message2).sessionID
            file.accept("suite \(suite), classical", try accepted(inputs, message1, message2, session))
            refuse(inputs, message1, message2, in: &file)
        }
        for answer in try JSONDecoder().decode(Answers.self, from: Data(contentsOf: answers)).answers {
            let inputs = Inputs.session(suite: answer.suite, exchange: "hybrid")
            let caller = try inputs.handshakeInitiator()
            let message1 = caller.message1
            let session = try caller.finish(answer.message2.bytes).sessionID
            let fields = try accepted(inputs, message1, answer.message2.bytes, session)
            file.accept(
                "suite \(answer.suite), hybrid",
                fields.with([
                    "mlkem_ciphertext": .text(answer.ciphertext.text), "mlkem_secret": .text(answer.secret.text),
                ]))
            refuse(inputs, message1, answer.message2.bytes, in: &file)
        }
        return file
    }

    private static func accepted(
        _ inputs: VectorInputs, _ message1: [UInt8], _ message2: [UInt8], _ session: [UInt8]
    ) throws -> JSON {
        [
            "inputs": inputs.json, "message_1": .hex(message1), "message_2": .hex(message2),
            "session_id": .hex(session),
        ]
    }

    private static func refuse(
        _ inputs: VectorInputs, _ message1: [UInt8], _ message2: [UInt8], in file: inout VectorFile
    ) {
        let kind = "suite \(inputs.suite), \(inputs.exchange)"
        func responder(_ name: String, _ message: [UInt8]) {
            file.refuse(
                "\(kind): \(name)", ["inputs": inputs.json, "reader": "responder", "message_1": .hex(message)])
        }
        func initiator(_ name: String, _ message: [UInt8]) {
            file.refuse(
                "\(kind): \(name)", ["inputs": inputs.json, "reader": "initiator", "message_2": .hex(message)])
        }
        responder("message 1 cut", Array(message1.dropLast()))
        responder("message 1 with a byte more", message1 + [0])
        responder("another version", message1.replacing(0, with: 2))
        responder("an unknown suite", message1.replacing(1, with: 3))
        responder("the other suite", message1.replacing(1, with: 3 - inputs.suite))
        for (name, bit) in [("salt", 16), ("tag", 34 * 8 + 7), ("ephemeral key", 66 * 8), ("payload", 98 * 8)] {
            responder("a flipped bit of the \(name)", message1.flipping(bit: bit))
        }
        responder("message 2 instead of message 1", message2)
        initiator("message 2 cut", Array(message2.dropLast()))
        initiator("message 2 with a byte more", message2 + [0])
        for (name, bit) in [("ephemeral key", 0), ("payload", 32 * 8), ("tag", message2.count * 8 - 1)] {
            initiator("a flipped bit of the \(name) of message 2", message2.flipping(bit: bit))
        }
        initiator("message 1 sent back", message1)
        initiator("an ephemeral key of zeros", [UInt8](repeating: 0, count: 32) + message2.dropFirst(32))
    }
}
