extension UnsafeRawBufferPointer {
    /// The same bytes as a buffer of `UInt8`, which arrays copy at once where they copy a raw one byte by byte.
    var elements: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: baseAddress?.assumingMemoryBound(to: UInt8.self), count: count)
    }

    /// The bytes as an array.
    var array: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
            UnsafeMutableRawBufferPointer(target).copy(inBlocks: self)
            initialized = count
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    private static let block = 2048

    /// Copies bytes to the front of the buffer.
    ///
    /// In blocks: beyond a few kilobytes `memmove` goes over to `rep movsb`, which on some processors is ten times slower
    /// when source and destination lie a few bytes apart within their pages, as a payload and an array do.
    func copy(inBlocks source: UnsafeRawBufferPointer) {
        for start in stride(from: 0, to: source.count, by: Self.block) {
            let end = Swift.min(start + Self.block, source.count)
            UnsafeMutableRawBufferPointer(rebasing: self[start..<end])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<end]))
        }
    }
}

extension [UInt8] {
    private static let block = 2048

    /// Appends bytes, copied in blocks.
    mutating func append(inBlocks source: UnsafeRawBufferPointer) {
        for start in stride(from: 0, to: source.count, by: Self.block) {
            let end = Swift.min(start + Self.block, source.count)
            append(contentsOf: UnsafeRawBufferPointer(rebasing: source[start..<end]).elements)
        }
    }
}
