import PacketFSPad
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
    ///   - size: bytes of the pad, of which the message takes a multiple; one block of 4,096 at least.
    ///   - write: takes the next bytes of the message.
    public func seal(
        _ sources: [String], pad name: String, paddedTo size: UInt64 = 0,
        to write: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> SealedMessage {
        try explained {
            let job = SendJob(sources: sources, destination: "", options: SendOptions())
            let message = try seal(job, pad: name, paddedTo: size)
            try Self.send(message.kept.start, of: message.pad, write)
            return SealedMessage(message)
        }
    }

    /// Opens a message that is read from `descriptor`, with the pad that it names, and writes what it carries into the
    /// folder `destination`. Nothing is written before the whole message was found authentic. The part of the pad is
    /// spent, and destroyed, once everything is durable.
    public func open(messageFrom descriptor: Int32, into destination: String) throws -> OpenedMessage {
        try explained {
            let message = try incomingMessage()
            try message.append(from: descriptor)
            let path = LocalPath.absolute(destination)
            return try open(message, keepsOwner: true) { _ in try DestinationRoot.open(base: path, creates: true) }
                .message
        }
    }

    /// A place for a message that is to be opened.
    func incomingMessage() throws -> IncomingMessage {
        try makePadFolders()
        return try IncomingMessage(in: location.data + "/pads")
    }

    /// Opens a message that came whole. `place` opens the folder for the destination that its sender named.
    func open(
        _ message: IncomingMessage, keepsOwner: Bool, _ place: @escaping (String) throws -> DestinationRoot
    ) throws -> (message: OpenedMessage, receipt: Receipt) {
        let name = try padName(of: MessageOpener.head(of: message.descriptor).pad)
        let opener = try MessageOpener(openPad(name), message: message.descriptor)
        let rebuild = try MessageRebuild(keepsOwner: keepsOwner)
        let receipt: Receipt
        do {
            try opener.open(begin: { rebuild.root = try place($0) }, rebuild.take)
            receipt = try rebuild.finish()
        } catch {
            rebuild.abandon()
            throw error
        }
        try opener.spend()
        let entries = rebuild.entries
        let opened = OpenedMessage(
            pad: name, entries: entries.count, filesWritten: receipt.filesWritten,
            warnings: receipt.failures.filter { entries.indices.contains($0.entry) }
                .map { TransferWarning($0, in: entries) })
        return (opened, receipt)
    }
}
