extension UnsafeRawBufferPointer {
    /// The same bytes as a buffer of `UInt8`, which arrays copy at once where they copy a raw one byte by byte.
    var elements: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: baseAddress?.assumingMemoryBound(to: UInt8.self), count: count)
    }
}

extension UnsafeRawBufferPointer {
    private static let block = 2048

    /// Passes the bytes in blocks, each with its offset.
    ///
    /// Beyond a few kilobytes `memmove` goes over to `rep movsb`, which on some processors is ten times slower when
    /// source and destination lie a few bytes apart within their pages, as a payload and an array do.
    fileprivate func forEachBlock(_ body: (_ offset: Int, _ bytes: UnsafeRawBufferPointer) -> Void) {
        for start in stride(from: 0, to: count, by: Self.block) {
            body(start, UnsafeRawBufferPointer(rebasing: self[start..<Swift.min(start + Self.block, count)]))
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Copies bytes to the front of the buffer, in blocks.
    func copy(inBlocks source: UnsafeRawBufferPointer) {
        source.forEachBlock { UnsafeMutableRawBufferPointer(rebasing: self[$0...]).copyMemory(from: $1) }
    }
}
