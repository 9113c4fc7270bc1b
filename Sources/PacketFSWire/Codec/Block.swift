/// Makes a block smaller, or returns `nil` where it cannot. This target links no compressor: callers pass theirs.
package typealias BlockCompressor = (_ raw: [UInt8]) -> [UInt8]?

/// Undoes a `BlockCompressor`. Must use no more memory than `rawLength` asks for; `nil` if `coded` does not stand for
/// exactly `rawLength` bytes. `coded` is hostile.
package typealias BlockDecompressor = (_ coded: [UInt8], _ rawLength: Int) -> [UInt8]?

/// Shorter blocks are not worth a compressor's header.
private let smallestCompressed = 128

extension ByteWriter {
    /// Bytes that may travel compressed (`Specs/blueprint.md` §2.2).
    mutating func block(_ raw: [UInt8], compress: BlockCompressor?) {
        if raw.count >= smallestCompressed, let coded = compress?(raw), coded.count + 4 < raw.count {
            flag(true)
            count(raw.count)
            prefixed(coded)
        } else {
            flag(false)
            prefixed(raw)
        }
    }
}

extension ByteReader {
    /// A block of at most `bound` bytes once decompressed.
    mutating func block(atMost bound: Int, decompress: BlockDecompressor?) throws(WireError) -> [UInt8] {
        guard try flag() else { return try prefixed(atMost: bound) }
        let length = try count(atMost: bound)
        let coded = try prefixed(atMost: length)
        guard let decompress else { throw .unknown }
        guard let raw = decompress(coded, length), raw.count == length else { throw .inconsistent }
        return raw
    }
}
