import PacketFSChannel
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// `Vectors/session.json`: whole sessions that were recorded, heard again by both ends.
@Suite("Vectors of sessions")
struct SessionVectorTests {
    struct Case: Decodable, Sendable {
        let name: String
        let inputs: VectorInputs
        let from_initiator: Hex
        let from_responder: Hex
        let contents: [String: Hex]?
        /// Which one is cut.
        let direction: Int?

        /// What one end says once hands are shaken.
        func said(by role: Role) -> [UInt8] {
            let bytes = role == .initiator ? from_initiator.bytes : from_responder.bytes
            return Array(bytes.dropFirst(2 + Int(bytes[0]) << 8 + Int(bytes[1])))
        }

        func channel(_ role: Role) throws -> SealedChannel {
            try VectorSession(inputs).channel(of: role)
        }
    }

    private let start = Instant(nanoseconds: 0)

    @Test func sessionsAreHeardToTheirEnd() throws {
        let file = try VectorFile<Case>("session")
        #expect(file.valid.count == 4)
        for vector in file.valid {
            #expect(try isHeard(vector, by: .responder) && isHeard(vector, by: .initiator), "\(vector.name)")
            let (found, hasEnded) = try received(vector)
            #expect(hasEnded && found == vector.contents?.mapValues(\.bytes), "\(vector.name)")
        }
    }

    /// Also at the boundary of a frame, where nothing else is amiss.
    @Test func whatEndsBeforeItsEndIsTruncated() throws {
        let file = try VectorFile<Case>("session")
        #expect(file.invalid.count == 8)
        for vector in file.invalid {
            let isOfInitiator = try #require(vector.direction) == 0
            #expect(try !isHeard(vector, by: isOfInitiator ? .responder : .initiator), "\(vector.name)")
            #expect(try received(vector).hasEnded != isOfInitiator, "\(vector.name)")
        }
    }

    /// Whether one end hears the other to its end. What runs a session takes a connection that is over without it for lost.
    private func isHeard(_ vector: Case, by role: Role) throws -> Bool {
        let link = try SealedLink(
            channel: vector.channel(role), handshakeSent: 0, handshakeReceived: 0, started: start, now: start)
        try vector.said(by: role == .initiator ? .responder : .initiator).withUnsafeBytes { bytes in
            var rest = bytes
            try link.receive(&rest, now: start, while: { true }, { _ in })
            #expect(rest.isEmpty)
        }
        return link.peerHasEnded
    }

    /// What a home that is called makes of it: the files that it writes, and whether it heard the end.
    private func received(_ vector: Case) throws -> (files: [String: [UInt8]], hasEnded: Bool) {
        let pair = try TestPair()
        let end = try pair.right.answeringEnd(
            peer: TestPair.peer, over: vector.channel(.responder), gate: CrashGate(), now: start)
        var bytes = vector.said(by: .initiator)
        while !bytes.isEmpty {
            bytes.removeFirst(end.received(bytes.span.bytes, now: start).taken)
            while !end.said(now: start).isEmpty {}
        }
        try end.rethrow()
        let files = Tree(at: pair.inbox + "/x").nodes.compactMapValues { node -> [UInt8]? in
            if case .file(let bytes, _, _) = node { bytes } else { nil }
        }
        return (files, end.peerHasEnded)
    }
}
