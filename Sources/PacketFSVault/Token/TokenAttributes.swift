internal import CP11Kit
internal import PacketFSSecrets

/// Attributes of an object, of which one may be a seed.
struct TokenAttributes: ~Copyable {
    private var attributes: [(type: CK_ATTRIBUTE_TYPE, value: SecretBuffer)] = []

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ value: UnsafeRawBufferPointer) {
        let copy = SecretBuffer(byteCount: value.count)
        copy.bytes.copyMemory(from: value)
        attributes.append((type, copy))
    }

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ value: [UInt8]) {
        value.withUnsafeBytes { add(type, $0) }
    }

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ value: Bool) {
        add(type, [value ? 1 : 0])
    }

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ value: CK_ULONG) {
        withUnsafeBytes(of: value) { add(type, $0) }
    }

    borrowing func withTemplate<R>(
        _ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?, CK_ULONG) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        var template = attributes.map { type, value in
            CK_ATTRIBUTE(type: type, pValue: value.bytes.baseAddress, ulValueLen: CK_ULONG(value.bytes.count))
        }
        let count = CK_ULONG(template.count)
        return try template.withUnsafeMutableBufferPointer { buffer throws(VaultError) in
            try body(buffer.baseAddress, count)
        }
    }
}
