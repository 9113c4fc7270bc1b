import PacketFSChannel
import PacketFSTestKit
import PacketFSWire
import Testing

/// `Vectors/handshake.json`, `frames.json` and `integrity.json`.
@Suite("Vectors of handshake, frames and tags")
struct HandshakeVectorTests {
    struct HandshakeCase: Decodable, Sendable {
        let name: String
        let inputs: VectorInputs
        let reader: String?
        let message_1: Hex?
        let message_2: Hex?
        let session_id: Hex?
    }

    @Test func handshakes() throws {
        let file = try VectorFile<HandshakeCase>("handshake")
        #expect(file.valid.count == 4)
        for vector in file.valid {
            let caller = try vector.inputs.handshakeInitiator()
            let message1 = caller.message1
            #expect(message1 == vector.message_1?.bytes, "\(vector.name)")
            let secrets = try caller.finish(#require(vector.message_2).bytes)
            #expect(secrets.sessionID == vector.session_id?.bytes, "\(vector.name)")
            guard vector.inputs.exchange == "classical" else { continue }
            let response = try vector.inputs.response(to: message1)
            #expect(response.message2 == vector.message_2?.bytes, "\(vector.name)")
        }
    }

    @Test func damagedHandshakesAreRefused() throws {
        let file = try VectorFile<HandshakeCase>("handshake")
        #expect(file.invalid.count > 60)
        for vector in file.invalid {
            if vector.reader == "responder" {
                let message = try #require(vector.message_1).bytes
                #expect(throws: ChannelError.self, "\(vector.name)") {
                    _ = try vector.inputs.response(to: message).message2
                }
            } else {
                let message = try #require(vector.message_2).bytes
                let caller = try vector.inputs.handshakeInitiator()
                let isRefused = refuses(caller, message)
                #expect(isRefused, "\(vector.name)")
            }
        }
    }

    private func refuses(_ caller: consuming HandshakeInitiator, _ message: [UInt8]) -> Bool {
        do {
            _ = try caller.finish(message).sessionID
            return false
        } catch {
            return true
        }
    }

    struct FrameCase: Decodable, Sendable {
        struct Released: Decodable, Equatable, Sendable {
            let plane: UInt8
            let type: UInt8
            let payload: Hex
        }

        let name: String
        let inputs: VectorInputs
        let direction: Int
        let wire: Hex
        let released: [Released]
        let incomplete: Bool?
        let epoch_frames: UInt64?
        let epoch_bytes: UInt64?
    }

    /// What is handed on before the failure, if there is one, and not a byte more.
    @Test(arguments: [true, false])
    func frames(_ areValid: Bool) throws {
        let file = try VectorFile<FrameCase>("frames")
        let cases = areValid ? file.valid : file.invalid
        #expect(cases.count >= (areValid ? 6 : 40))
        for vector in cases {
            var limits = ChannelLimits.standard
            if let frames = vector.epoch_frames { limits.frames = frames }
            if let bytes = vector.epoch_bytes { limits.bytes = bytes }
            let session = try VectorSession(vector.inputs, limits: limits)
            let (released, hasFailed, pending) = open(vector, session)
            #expect(released == vector.released, "\(vector.name)")
            let isCut = vector.incomplete == true
            #expect(hasFailed == (!areValid && !isCut), "\(vector.name)")
            #expect((pending > 0) == isCut || hasFailed, "\(vector.name)")
        }
    }

    private func open(
        _ vector: FrameCase, _ session: consuming VectorSession
    ) -> (released: [FrameCase.Released], hasFailed: Bool, pending: Int) {
        let start = Instant(nanoseconds: 0)
        var released: [FrameCase.Released] = []
        do {
            let release = { (frame: Frame) in
                released.append(
                    FrameCase.Released(plane: frame.plane.rawValue, type: frame.type, payload: Hex(frame.payload)))
            }
            if vector.direction == 0 {
                try session.responder.opener.open(vector.wire.bytes, now: start, release)
            } else {
                try session.initiator.opener.open(vector.wire.bytes, now: start, release)
            }
        } catch {
            return (released, true, 0)
        }
        let pending =
            vector.direction == 0 ? session.responder.opener.pending : session.initiator.opener.pending
        return (released, false, pending)
    }

    struct TagCase: Decodable, Sendable {
        let name: String
        let inputs: VectorInputs
        let transfer: Hex
        let stream: UInt8
        let leaf: UInt64
        let part: Int?
        let data: Hex
        let tag: Hex
    }

    @Test(arguments: [true, false])
    func tags(_ areValid: Bool) throws {
        let file = try VectorFile<TagCase>("integrity")
        let cases = areValid ? file.valid : file.invalid
        #expect(cases.count >= 12)
        for vector in cases {
            let session = try VectorSession(vector.inputs)
            let key = session.initiator.integrity.key(for: TransferID(unchecked: vector.transfer.bytes))
            let leaf = LeafID(try #require(StreamKind(rawValue: vector.stream)), vector.leaf)
            let tag = vector.data.bytes.withUnsafeBytes { bytes in
                vector.part.map { key.tag(part: $0, of: leaf, bytes: bytes) } ?? key.tag(leaf: leaf, bytes: bytes)
            }
            #expect((tag == vector.tag.bytes) == areValid, "\(vector.name)")
        }
    }
}
