import PacketFSPad
import PacketFSPlan
import PacketFSWire

/// A message that was sealed and is kept, with the pad that covers it.
struct MessageInHand {
    let pad: Pad
    let name: String
    let kept: KeptMessage
    let tree: ScannedTree
}

extension Home {
    /// Seals the tree of a job (`Specs/pads.md` §6). It is stored before its part of the pad is destroyed.
    func seal(_ job: SendJob, pad name: String, paddedTo size: UInt64) throws -> MessageInHand {
        let pad = try openPad(name)
        let tree = try job.scan()
        let sealer = try MessageSealer(pad, destination: job.destination, paddedTo: size)
        do {
            try Self.check(tree, fits: sealer, left: pad.left)
            try Self.plan(tree) { try sealer.append($0) }
            return MessageInHand(pad: pad, name: name, kept: try sealer.finish(), tree: tree)
        } catch {
            // What cannot be burnt now is when the pad is opened next.
            try? sealer.abandon()
            throw error
        }
    }

    /// Throws `PadError.exhausted` before anything of the pad is taken. Where it is near, the records are made twice.
    private static func check(_ tree: ScannedTree, fits sealer: MessageSealer, left: UInt64) throws {
        guard tree.recordBound > left * UInt64(Limits.padCover) else { return }
        var bytes: UInt64 = 0
        try plan(tree) { section in
            if !section.isEmpty { bytes += 4 + UInt64(section.count) }
        }
        try sealer.check(fits: bytes)
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
            let (head, tail) = try record.encoded(by: coder)
            try body(head)
            try body(tail)
        }
    }
}
