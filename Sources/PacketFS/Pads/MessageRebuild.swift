import PacketFSRebuild
import PacketFSWire

/// Brings the records of a message to a folder. They are authentic, and parsed like any peer's.
final class MessageRebuild {
    /// Where it goes; set before the first record.
    var root: DestinationRoot?
    private let decoder: ZstdDecoder
    private var records = RecordReader()
    private var rebuilder: Rebuilder?
    private let keepsOwner: Bool

    /// - Parameter keepsOwner: files get the sender's owners, where this process is root's.
    init(keepsOwner: Bool) throws {
        self.keepsOwner = keepsOwner
        decoder = try ZstdDecoder().orThrow(.limit, "out of memory")
    }

    var entries: [ManifestEntry] { rebuilder?.manifest?.entries ?? [] }

    func take(_ bytes: UnsafeRawBufferPointer) throws {
        try records.append(bytes)
        while let raw = records.next() {
            let record = try DataRecord(decoding: raw, decompress: decoder.decode(_:count:))
            try follow(try rebuilder(for: record).record(record))
        }
    }

    /// Commits everything, durably.
    func finish() throws -> Receipt {
        guard let rebuilder, records.isAtBoundary else { throw RebuildError.outOfOrder }
        return try rebuilder.finish().receipt
    }

    /// What came is of no use: a message is opened whole, and then from its beginning.
    func abandon() {
        try? rebuilder?.abandon()
    }

    private func rebuilder(for record: DataRecord) throws -> Rebuilder {
        if let rebuilder { return rebuilder }
        guard case .opening(let transfer, _, _) = record, let root else { throw RebuildError.outOfOrder }
        var options = TransferOptions()
        options.learns = false
        options.keepsOwner = keepsOwner
        let made = try Rebuilder(
            root: root, setup: RebuildSetup(transfer: transfer, options: options), tagger: Untagged())
        rebuilder = made
        return made
    }

    private func follow(_ step: RebuildStep) throws {
        switch step {
        case .none: return
        case .manifestReady: if let rebuilder { try follow(rebuilder.proceed()) }
        case .failed, .wanted: throw RebuildError.integrity
        }
    }
}
