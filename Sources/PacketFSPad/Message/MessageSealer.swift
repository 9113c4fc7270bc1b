internal import PacketFSSecrets
internal import PacketFSWire

/// Seals one message under a pad (`Specs/pads.md` §6): reserves blocks as the message grows, covers it, stores it
/// durably, and then destroys the blocks. What was stored is the only thing that ever leaves.
///
/// Only `finish` gives a message; a sealer that is let go before has burnt what it reserved, at the latest when the pad
/// is opened next.
package final class MessageSealer {
    /// Blocks that are reserved at once while a message grows.
    private static let step: UInt64 = 1024

    private let pad: Pad
    /// Blocks that the message's length is a multiple of.
    private let rounding: UInt64
    private var tag: OneTimeTag?
    private var stored: PrivateFile?
    private var length: UInt64 = 0
    private var range: Range<UInt64> = 0..<0
    /// Plaintext that no block was reserved for yet.
    private var waiting: [UInt8] = []
    private let chunk: SecretBuffer

    /// - Parameters:
    ///   - pad: whose next free blocks cover the message.
    ///   - destination: the folder at the peer, at most `Limits.path` bytes; empty leaves it to who opens the message.
    ///   - size: bytes of the pad, of which the message takes a multiple; one block at least.
    package init(_ pad: Pad, destination: String = "", paddedTo size: UInt64 = 0) throws(PadError) {
        guard destination.utf8.count <= Limits.path else { throw .malformedMessage }
        guard size <= Limits.messageBlocks * PadLayout.block else { throw .badSize }
        chunk = try .ofBlocks(PadFile.chunk)
        self.pad = pad
        rounding = max(1, (size + PadLayout.block - 1) / PadLayout.block)
        waiting.reserveCapacity(Int(Self.step) * Limits.padCover)
        do { waiting += try pad.marks.encode() } catch { throw .malformedMessage }
        var header = ByteWriter()
        header.integer(UInt16(destination.utf8.count))
        waiting += header.bytes + destination.utf8
    }

    /// Adds a section to the message. Throws `exhausted` when the pad ends.
    package func append(_ section: [UInt8]) throws(PadError) {
        guard let count = UInt32(exactly: section.count), count > 0 else { return }
        var header = ByteWriter()
        header.integer(count)
        try add(header.bytes[...])
        try add(section[...])
    }

    private func add(_ bytes: ArraySlice<UInt8>) throws(PadError) {
        var rest = bytes
        while !rest.isEmpty {
            let room = Int(Self.step) * Limits.padCover - waiting.count
            waiting += rest.prefix(room)
            rest = rest.dropFirst(room)
            if rest.isEmpty { return }
            try cover(blocks: Self.step)
        }
    }

    /// Ends the message. Returns its first block, by which it is kept and sent.
    package func finish() throws(PadError) -> KeptMessage {
        let end = [UInt8](repeating: 0, count: 4)
        try add(end[...])
        let used = UInt64(range.count)
        var missing = try blocks(after: used, for: UInt64(waiting.count))
        while missing > 0 {
            let count = min(missing, Self.step)
            let full = Int(count) * Limits.padCover
            waiting += repeatElement(0, count: full - waiting.count)
            try cover(blocks: count)
            missing -= count
        }
        return try store()
    }

    /// Throws `exhausted`, before anything is reserved, if too few blocks are left for sections of so many bytes in all,
    /// with their lengths of 4 bytes each.
    package func check(fits sections: UInt64) throws(PadError) {
        _ = try blocks(after: UInt64(range.count), for: UInt64(waiting.count) + sections + 4)
    }

    /// Blocks that a message of `used` ones takes to its end, if it goes on with so many bytes.
    private func blocks(after used: UInt64, for bytes: UInt64) throws(PadError) -> UInt64 {
        let whole = used + Limits.padBlocks(covering: bytes)
        let missing = (whole + rounding - 1) / rounding * rounding - used
        guard used + missing <= Limits.messageBlocks else { throw .badSize }
        guard missing <= pad.left else { throw .exhausted(needed: missing, left: pad.left) }
        return missing
    }

    /// Covers what waits with new blocks, which it must fill.
    private func cover(blocks: UInt64) throws(PadError) {
        guard UInt64(range.count) + blocks <= Limits.messageBlocks else { throw .badSize }
        let reserved = try pad.reserve(blocks)
        if range.isEmpty { range = reserved.lowerBound..<reserved.lowerBound }
        range = range.lowerBound..<reserved.upperBound
        var done = 0
        for part in PadFile.parts(of: reserved) {
            let bytes = chunk.part(0..<part.count * Limits.padBlock)
            defer { chunk.wipe() }
            try pad.file.read(half: pad.own, from: part.lowerBound, into: bytes)
            let blocks = UnsafeRawBufferPointer(bytes)
            if tag == nil { try begin(key: UnsafeRawBufferPointer(rebasing: blocks[..<Limits.padKey])) }
            let end = done + part.count * Limits.padCover
            try waiting.withMutableRawBytes { all throws(PadError) in
                let piece = UnsafeMutableRawBufferPointer(rebasing: all[done..<end])
                Cover.apply(blocks, to: piece)
                try write(UnsafeRawBufferPointer(piece))
            }
            done = end
        }
        waiting.removeAll(keepingCapacity: true)
    }

    private func begin(key: UnsafeRawBufferPointer) throws(PadError) {
        stored = try pad.calls.create(pad.unfinishedPath(range.lowerBound))
        tag = OneTimeTag(key: key)
        let head = MessageHead(pad: pad.header.pad, direction: UInt8(pad.own), start: range.lowerBound).encode()
        try head.withRawBytes { head throws(PadError) in try write(head) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(PadError) {
        guard let stored else { return }
        tag?.update(bytes)
        try pad.calls.write(bytes, to: stored, at: length)
        length += UInt64(bytes.count)
    }

    /// The ciphertext is durable under its name before its blocks are destroyed.
    private func store() throws(PadError) -> KeptMessage {
        guard let stored, let tag = tag.take() else { throw .badSize }
        try pad.calls.write(tag.finish(), to: stored, at: length)
        try pad.calls.sync(stored)
        let start = range.lowerBound
        try pad.calls.rename(pad.unfinishedPath(start), to: pad.messagePath(start))
        try pad.finish(range, isUsed: true)
        return KeptMessage(start: start, length: length + UInt64(Limits.tag))
    }

    /// Gives the message up, also one that has its name already, for nothing of it has left: what was reserved for it is
    /// burnt.
    package func abandon() throws(PadError) {
        stored = nil
        try pad.removeUnfinishedMessages()
        if !range.isEmpty, try pad.storedBlocks(at: range.lowerBound) > 0 { try pad.forget(range.lowerBound) }
        try pad.finish(range, isUsed: false)
    }
}
