import PacketFSPad
import PacketFSWire

extension Home {
    /// Seals files and folders under a one-time pad, and lets a session carry the message (`Specs/pads.md` §6.1): its
    /// secrecy rests on the pad alone. It is kept until the peer says that it has it.
    ///
    /// - Parameters:
    ///   - sources: local paths; a trailing `/` means the contents.
    ///   - destination: a folder of the peer; made if it is missing.
    ///   - pad: its name. One that the kernel's generator filled is refused: it is no one-time pad.
    ///   - size: bytes of the pad, of which the message takes a multiple; one block of 4,096 at least.
    ///   - options: of these, what leaves out names, and how the session is made.
    public func sendMessage(
        _ sources: [String], to destination: PeerPath, pad: String, paddedTo size: UInt64 = 0,
        options: SendOptions = SendOptions()
    ) -> Transfer {
        let job = SendJob(sources: sources, destination: destination.path, options: options)
        let message = OutgoingMessage { try self.seal(job, pad: pad, paddedTo: size) }
        return carry(message, pad: pad, to: destination.peer, options: options)
    }

    /// Lets a session carry a message that is kept.
    ///
    /// - Parameters:
    ///   - start: the message's first block.
    ///   - pad: its name.
    ///   - peer: who gets it, into the folder that was named when it was sealed.
    ///   - options: how the session is made.
    public func sendKeptMessage(
        _ start: UInt64, of pad: String, to peer: String, options: SendOptions = SendOptions()
    ) -> Transfer {
        carry(OutgoingMessage(kept: start) { throw PadError.noSuchMessage }, pad: pad, to: peer, options: options)
    }

    func carry(_ message: OutgoingMessage, pad: String, to name: String, options: SendOptions) -> Transfer {
        Transfer { report in
            let peer = try self.record(named: name)
            try options.checkExcludes()
            try self.explained {
                // Nothing is sealed for a peer that cannot be reached, nor under what is no one-time pad.
                let opened = try self.openPad(pad)
                guard !PadSourceInfo(opened.header.source).isComputed else {
                    throw PacketFSError(
                        .refused, "\(pad) was filled by the kernel's generator: it is not a one-time pad",
                        hint: "use --protection keystream, or a pad of another source")
                }
                if let block = message.block, try !opened.kept().contains(where: { $0.start == block }) {
                    throw PadError.noSuchMessage
                }
            }
            do {
                return try await self.session(with: peer, options: options, resumes: false, report: report) {
                    MessageSendingSide(message, pad: pad, home: self, integrity: $0)
                }
            } catch let error as PacketFSError {
                guard let block = message.block else { throw error }
                var kept = error
                kept.hint = "the message is kept: `packetfs pad kept \(block) --pad \(pad) --send \(name)`"
                throw kept
            }
        }
    }
}
