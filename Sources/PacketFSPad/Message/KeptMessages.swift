internal import Glibc
internal import PacketFSWire

/// A sealed message that is kept until the peer acknowledges it.
package struct KeptMessage: Sendable, Equatable {
    /// The first block of our half that it covers.
    package var start: UInt64
    /// Bytes.
    package var length: UInt64
}

extension Pad {
    private static let suffix = ".message"
    private static let unfinished = ".new"

    func messagePath(_ start: UInt64) -> String { "\(place.messages)/\(start)\(Self.suffix)" }
    func unfinishedPath(_ start: UInt64) -> String { messagePath(start) + Self.unfinished }

    /// Messages that are kept, oldest first.
    package func kept() throws(PadError) -> [KeptMessage] {
        var kept: [KeptMessage] = []
        for name in try Folder.names(in: place.messages) where name.hasSuffix(Self.suffix) {
            guard let start = UInt64(name.dropLast(Self.suffix.count)) else { continue }
            kept.append(KeptMessage(start: start, length: try PrivateFile(messagePath(start), O_RDONLY).size()))
        }
        return kept.sorted { $0.start < $1.start }
    }

    /// Removes a message that need not be kept. Throws `noSuchMessage`.
    package func forget(_ start: UInt64) throws(PadError) {
        guard access(messagePath(start), F_OK) == 0 else { throw .noSuchMessage }
        try calls.remove(messagePath(start))
    }

    /// Hands out a kept message, piece by piece: the same bytes every time. Throws `noSuchMessage`.
    package func read(_ start: UInt64) throws(PadError) -> KeptMessageReader {
        guard access(messagePath(start), F_OK) == 0 else { throw .noSuchMessage }
        return KeptMessageReader(file: try PrivateFile(messagePath(start), O_RDONLY), gate: calls.gate)
    }

    /// Whether this very message is kept: what the peer opened may be one that a rollback made us forget.
    func keeps(_ mark: MessageMark) throws(PadError) -> Bool {
        guard access(messagePath(mark.start), F_OK) == 0 else { return false }
        return try Self.tag(of: PrivateFile(messagePath(mark.start), O_RDONLY)) == mark.tag
    }

    /// What a message ends with.
    static func tag(of message: PrivateFile) throws(PadError) -> [UInt8] {
        let size = try message.size()
        return try message.bytes(Limits.tag, at: size - min(size, UInt64(Limits.tag)))
    }

    /// Blocks of a message that is stored whole; 0 if none begins there.
    func storedBlocks(at start: UInt64) throws(PadError) -> UInt64 {
        guard access(messagePath(start), F_OK) == 0 else { return 0 }
        let length = try PrivateFile(messagePath(start), O_RDONLY).size()
        guard let blocks = MessageHead.blocks(ofLength: length) else { throw .ledgerDamaged }
        return blocks
    }

    /// Whether any is kept or unfinished.
    static func hasMessages(at place: PadPlace) throws(PadError) -> Bool {
        try !names([suffix, unfinished], at: place).isEmpty
    }

    func removeUnfinishedMessages() throws(PadError) {
        try Self.remove([Self.unfinished], at: place, calls)
    }

    /// Removes all that are kept or unfinished.
    static func removeMessages(at place: PadPlace, _ calls: PadFileCalls) throws(PadError) {
        try remove([suffix, unfinished], at: place, calls)
    }

    private static func remove(
        _ suffixes: [String], at place: PadPlace, _ calls: PadFileCalls
    ) throws(PadError) {
        for name in try names(suffixes, at: place) { try calls.remove(place.messages + "/" + name) }
    }

    private static func names(_ suffixes: [String], at place: PadPlace) throws(PadError) -> [String] {
        try Folder.names(in: place.messages).filter { name in suffixes.contains(where: name.hasSuffix) }
    }
}

/// Reads a kept message from its start to its end.
package final class KeptMessageReader {
    private let file: PrivateFile
    private let gate: any PadGate
    private var offset: UInt64 = 0

    init(file: PrivateFile, gate: any PadGate) {
        self.file = file
        self.gate = gate
    }

    /// Bytes of the message.
    package var length: UInt64 { get throws(PadError) { try file.size() } }

    /// The next bytes, at most `bound`; `nil` at the end.
    package func next(_ bound: Int) throws(PadError) -> [UInt8]? {
        let bytes = try file.bytes(bound, at: offset)
        guard !bytes.isEmpty else { return nil }
        try gate.pass(.send)
        offset += UInt64(bytes.count)
        return bytes
    }
}
