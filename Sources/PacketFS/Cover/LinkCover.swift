import PacketFSChannel
import PacketFSEngine
import PacketFSWire

/// A link's cover, with the memory in which payloads are covered and uncovered: what it hands out is good until the next
/// call.
final class LinkCover {
    let cover: any PayloadCover
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.payload, alignment: 64)

    init(_ cover: any PayloadCover) {
        self.cover = cover
    }

    deinit {
        scratch.deallocate()
    }

    /// The payload as it is to be sealed.
    func covering(
        _ payload: UnsafeRawBufferPointer, _ announce: (ControlMessage) throws -> Void
    ) throws -> UnsafeRawBufferPointer {
        let bytes = try copy(payload)
        try cover.cover(bytes, announce)
        return UnsafeRawBufferPointer(bytes)
    }

    /// The payload as it was before it was sealed.
    func uncovering(_ payload: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
        let bytes = try copy(payload)
        try cover.uncover(bytes)
        return UnsafeRawBufferPointer(bytes)
    }

    private func copy(_ payload: UnsafeRawBufferPointer) throws -> UnsafeMutableRawBufferPointer {
        guard payload.count <= scratch.count else { throw EngineError.malformed }
        scratch.copy(inBlocks: payload)
        return UnsafeMutableRawBufferPointer(rebasing: scratch[..<payload.count])
    }
}
