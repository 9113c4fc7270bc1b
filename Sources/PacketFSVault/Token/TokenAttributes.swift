internal import CP11Kit
internal import PacketFSSecrets

/// Attributes of an object, in memory that is wiped afterwards.
struct TokenAttributes: ~Copyable {
    private var attributes: [CK_ATTRIBUTE] = []

    deinit {
        for attribute in attributes {
            let bytes = UnsafeMutableRawBufferPointer(start: attribute.pValue, count: Int(attribute.ulValueLen))
            SecretBytes.wipe(bytes)
            bytes.deallocate()
        }
    }

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ value: UnsafeRawBufferPointer) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: value.count, alignment: 16)
        copy.copyMemory(from: value)
        attributes.append(CK_ATTRIBUTE(type: type, pValue: copy.baseAddress, ulValueLen: CK_ULONG(value.count)))
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
        var copy = attributes
        let count = CK_ULONG(copy.count)
        return try copy.withUnsafeMutableBufferPointer { buffer throws(VaultError) in
            try body(buffer.baseAddress, count)
        }
    }
}
