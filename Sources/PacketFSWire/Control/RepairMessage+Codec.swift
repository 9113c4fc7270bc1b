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
    package func encode() throws(WireError) -> [(type: UInt8, payload: [UInt8])] {
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
            return try partPayloads(leaf, part, offset, bytes).map { (RepairType.part.rawValue, $0) }
        }
    }

    /// Reads one frame's payload.
    package static func decode(type: UInt8, payload: [UInt8]) throws(WireError) -> RepairMessage {
        guard let type = RepairType(rawValue: type) else { throw .unknown }
        guard payload.count <= Limits.payload else { throw .tooLarge }
        return try decoded(payload) { reader throws(WireError) in try reader.repairMessage(type) }
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

private func partPayloads(
    _ leaf: LeafID, _ part: Int, _ offset: Int, _ bytes: [UInt8]
) throws(WireError) -> [[UInt8]] {
    try checkPart(part, offset, bytes.count)
    var payloads: [[UInt8]] = []
    var done = 0
    while done < bytes.count {
        let head = try encoded { writer throws(WireError) in
            try writer.leaf(leaf)
            writer.u8(UInt8(part))
            writer.count(offset + done)
        }
        let end = min(bytes.count, done + Limits.payload - head.count)
        payloads.append(head + bytes[done..<end])
        done = end
    }
    return payloads
}

extension ByteReader {
    fileprivate mutating func repairMessage(_ type: RepairType) throws(WireError) -> RepairMessage {
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
            let offset = try count(atMost: Limits.part)
            let bytes = try bytes(remaining)
            try checkPart(part, offset, bytes.count)
            return .part(leaf, part: part, offset: offset, bytes: bytes)
        }
    }
}
