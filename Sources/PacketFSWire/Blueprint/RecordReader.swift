/// Cuts the data plane's stream into records, in whatever chunks it comes. A byte is copied once, from its chunk to its
/// record; memory is bounded by one unfinished record and what the last chunk completed.
package struct RecordReader: Sendable {
    private var header: [UInt8] = []
    private var record: RawRecord?
    private var fieldsLeft = 0
    private var tailLeft = 0
    private var complete: [RawRecord] = []
    private var taken = 0

    package init() {}

    /// Whether the stream may end here: every byte so far belongs to a record that `next` gave.
    package var isAtBoundary: Bool { header.isEmpty && record == nil && !hasNext }

    /// Whether `next` has a record to give.
    package var hasNext: Bool { taken < complete.count }

    /// Takes the next bytes of the stream. After an error the stream is of no more use.
    package mutating func append(_ chunk: [UInt8]) throws(WireError) {
        try unsafe chunk.withUnsafeBufferPointer { buffer throws(WireError) in
            try unsafe append(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Takes the next bytes of the stream. After an error the stream is of no more use.
    package mutating func append(_ chunk: UnsafeRawBufferPointer) throws(WireError) {
        var rest = unsafe chunk[...]
        while let byte = unsafe rest.first {
            if record == nil {
                try readHeader(byte)
                unsafe rest = rest.dropFirst()
            } else {
                unsafe rest = rest.dropFirst(fill(from: rest))
            }
            finishRecord()
        }
    }

    /// The next complete record, in order, or `nil` until more bytes come.
    package mutating func next() -> RawRecord? {
        guard hasNext else { return nil }
        var record = RawRecord(type: .more)
        swap(&record, &complete[taken])
        taken += 1
        if taken == complete.count {
            complete.removeAll(keepingCapacity: true)
            taken = 0
        }
        return record
    }

    /// The leaf that has come but for the last of its literals, if there is one.
    package var cutLeaf: CutLeaf? {
        guard var record, record.type == .leaf, fieldsLeft == 0 else { return nil }
        let count = record.tail.count
        record.tail += [UInt8](repeating: 0, count: tailLeft)
        guard case .leaf(let id, let blueprint)? = try? DataRecord(decoding: record) else { return nil }
        return CutLeaf(id: id, blueprint: blueprint, literalBytes: count)
    }

    /// Type and both lengths are checked before anything is allocated for them.
    private mutating func readHeader(_ byte: UInt8) throws(WireError) {
        header.append(byte)
        do throws(WireError) {
            (record, fieldsLeft, tailLeft) = try decoded(header) { reader throws(WireError) in
                try reader.recordHeader()
            }
        } catch .truncated {
            return
        }
        header.removeAll(keepingCapacity: true)
        record?.fields.reserveCapacity(fieldsLeft)
        record?.tail.reserveCapacity(tailLeft)
    }

    /// Moves what the record still lacks, or all there is, and returns its bytes.
    private mutating func fill(from rest: Slice<UnsafeRawBufferPointer>) -> Int {
        let count = unsafe min(rest.count, fieldsLeft > 0 ? fieldsLeft : tailLeft)
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(count)).bindMemory(to: UInt8.self)
        if fieldsLeft > 0 {
            unsafe record?.fields.append(contentsOf: bytes)
            fieldsLeft -= count
        } else {
            unsafe record?.tail.append(contentsOf: bytes)
            tailLeft -= count
        }
        return count
    }

    private mutating func finishRecord() {
        guard fieldsLeft == 0, tailLeft == 0, let record else { return }
        complete.append(record)
        self.record = nil
    }
}

/// A leaf whose record was cut off within its tail (`Specs/blueprint.md` §8).
package struct CutLeaf: Sendable {
    package let id: LeafID
    /// As it would be if zeros had followed.
    package let blueprint: LeafBlueprint
    /// Bytes of the coded literals that came.
    package let literalBytes: Int

    package init(id: LeafID, blueprint: LeafBlueprint, literalBytes: Int) {
        (self.id, self.blueprint, self.literalBytes) = (id, blueprint, literalBytes)
    }
}

extension ByteReader {
    fileprivate mutating func recordHeader() throws(WireError) -> (RawRecord?, Int, Int) {
        let type = try known(RecordType.self)
        let fields = try count(atMost: type.fieldsBound)
        let tail = try count(atMost: type.tailBound)
        guard fields > 0 else { throw .inconsistent }
        return (RawRecord(type: type), fields, tail)
    }
}
