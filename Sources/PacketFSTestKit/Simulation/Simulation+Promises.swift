import PacketFS
import PacketFSChannel

/// What must hold, whatever went wrong.
extension Simulation {
    /// Every path shows what one of the trees had there, whole; what all of them had is not missing.
    func checkVisible() throws {
        let found = Tree(at: pair.inbox)
        for (path, node) in found.nodes {
            let isKnown = visible.contains { $0.nodes[path]?.shows(node) ?? false }
            try promise(isKnown, "what stands at a final name is old or new, whole: \(path)")
        }
        guard let first = visible.first else { return }
        for path in first.nodes.keys where visible.allSatisfy({ $0.nodes[path] != nil }) {
            try promise(found.nodes[path] != nil, "what is in every tree is never missing: \(path)")
        }
    }

    func checkDelivered(_ session: SimulatedSession) throws {
        let found = Tree(at: pair.inbox)
        let wrong = found.differences(from: source)
        try promise(wrong.isEmpty, "a completed transfer delivers everything: \(wrong)")
        let summary = session.initiator.summary(now: session.clock.now)
        try promise(summary.warnings.isEmpty, "nothing is amiss: \(summary.warnings)")
        if isIntact, summary.leavesRepaired > 0 { count(.lost) }
        let leftovers = Tree.leftovers(at: pair.inbox)
        try promise(leftovers.isEmpty, "a completed transfer leaves no temporary files: \(leftovers)")
        visible = [source]
    }

    /// A changed byte ends the session, unless a pad frame behind the sealed end never comes whole because of it.
    func checkDetection(in session: SimulatedSession) throws {
        guard let flipped = session.link.flipped, !session.hasCrashed, !session.hasLostFrame else { return }
        let end = flipped == .toResponder ? session.responder : session.initiator
        try promise(session.failure(of: end) != nil || !end.peerHasEnded, "a changed byte is noticed")
    }

    /// Where nothing was damaged or brought back, every extent is right.
    func checkBlobs() throws {
        for home in [pair.left, pair.right] {
            let damaged = try home.verifyBlob().damaged
            try promise(damaged.isEmpty, "what was learned is right: \(damaged)")
        }
    }

    /// What the publisher takes for acknowledged is held, at any time.
    func checkAcknowledged() throws {
        let held = Set(try pair.right.extents().filter { !$0.isOwn && $0.state == "held" }.map(Place.init))
        for extent in try pair.left.extents() where extent.isOwn && extent.state == "acknowledged" {
            try promise(held.contains(Place(extent)), "what was acknowledged is held: \(extent)")
        }
    }

    /// Once nothing runs, a log has no byte that is not in an extent.
    func checkLogs() throws {
        for (home, log) in [(pair.left, pair.ownLog), (pair.right, pair.replica)] {
            try promise(home.trimBlob(to: .max).busy.isEmpty, "a session that is over uses no log")
            guard let log else { continue }
            let extents = try home.extents().map { $0.address..<$0.address + UInt64($0.length) }
            let stray = try SparseFile(log).firstByte { address in !extents.contains { $0.contains(address) } }
            try promise(stray == nil, "nothing is in a log but extents: \(stray as Any)")
        }
    }

    private struct Place: Hashable {
        let address: UInt64
        let length: Int

        init(_ extent: ExtentInfo) {
            address = extent.address
            length = extent.length
        }
    }

    func promise(_ isKept: Bool, _ text: @autoclosure () -> String) throws {
        guard isKept else { throw Violation(seed: seed, promise: text()) }
    }
}
