import Dispatch
import PacketFSBlob
import PacketFSRebuild
import PacketFSWire

extension Playground {
    /// A rebuilder for `sender`'s tree at this playground's destination.
    func rebuilder(
        _ sender: TestSender, options: TransferOptions = TransferOptions(),
        _ change: (inout RebuildSetup) -> Void = { _ in }
    ) throws -> Rebuilder {
        var setup = RebuildSetup(transfer: sender.transfer, options: options)
        change(&setup)
        return try Rebuilder(root: root(), setup: setup, tagger: TestTagger())
    }

    /// Moves the whole tree, whatever has to be repaired.
    @discardableResult
    func receive(
        _ sender: TestSender, options: TransferOptions = TransferOptions(),
        _ change: (inout RebuildSetup) -> Void = { _ in }
    ) throws -> FinishedTransfer {
        guard let finished = try sender.run(rebuilder(sender, options: options, change)) else {
            throw Unfinished()
        }
        return finished
    }

    struct Unfinished: Error {}

    /// Names that some transfer left behind.
    func leftovers() throws -> [String] {
        try names().filter { $0.contains(".packetfs-") }
    }
}

extension RebuildSetup {
    /// Has many files done on all processors.
    mutating func spreads(_ isSpread: Bool) {
        if isSpread { spread = { DispatchQueue.concurrentPerform(iterations: $0, execute: $1) } }
    }
}

extension TransferOptions {
    init(_ change: (inout TransferOptions) -> Void) {
        self.init()
        change(&self)
    }
}
