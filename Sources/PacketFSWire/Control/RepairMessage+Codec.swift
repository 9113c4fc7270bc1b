/// The types of repair messages (`Specs/blueprint.md` §7).
private enum RepairType: UInt8 {
    case failed = 1
    case tags = 2
    case wanted = 3
    case part = 4
}

/// Parts of a whole leaf; they fit the bits of a `UInt64`.
private let parts = Limits.leaf / Limits.part

extension RepairMessage {
    /// The message as frames of the repair plane, in order; a part is split where one frame cannot hold it.
    ///
    /// Throws what `decode` would throw for the same value.
    ///
    /// - Parameter compress: for the bytes of parts; `nil` leaves them as they are.
    package func encode(compress: BlockCompressor? = nil) throws(WireError) -> [(type: UInt8, payload: [UInt8])] {
        switch self {
        case .failed(let leaf):
            return [(RepairType.failed.rawValue, try encoded { writer throws(WireError) in try writer.leaf(leaf) })]
        case .tags(let leaf, let tags):
            try checkTags(tags)
            let payload = try encoded { writer throws(WireError) in
                try writer.leaf(leaf)
                writer.raw(tags)
            }
            return [(RepairType.tags.rawValue, payload)]
        case .wanted(let leaf, let wanted):
            let set = try partSet(wanted)
            let payload = try encoded { writer throws(WireError) in
                try writer.leaf(leaf)
                writer.integer(set)
            }
            return [(RepairType.wanted.rawValue, payload)]
        case .part(let leaf, let part, let offset, let bytes):
            return try partPayloads(leaf, part, offset, bytes, compress).map { (RepairType.part.rawValue, $0) }
        }
    }

    /// Reads one frame's payload.
    ///
    /// - Parameter decompress: without it, a compressed part is refused as `unknown`.
    package static func decode(
        type: UInt8, payload: [UInt8], decompress: BlockDecompressor? = nil
    ) throws(WireError) -> RepairMessage {
        guard let type = RepairType(rawValue: type) else { throw .unknown }
        guard payload.count <= Limits.payload else { throw .tooLarge }
        return try decoded(payload) { reader throws(WireError) in try reader.repairMessage(type, decompress) }
    }
}

private func checkTags(_ tags: [UInt8]) throws(WireError) {
    guard tags.count <= parts * Limits.tag else { throw .tooLarge }
    guard !tags.isEmpty, tags.count.isMultiple(of: Limits.tag) else { throw .inconsistent }
}

/// Bit n of the result is part n.
private func partSet(_ wanted: [Int]) throws(WireError) -> UInt64 {
    var set: UInt64 = 0
    var next = 0
    for part in wanted {
        guard part < parts else { throw .tooLarge }
        guard part >= next else { throw .inconsistent }
        set |= 1 << UInt64(part)
        next = part + 1
    }
    guard set != 0 else { throw .inconsistent }
    return set
}

private func checkPart(_ part: Int, _ offset: Int, _ count: Int) throws(WireError) {
    guard part < parts, offset <= Limits.part, count <= Limits.part - offset else { throw .tooLarge }
    guard part >= 0, offset >= 0, count > 0 else { throw .inconsistent }
}

/// One payload, or two halves where that is more than a frame holds.
private func partPayloads(
    _ leaf: LeafID, _ part: Int, _ offset: Int, _ bytes: [UInt8], _ compress: BlockCompressor?
) throws(WireError) -> [[UInt8]] {
    try checkPart(part, offset, bytes.count)
    func payload(_ range: Range<Int>) throws(WireError) -> [UInt8] {
        try encoded { writer throws(WireError) in
            try writer.leaf(leaf)
            writer.u8(UInt8(part))
            writer.count(offset + range.lowerBound)
            writer.block(Array(bytes[range]), compress: compress)
        }
    }
    let whole = try payload(0..<bytes.count)
    guard whole.count > Limits.payload else { return [whole] }
    let middle = bytes.count / 2
    return [try payload(0..<middle), try payload(middle..<bytes.count)]
}

extension ByteReader {
    fileprivate mutating func repairMessage(
        _ type: RepairType, _ decompress: BlockDecompressor?
    ) throws(WireError) -> RepairMessage {
        let leaf = try leaf()
        switch type {
        case .failed:
            return .failed(leaf)
        case .tags:
            let tags = try bytes(remaining)
            try checkTags(tags)
            return .tags(leaf, tags)
        case .wanted:
            let set = try integer(UInt64.self)
            guard set != 0 else { throw .inconsistent }
            return .wanted(leaf, (0..<parts).filter { set & 1 << UInt64($0) != 0 })
        case .part:
            let part = Int(try u8())
            guard part < parts else { throw .tooLarge }
            let offset = try count(atMost: Limits.part)
            let bytes = try block(atMost: Limits.part - offset, decompress: decompress)
            guard !bytes.isEmpty else { throw .inconsistent }
            return .part(leaf, part: part, offset: offset, bytes: bytes)
        }
    }
}
