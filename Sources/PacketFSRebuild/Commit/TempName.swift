import PacketFSWire

/// The names of a transfer's files that are not whole yet. They follow from transfer and entry, so an interrupted transfer
/// finds its files again without a record.
struct TempNames {
    private let start: [UInt8]

    init(_ transfer: TransferID) {
        let digits = transfer.bytes.prefix(8).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        start = Array((UnfinishedName.prefix + digits.joined() + "-").utf8)
    }

    func name(of entry: Int) -> Name {
        make(String(entry))
    }

    /// What gave way to the entry, where names cannot be swapped at once.
    func displaced(by entry: Int) -> Name {
        make(String(entry) + UnfinishedName.displaced)
    }

    /// For scratch that has a name only for a moment; no entry has such a number.
    func scratch(_ number: Int) -> Name {
        make(String(Limits.entries + number))
    }

    /// Those of one transfer.
    static let scratchFiles = 2

    private func make(_ end: String) -> Name {
        guard let name = Name(start + end.utf8) else { preconditionFailure("a temporary name is a component") }
        return name
    }
}
