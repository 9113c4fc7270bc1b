import PacketFSWire

extension TransferSummary {
    mutating func add(_ receipt: Receipt, of plan: any Outgoing) {
        add(receipt)
        plan.count(in: &self)
    }

    mutating func add(_ receipt: Receipt, of transfer: any Incoming) {
        add(receipt)
        transfer.count(in: &self)
        warnings += transfer.warnings(from: receipt)
    }

    /// The counts are a peer's word, or a sum of many.
    private mutating func add(_ receipt: Receipt) {
        filesWritten.add(receipt.filesWritten)
        filesKept = receipt.filesKept
        deleted.add(receipt.deleted)
        leavesRepaired.add(receipt.leavesRepaired)
        bytesRepaired.add(receipt.bytesRepaired)
        extentsHealed.add(receipt.extentsHealed)
        extentsLost.add(receipt.extentsLost)
        for extent in receipt.learned { bytesLearned.add(UInt64(extent.range.length)) }
    }
}

extension FixedWidthInteger {
    /// Adds, and stays at the greatest value where the sum is above it.
    mutating func add(_ other: Self) {
        let (sum, overflow) = addingReportingOverflow(other)
        self = overflow ? .max : sum
    }
}

extension TransferWarning {
    init(_ failed: FailedEntry, in entries: [ManifestEntry]) {
        self.init(
            path: String(path: entries[failed.entry].path), reason: failed.failure.explanation)
    }

    init(undeleted path: [UInt8], _ failure: EntryFailure) {
        self.init(path: String(path: path), reason: "could not be deleted: " + failure.explanation)
    }
}

extension EntryFailure {
    /// For a person.
    var explanation: String {
        switch self {
        case .sourceChanged: "changed or vanished while it was read"
        case .permission: "the receiver may not write it, or what is in it"
        case .occupied: "something else stands in its place"
        case .confinement: "its path leads out of the destination"
        case .metadata: "content committed, but not all of its metadata"
        case .fileSystem: "the receiver's file system refused it"
        case .unreadable: "could not be read"
        }
    }
}
