import CZstd
import PacketFSWire

/// Decodes zstd frames that come from a peer.
package final class ZstdDecoder {
    /// Largest window of a frame, as a power of two.
    package static let windowLog = 24

    private let context: OpaquePointer

    /// `nil` when memory is short.
    package init?() {
        guard let context = ZSTD_createDCtx() else { return nil }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// Decodes `frame`, which must be one whole frame that gives exactly as many bytes as `output` has room for.
    ///
    /// The output bounds the memory, whatever the frame claims. `prefix` is what the frame may look back at.
    package func decode(
        _ frame: UnsafeRawBufferPointer, prefix: UnsafeRawBufferPointer? = nil,
        into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard Self.isAcceptable(frame), ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count) == frame.count
        else {
            return false
        }
        ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        if let prefix {
            guard ZSTD_isError(ZSTD_DCtx_refPrefix(context, prefix.baseAddress, prefix.count)) == 0 else {
                return false
            }
        }
        let count = ZSTD_decompressDCtx(context, output.baseAddress, output.count, frame.baseAddress, frame.count)
        return ZSTD_isError(count) == 0 && count == output.count
    }

    /// Decodes what the first bytes of a frame give; returns how many bytes that are.
    func decodeFront(
        _ frame: UnsafeRawBufferPointer, prefix: UnsafeRawBufferPointer?, into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard Self.isAcceptable(frame) else { return 0 }
        ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        // A frame of one segment tells its window by its content's size.
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(Self.windowLog))
        if let prefix { ZSTD_DCtx_refPrefix(context, prefix.baseAddress, prefix.count) }
        var input = ZSTD_inBuffer(src: frame.baseAddress, size: frame.count, pos: 0)
        var given = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        var before = (-1, -1)
        while (input.pos, given.pos) != before {
            before = (input.pos, given.pos)
            if ZSTD_isError(ZSTD_decompressStream(context, &given, &input)) != 0 { break }
        }
        return given.pos
    }

    /// As `decode`, into an array of `count` bytes; `nil` if the frame does not give exactly these.
    package func decode(_ frame: [UInt8], count: Int) -> [UInt8]? {
        var isRight = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let output = UnsafeMutableRawBufferPointer(buffer)
            isRight = frame.withUnsafeBytes { decode($0, into: output) }
            initialized = isRight ? count : 0
        }
        return isRight ? bytes : nil
    }

    /// A zstd frame (RFC 8878 §3.1.1) that no dictionary is named in, with a window of at most `windowLog`.
    private static func isAcceptable(_ frame: UnsafeRawBufferPointer) -> Bool {
        guard frame.count >= 6, frame.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) else { return false }
        let header = frame[4]
        guard header & 0b11 == 0 else { return false }
        let isSingleSegment = header & 0b10_0000 != 0
        if isSingleSegment { return true }
        let exponent = 10 + Int(frame[5] >> 3)
        let mantissa = Int(frame[5] & 7)
        return exponent < windowLog || (exponent == windowLog && mantissa == 0)
    }
}
