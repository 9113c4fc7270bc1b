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
