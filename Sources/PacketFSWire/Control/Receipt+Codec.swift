/// One thing that a receipt lists (`Specs/blueprint.md` §3.4).
private enum ReceiptItem {
    case failure(FailedEntry)
    case learned(Extent)

    /// Where an extent after this one starts counting.
    var end: UInt64 {
        if case .learned(let extent) = self { extent.range.end } else { 0 }
    }
}

private enum ReceiptItemType: UInt8 {
    case failure = 1
    case learned = 2
}

extension Receipt {
    /// The counts stand in every piece; the items are spread over them, failures first.
    func pieces(isLast: Bool) throws(WireError) -> [[UInt8]] {
        guard failures.count <= Limits.entries, learned.count <= Limits.extents else { throw .tooLarge }
        try check()
        let items = failures.map(ReceiptItem.failure) + learned.map(ReceiptItem.learned)
        return try listPieces(items, isLast: isLast, head: encodedCounts(), itemBound: 1 + 9 + 4 + Limits.digest) {
            writer, item, previous throws(WireError) in
            switch item {
            case .failure(let entry):
                writer.u8(ReceiptItemType.failure.rawValue)
                try writer.failure(entry)
            case .learned(let extent):
                writer.u8(ReceiptItemType.learned.rawValue)
                try writer.extent(extent, after: previous?.end ?? 0)
            }
        }
    }

    /// Throws what a decoder throws of the counts.
    private func check() throws(WireError) {
        let counts = [
            (filesWritten, Limits.entries), (filesKept, Limits.entries), (deleted, Limits.deleted),
            (leavesRepaired, Int(Limits.leaves)), (extentsHealed, Limits.extents), (extentsLost, Limits.extents),
        ]
        guard counts.allSatisfy({ $0 <= $1 }), max(bytesWritten, bytesRepaired) <= Limits.stream else {
            throw .tooLarge
        }
    }

    private func encodedCounts() -> [UInt8] {
        encoded { writer in
            writer.identifier(transfer)
            for count in [filesWritten, filesKept, deleted, leavesRepaired, extentsHealed, extentsLost] {
                writer.count(count)
            }
            writer.varint(bytesWritten)
            writer.varint(bytesRepaired)
        }
    }
}

extension ByteReader {
    mutating func receipt() throws(WireError) -> ControlMessage {
        let isLast = try flag()
        var receipt = Receipt(transfer: try identifier(TransferID.self))
        receipt.filesWritten = try count(atMost: Limits.entries)
        receipt.filesKept = try count(atMost: Limits.entries)
        receipt.deleted = try count(atMost: Limits.deleted)
        receipt.leavesRepaired = try count(atMost: Int(Limits.leaves))
        receipt.extentsHealed = try count(atMost: Limits.extents)
        receipt.extentsLost = try count(atMost: Limits.extents)
        receipt.bytesWritten = try varint(atMost: Limits.stream)
        receipt.bytesRepaired = try varint(atMost: Limits.stream)
        while remaining > 0 {
            switch try known(ReceiptItemType.self) {
            case .failure:
                guard receipt.learned.isEmpty else { throw .inconsistent }
                receipt.failures.append(try failure())
            case .learned:
                receipt.learned.append(try extent(after: receipt.learned.last?.range.end ?? 0))
            }
        }
        return .receipt(receipt, isLast: isLast)
    }
}
