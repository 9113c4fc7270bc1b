/// Cuts a list into the payloads of as many messages as it needs. A payload is `isLast` (only the last may say so), then
/// `head`, then items up to its end.
///
/// - Parameters:
///   - itemBound: what one item takes at most, in bytes.
///   - write: writes one item; `previous` is the item before it in the same payload, on which its differences rest.
func listPieces<Element>(
    _ elements: [Element], isLast: Bool, head: [UInt8], itemBound: Int,
    write: (_ writer: inout ByteWriter, _ element: Element, _ previous: Element?) throws(WireError) -> Void
) throws(WireError) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var writer = ByteWriter()
    var previous: Element?
    writer.raw(head)
    for element in elements {
        if 1 + writer.bytes.count + itemBound > Limits.payload {
            pieces.append([0] + writer.bytes)
            writer = ByteWriter()
            writer.raw(head)
            previous = nil
        }
        try write(&writer, element, previous)
        previous = element
    }
    pieces.append([isLast ? 1 : 0] + writer.bytes)
    return pieces
}

/// What an extent takes at most: address and length as varints, and the digest.
private let extentBound = 9 + 4 + Limits.digest

func holdingsPieces(_ log: LogID, _ extents: [Extent], isLast: Bool) throws(WireError) -> [[UInt8]] {
    guard extents.count <= Limits.extents else { throw .tooLarge }
    return try listPieces(extents, isLast: isLast, head: log.bytes, itemBound: extentBound) {
        writer, extent, previous throws(WireError) in
        try writer.extent(extent, after: previous?.range.end ?? 0)
    }
}

/// Entry numbers travel as runs of neighbours.
func wantPieces(_ entries: [Int], isLast: Bool) throws(WireError) -> [[UInt8]] {
    var runs: [Range<Int>] = []
    for entry in entries {
        guard (0..<Limits.entries).contains(entry) else { throw .tooLarge }
        guard let last = runs.last, last.upperBound >= entry else {
            runs.append(entry..<entry + 1)
            continue
        }
        guard last.upperBound == entry else { throw .inconsistent }
        runs[runs.count - 1] = last.lowerBound..<entry + 1
    }
    return try listPieces(runs, isLast: isLast, head: [], itemBound: 8) { writer, run, previous in
        writer.count(run.lowerBound - (previous.map { $0.upperBound + 1 } ?? 0))
        writer.count(run.count - 1)
    }
}

/// A list of failures needs no end: every piece is whole. Its payloads have no `isLast`.
func droppedPieces(_ entries: [FailedEntry]) throws(WireError) -> [[UInt8]] {
    let pieces = try listPieces(entries, isLast: false, head: [], itemBound: 5) {
        writer, entry, _ throws(WireError) in
        try writer.failure(entry)
    }
    return pieces.map { Array($0.dropFirst()) }
}

extension PartialState {
    func pieces(isLast: Bool) throws(WireError) -> [[UInt8]] {
        guard transfer != nil || files.isEmpty else { throw .inconsistent }
        let head = encoded { writer in
            writer.identifier(voids)
            writer.optional(transfer)
        }
        return try listPieces(files, isLast: isLast, head: head, itemBound: 13) {
            writer, file, previous throws(WireError) in
            let first = previous.map { $0.entry + 1 } ?? 0
            guard file.entry < Limits.entries, file.bytes <= Limits.fileSize else { throw .tooLarge }
            guard file.entry >= first else { throw .inconsistent }
            writer.count(file.entry - first)
            writer.varint(file.bytes)
        }
    }
}

extension ByteWriter {
    /// An extent that stands at or after `end`.
    mutating func extent(_ extent: Extent, after end: UInt64) throws(WireError) {
        guard extent.digest.count == Limits.digest, extent.range.address >= end, extent.range.length > 0 else {
            throw .inconsistent
        }
        guard extent.range.length <= Limits.extent, extent.range.isAddressable else { throw .tooLarge }
        varint(extent.range.address - end)
        count(extent.range.length)
        raw(extent.digest)
    }

    mutating func failure(_ entry: FailedEntry) throws(WireError) {
        guard (0..<Limits.entries).contains(entry.entry) else { throw .tooLarge }
        count(entry.entry)
        u8(entry.failure.rawValue)
    }
}

extension ByteReader {
    mutating func holdings() throws(WireError) -> ControlMessage {
        let isLast = try flag()
        let log = try identifier(LogID.self)
        var extents: [Extent] = []
        while remaining > 0 { extents.append(try extent(after: extents.last?.range.end ?? 0)) }
        return .holdings(log, extents, isLast: isLast)
    }

    mutating func anew() throws(WireError) -> ControlMessage {
        let isLast = try flag()
        var partial = PartialState(voids: try identifier(TransferID.self), transfer: try optionalTransfer(), files: [])
        while remaining > 0 {
            guard partial.transfer != nil else { throw .inconsistent }
            let entry = try step(from: partial.files.last.map { $0.entry + 1 } ?? 0)
            partial.files.append(PartialFile(entry: entry, bytes: try varint(atMost: Limits.fileSize)))
        }
        return .anew(partial, isLast: isLast)
    }

    mutating func want() throws(WireError) -> ControlMessage {
        let isLast = try flag()
        var entries: [Int] = []
        while remaining > 0 {
            let first = try step(from: entries.last.map { $0 + 2 } ?? 0)
            let last = try step(from: first)
            entries.append(contentsOf: first...last)
        }
        return .want(entries, isLast: isLast)
    }

    mutating func dropped() throws(WireError) -> ControlMessage {
        var entries: [FailedEntry] = []
        while remaining > 0 { entries.append(try failure()) }
        return .dropped(entries)
    }

    mutating func extent(after end: UInt64) throws(WireError) -> Extent {
        let (address, overflow) = end.addingReportingOverflow(try varint())
        guard !overflow, address <= Limits.address else { throw .tooLarge }
        let length = try count(atMost: Limits.extent)
        let range = AddressRange(address: address, length: length)
        guard length > 0 else { throw .inconsistent }
        guard range.isAddressable else { throw .tooLarge }
        return Extent(range: range, digest: try bytes(Limits.digest))
    }

    mutating func failure() throws(WireError) -> FailedEntry {
        FailedEntry(entry: try step(from: 0), failure: try known(EntryFailure.self))
    }

    /// An entry number, as its distance from `first`.
    private mutating func step(from first: Int) throws(WireError) -> Int {
        let entry = first + (try count(atMost: Limits.entries))
        guard entry < Limits.entries else { throw .tooLarge }
        return entry
    }
}

extension AddressRange {
    /// Whether every byte has an address within `Limits`.
    var isAddressable: Bool { address <= Limits.address && UInt64(length) <= Limits.address - address }
}
