import Glibc
import PacketFS
import PacketFSChannel

/// Runs of transfers between two homes in which edits, faults and the order of events follow from one seed.
package final class Simulation {
    /// Sessions without a fault after which a transfer must have completed.
    private static let patience = 2
    /// One run in this many has a file of several leaves.
    private static let large = 64

    private let pair: TestPair
    private var seed: UInt64 = 0
    private var random = SeededRandom(seed: 0)
    /// What `outbox` holds, and every tree that a reader of `inbox` may see parts of.
    private var source = Tree()
    private var visible: [Tree] = []
    private var allowsRemovals = true
    private var bytes = 0
    /// Sessions run, and how many of them a fault ended.
    package private(set) var sessions = 0
    package private(set) var failures = 0

    package init() throws {
        pair = try TestPair()
        try pair.keep()
    }

    /// One run; throws a `Violation` that names the seed.
    package func run(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        try pair.restore()
        allowsRemovals = !random.oneIn(4)
        source = Tree()
        visible = [Tree()]
        let isLarge = seed % UInt64(Self.large) == 0
        bytes = isLarge ? 1 << 20 : 1 << 14
        for round in 0..<random.draw(1...3) {
            change(to: next(round, isLarge: isLarge))
            if random.oneIn(4) { damageReplica() }
            for _ in 0..<[0, 1, 1, 2, 3][random.draw(0...4)] {
                try attempt(.random(bytes: bytes, using: &random))
                if random.oneIn(4) { change(to: edited()) }
            }
            try complete()
        }
    }

    private func next(_ round: Int, isLarge: Bool) -> Tree {
        guard round == 0 else { return edited() }
        var tree = Tree.random(nodes: random.draw(0...12), using: &random)
        if isLarge {
            let size = random.draw(5 << 20...9 << 20)
            let block = random.prose(100_000)
            let contents = (0...size / block.count).flatMap { _ in block }
            tree.nodes["large"] = .file(contents, mode: 0o644, modified: 1_500_000_000_000_000_000)
        }
        return tree
    }

    private func edited() -> Tree {
        var tree = source
        tree.edit(isFree: allowsRemovals, using: &random)
        return tree
    }

    private func change(to tree: Tree) {
        tree.write(to: pair.outbox, over: source)
        source = tree
        visible.append(tree)
    }

    private func damageReplica() {
        guard let path = pair.replica else { return }
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        let length = Int(lseek(file, 0, SEEK_END))
        guard length > 0 else { return }
        guard !random.oneIn(4) else {
            ftruncate(file, random.draw(0...length - 1))
            return
        }
        let garbage = random.bytes(random.magnitude(upTo: 3000))
        garbage.withUnsafeBytes { _ = pwrite(file, $0.baseAddress, $0.count, random.draw(0...length - 1)) }
    }

    // MARK: Sessions

    private func complete() throws {
        for _ in 0..<Self.patience where try attempt(.none) { return }
        throw Violation(seed: seed, promise: "a transfer without faults completes; it ended with \(lastFailure)")
    }

    private var lastFailure = ""

    @discardableResult
    private func attempt(_ fault: Fault) throws -> Bool {
        var setup = SessionSetup()
        setup.verb = random.oneIn(3) ? .get : .put
        setup.padding = random.oneIn(2) ? .padme : .none
        setup.suite = random.oneIn(2) ? .aes256gcm : .xchacha20poly1305
        setup.options = options()
        fault.apply(to: &setup)
        sessions += 1
        defer { if fault != .none { failures += 1 } }
        let session: SimulatedSession
        do {
            session = try SimulatedSession(pair, setup, random: &random)
        } catch  where fault != .none {
            return try recover(nil, setup)
        }
        var isToEdit = fault == .edit
        try session.run {
            if isToEdit { change(to: edited()) }
            isToEdit = false
            try checkVisible()
        }
        try checkDetection(of: fault, in: session, setup)
        try checkVisible()
        lastFailure =
            "\(session.failure(of: session.initiator) as Any), \(session.failure(of: session.responder) as Any)"
        guard !session.hasCrashed, session.isComplete, fault != .edit else { return try recover(session, setup) }
        try checkDelivered(session)
        return true
    }

    private func recover(_ session: SimulatedSession?, _ setup: SessionSetup) throws -> Bool {
        if setup.initiatorGate.hasCrashed || setup.responderGate.hasCrashed || random.oneIn(4) { try pair.reopen() }
        return false
    }

    private func options() -> SendOptions {
        var options = SendOptions()
        options.deletes = allowsRemovals
        options.learns = !random.oneIn(5)
        options.compresses = !random.oneIn(5)
        options.matches = !random.oneIn(5)
        options.checksums = random.oneIn(5)
        return options
    }

    // MARK: Promises

    /// Every path shows what one of the trees had there, whole; what all of them had is not missing.
    private func checkVisible() throws {
        let found = Tree(at: pair.inbox)
        for (path, node) in found.nodes {
            let isKnown = visible.contains { $0.nodes[path]?.contents == node.contents }
            try promise(isKnown, "what stands at a final name is old or new, whole: \(path)")
        }
        guard let first = visible.first else { return }
        for path in first.nodes.keys where visible.allSatisfy({ $0.nodes[path] != nil }) {
            try promise(found.nodes[path] != nil, "what is in every tree is never missing: \(path)")
        }
    }

    private func checkDelivered(_ session: SimulatedSession) throws {
        let found = Tree(at: pair.inbox)
        let wrong = found.differences(from: source)
        try promise(wrong.isEmpty, "a completed transfer delivers everything: \(wrong)")
        let warnings = session.initiator.summary(now: session.clock.now).warnings
        try promise(warnings.isEmpty, "nothing is amiss: \(warnings)")
        let leftovers = Tree.leftovers(at: pair.inbox)
        try promise(leftovers.isEmpty, "a completed transfer leaves no temporary files: \(leftovers)")
        visible = [source]
    }

    /// A changed byte ends the session, unless it lay behind the sealed end, where nothing is.
    private func checkDetection(of fault: Fault, in session: SimulatedSession, _ setup: SessionSetup) throws {
        guard let flipped = session.link.flipped, !session.hasCrashed else { return }
        let end = flipped == .toResponder ? session.responder : session.initiator
        let isPadded = if case .padme = setup.padding { true } else { false }
        let isDetected = session.failure(of: end) != nil || !end.peerHasEnded
        try promise(isDetected || isPadded, "a changed byte is noticed")
    }

    private func promise(_ isKept: Bool, _ text: @autoclosure () -> String) throws {
        guard isKept else { throw Violation(seed: seed, promise: text()) }
    }
}
