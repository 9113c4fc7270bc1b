extension [UInt8] {
    /// The bytes as memory, for calls that throw errors of this room.
    func withRawBytes<R>(_ body: (UnsafeRawBufferPointer) throws(PadError) -> R) throws(PadError) -> R {
        try span.bytes.withUnsafeBytes(body)
    }

    mutating func withMutableRawBytes<R>(
        _ body: (UnsafeMutableRawBufferPointer) throws(PadError) -> R
    ) throws(PadError) -> R {
        var span = mutableSpan
        var bytes = span.mutableBytes
        return try bytes.withUnsafeMutableBytes(body)
    }
}
