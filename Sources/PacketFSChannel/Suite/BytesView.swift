extension UnsafeRawBufferPointer {
    /// The same bytes as a buffer of `UInt8`, which arrays copy at once where they copy a raw one byte by byte.
    var elements: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: baseAddress?.assumingMemoryBound(to: UInt8.self), count: count)
    }

    /// The bytes as an array.
    ///
    /// Copied in blocks: beyond a few kilobytes `memmove` goes over to `rep movsb`, which on some processors is ten times
    /// slower when source and destination lie a few bytes apart within their pages, as a payload and an array do.
    var array: [UInt8] {
        let block = 2048
        return [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
            let target = UnsafeMutableRawBufferPointer(target)
            for start in stride(from: 0, to: count, by: block) {
                UnsafeMutableRawBufferPointer(rebasing: target[start...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: self[start..<Swift.min(start + block, count)]))
            }
            initialized = count
        }
    }
}
