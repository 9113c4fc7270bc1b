/// What `write` writes.
func encoded<Failure: Error>(_ write: (inout ByteWriter) throws(Failure) -> Void) throws(Failure) -> [UInt8] {
    var writer = ByteWriter()
    try write(&writer)
    return writer.bytes
}

/// What `read` makes of all of `bytes`; throws `trailingBytes` if it leaves some.
func decoded<Value>(
    _ bytes: [UInt8], _ read: (inout ByteReader) throws(WireError) -> Value
) throws(WireError) -> Value {
    var reader = unsafe ByteReader(bytes.span.bytes)
    let value = try read(&reader)
    try reader.finish()
    return value
}
