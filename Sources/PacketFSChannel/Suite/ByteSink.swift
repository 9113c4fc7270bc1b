/// What sealed bytes are appended to.
package protocol ByteSink {
    /// Appends `count` bytes, which `write` fills in.
    mutating func append(_ count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void)
}

extension [UInt8]: ByteSink {
    package mutating func append(_ count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
        let start = self.count
        append(contentsOf: repeatElement(0, count: count))
        withUnsafeMutableBytes { write(UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
    }
}
