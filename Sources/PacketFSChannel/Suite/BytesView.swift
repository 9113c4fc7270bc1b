extension UnsafeRawBufferPointer {
    /// The same bytes as a buffer of `UInt8`, which arrays copy at once where they copy a raw one byte by byte.
    var elements: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: baseAddress?.assumingMemoryBound(to: UInt8.self), count: count)
    }
}

extension UnsafeMutableRawBufferPointer {
    private static let block = 2048

    /// Copies bytes, at most as many as the buffer has, to its front, in blocks.
    ///
    /// Beyond a few kilobytes `memmove` goes over to `rep movsb`, which on some processors is ten times slower when
    /// source and destination lie a few bytes apart within their pages, as a payload and an array do.
    package func copy(inBlocks source: UnsafeRawBufferPointer) {
        for start in stride(from: 0, to: source.count, by: Self.block) {
            let piece = UnsafeRawBufferPointer(rebasing: source[start..<Swift.min(start + Self.block, source.count)])
            UnsafeMutableRawBufferPointer(rebasing: self[start...]).copyMemory(from: piece)
        }
    }
}
