import Glibc
import PacketFSPad
import PacketFSPlan
import PacketFSRebuild
import PacketFSWire

extension Home {
    /// Seals files and folders, names and metadata too, into one message under a pad (`Specs/pads.md` §6), and hands
    /// it to `write`, chunk by chunk. It is stored before its part of the pad is destroyed, and kept until the peer
    /// acknowledges it; if `write` fails, `keptMessage` has it.
    ///
    /// - Parameters:
    ///   - sources: local paths; a trailing `/` means the contents.
    ///   - name: of the pad, as it was imported.
    ///   - size: bytes that the message's length is rounded up to a multiple of; one block of 4,096 at least.
    ///   - write: takes the next bytes of the message.
    public func seal(
        _ sources: [String], pad name: String, paddedTo size: UInt64 = 0,
        to write: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> SealedMessage {
        try explained {
            let pad = try Pad.open(padPlace(name))
            let tree = try SendJob(sources: sources, destination: "", options: SendOptions()).scan()
            let sealer = try MessageSealer(pad, paddedTo: size)
            let kept: KeptMessage
            do {
                try Self.plan(tree) { try sealer.append($0) }
                kept = try sealer.finish()
            } catch {
                // What cannot be burnt now is when the pad is opened next.
                try? sealer.abandon()
                throw error
            }
            try send(kept.start, of: pad, write)
            return SealedMessage(
                start: kept.start, length: kept.length, entries: tree.manifest.entries.count,
                warnings: tree.problems.map { TransferWarning($0) })
        }
    }

    /// The tree as records that copy nothing from any blob. What authenticates them is the message's tag, so leaves
    /// have none of their own.
    private static func plan(_ tree: ScannedTree, _ body: ([UInt8]) throws -> Void) throws {
        var options = PlanOptions()
        options.matches = false
        options.learns = false
        let planner = try Planner(
            transfer: .random(), tree: tree, origins: Origins.choose(for: tree, from: nil, checksums: false),
            runs: RunSet([]), log: nil, index: nil, tagger: Untagged(), options: options,
            reserve: { _ in throw PlanError.blob })
        let coder = try BlockCoder()
        while let step = try planner.next() {
            guard case .record(let record) = step else { throw PlanError.sourceChanged }
            let (head, tail) = try record.encodeParts(compress: coder.compressor)
            try body(head)
            try body(tail)
        }
    }

    /// Opens a message that is read from `descriptor`, with the pad that it names, and writes what it carries into the
    /// folder `destination`. Nothing is written before the whole message was found authentic. The part of the pad is
    /// spent, and destroyed, once everything is durable.
    public func open(messageFrom descriptor: Int32, into destination: String) throws -> OpenedMessage {
        try explained {
            try makePadFolders()
            let message = try IncomingMessage(from: descriptor, in: location.data + "/pads")
            let id = try MessageOpener.pad(of: message.path)
            guard let name = try padNames().first(where: { try Pad.id(ofLedger: padPlace($0).ledger) == id }) else {
                throw PadError.otherPad
            }
            let pad = try Pad.open(padPlace(name))
            let opener = try MessageOpener(pad, message: message.path)
            let rebuild = try MessageRebuild(into: LocalPath.absolute(destination))
            try opener.open { try rebuild.take($0) }
            let receipt = try rebuild.finish()
            try opener.spend()
            let entries = rebuild.entries
            return OpenedMessage(
                pad: name, entries: entries.count, filesWritten: receipt.filesWritten,
                warnings: receipt.failures.filter { entries.indices.contains($0.entry) }
                    .map { TransferWarning($0, in: entries) })
        }
    }
}
