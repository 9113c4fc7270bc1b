/// The types of data records (`Specs/blueprint.md` §4).
enum RecordType: UInt8 {
    case opening = 1
    case leaf = 2
    case origins = 3
    case more = 4

    /// Most bytes of its fields.
    var fieldsBound: Int {
        switch self {
        case .opening, .more: 64
        case .leaf: Limits.leafBlueprint
        case .origins: Limits.origins
        }
    }

    /// Most bytes of its tail.
    var tailBound: Int { self == .leaf ? Limits.leaf : 0 }
}

/// A record of the data plane as it travels: a few fields, and bytes that are nobody's fields (a leaf's literals), kept
/// apart so that they are copied once.
package struct RawRecord: Equatable, Sendable {
    let type: RecordType
    var fields: [UInt8] = []
    var tail: [UInt8] = []
}

extension DataRecord {
    /// The record's bytes on the stream.
    ///
    /// Throws what `init(decoding:)` would throw for the same value.
    package func encode(compress: BlockCompressor? = nil) throws(WireError) -> [UInt8] {
        let (head, tail) = try encodeParts(compress: compress)
        return tail.isEmpty ? head : head + tail
    }

    /// The record's bytes on the stream in two parts, the second of which is a leaf's literals, not copied.
    package func encodeParts(
        compress: BlockCompressor? = nil
    ) throws(WireError) -> (head: [UInt8], tail: [UInt8]) {
        let raw = try rawRecord(compress: compress)
        guard raw.fields.count <= raw.type.fieldsBound else { throw .tooLarge }
        var writer = ByteWriter(reserving: raw.fields.count + 16)
        writer.u8(raw.type.rawValue)
        writer.count(raw.fields.count)
        writer.count(raw.tail.count)
        writer.raw(raw.fields)
        return (writer.bytes, raw.tail)
    }

    /// Reads what `RecordReader` found.
    package init(decoding raw: consuming RawRecord, decompress: BlockDecompressor? = nil) throws(WireError) {
        let type = raw.type
        let tail = raw.tail
        self = try decoded(raw.fields) { reader throws(WireError) in
            switch type {
            case .opening: try reader.opening()
            case .leaf: try reader.leafFields(literals: tail)
            case .origins: .origins(try reader.origins(decompress: decompress))
            case .more: .more(content: try reader.varint(atMost: Limits.stream))
            }
        }
    }

    private func rawRecord(compress: BlockCompressor?) throws(WireError) -> RawRecord {
        switch self {
        case .opening(let transfer, let manifest, let content):
            return RawRecord(type: .opening, fields: try openingFields(transfer, manifest, content))
        case .leaf(let leaf, let blueprint):
            let fields = try encoded { writer throws(WireError) in
                try writer.leafFields(leaf, blueprint)
            }
            return RawRecord(type: .leaf, fields: fields, tail: blueprint.literals)
        case .origins(let origins):
            let fields = try encoded { writer throws(WireError) in try writer.origins(origins, compress: compress) }
            return RawRecord(type: .origins, fields: fields)
        case .more(let content):
            guard content <= Limits.stream else { throw .tooLarge }
            return RawRecord(type: .more, fields: encoded { writer in writer.varint(content) })
        }
    }
}

private func openingFields(
    _ transfer: TransferID, _ manifest: UInt64, _ content: UInt64
) throws(WireError) -> [UInt8] {
    guard manifest <= UInt64(Limits.manifest), content <= Limits.stream else { throw .tooLarge }
    return encoded { writer in
        writer.identifier(transfer)
        writer.varint(manifest)
        writer.varint(content)
    }
}

extension ByteReader {
    fileprivate mutating func opening() throws(WireError) -> DataRecord {
        .opening(
            try identifier(TransferID.self), manifest: try varint(atMost: UInt64(Limits.manifest)),
            content: try varint(atMost: Limits.stream))
    }
}
