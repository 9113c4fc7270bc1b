import Glibc
import PacketFS
import PacketFSChannel

/// Runs of transfers between two homes in which edits, faults and the order of events follow from one seed.
package final class Simulation {
    /// Sessions without a fault after which a transfer must have completed.
    private static let patience = 2
    /// One run in this many has a file of several leaves.
    private static let large = 64

    let pair: TestPair
    var seed: UInt64 = 0
    private var random = SeededRandom(seed: 0)
    /// What `outbox` holds, and every tree that a reader of `inbox` may see parts of.
    var source = Tree()
    var visible: [Tree] = []
    /// Names of all keys that sessions had.
    private var sessionIDs: Set<[UInt8]> = []
    private var allowsRemovals = true
    private var bytes = 0
    /// Whether blobs are as the homes left them.
    private(set) var isIntact = true
    /// The sessions in which `right` last dropped extents amid things, and in which the ends last completed a transfer,
    /// and so agreed on what it holds.
    private var trimmed = 0
    private var agreed = 0
    /// Sessions run, and what went wrong how often.
    package private(set) var sessions = 0
    package private(set) var harms: [Harm: Int] = [:]

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
        isIntact = true
        (trimmed, agreed) = (0, sessions + 1)
        let isLarge = seed % UInt64(Self.large) == 0
        bytes = isLarge ? 1 << 20 : 1 << 14
        var old: TestPair.Side?
        for round in 0..<random.draw(1...3) {
            change(to: next(round, isLarge: isLarge))
            try harm(&old)
            for _ in 0..<[0, 1, 1, 2, 3][random.draw(0...4)] {
                try attempt(.random(bytes: bytes, using: &random))
                if random.oneIn(4) { change(to: edited()) }
            }
            try complete()
        }
        if isIntact { try checkBlobs() }
        try checkLogs()
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

    // MARK: Harm between sessions

    /// Damages a blob, keeps one home's state, or brings back what was kept of it.
    private func harm(_ old: inout TestPair.Side?) throws {
        switch random.draw(0...7) {
        case 0, 1: damage(pair.replica)
        case 2: damage(pair.ownLog)
        case 3: damage(pair.ownIndex)
        case 4 where old == nil:
            let side: TestPair.Side = random.oneIn(2) ? .left : .right
            try pair.set(aside: side)
            old = side
        case 5, 6:
            guard let side = old else { return }
            try pair.bringBack(side)
            isIntact = false
            count(.restore)
        default: break
        }
    }

    private func damage(_ path: String?) {
        guard let path else { return }
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        let length = Int(lseek(file, 0, SEEK_END))
        guard length > 0 else { return }
        isIntact = false
        count(.damage)
        guard !random.oneIn(4) else {
            ftruncate(file, random.draw(0...length - 1))
            return
        }
        let garbage = random.bytes(random.magnitude(upTo: 3000))
        garbage.withUnsafeBytes { _ = pwrite(file, $0.baseAddress, $0.count, random.draw(0...length - 1)) }
    }

    /// Drops the oldest extents of one home, if it has many.
    private func trim() throws {
        let side: TestPair.Side = random.oneIn(2) ? .left : .right
        guard try pair[side].trimBlob(to: UInt64(random.magnitude(upTo: bytes))).extents > 0 else { return }
        count(.trim)
        if side == .right { trimmed = sessions }
    }

    func count(_ harm: Harm) {
        harms[harm, default: 0] += 1
    }

    /// Whether `right` must hold all that `left` takes for acknowledged.
    private var isAgreed: Bool { isIntact && trimmed < agreed }

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
        // Keys then change at every boundary that a session has.
        if random.oneIn(2) { setup.limits.frames = random.oneIn(2) ? 4 : 8 }
        fault.apply(to: &setup)
        sessions += 1
        if let harm = fault.harm { count(harm) }
        let session: SimulatedSession
        do {
            session = try SimulatedSession(pair, setup, random: &random)
        } catch  where fault != .none {
            return try recover(nil, setup)
        }
        try promise(sessionIDs.insert(session.sessionID).inserted, "no two sessions have the same keys")
        var isToEdit = fault == .edit
        try session.run {
            if isToEdit { change(to: edited()) }
            isToEdit = false
            if random.oneIn(16) { try trim() }
            try checkVisible()
        }
        try checkDetection(in: session)
        try checkVisible()
        lastFailure =
            "\(session.failure(of: session.initiator) as Any), \(session.failure(of: session.responder) as Any)"
        let mayLack = fault == .edit || setup.initiatorGate.wasFull || setup.responderGate.wasFull
        guard !session.hasCrashed, session.isComplete, !mayLack else { return try recover(session, setup) }
        try checkDelivered(session)
        agreed = sessions
        if isAgreed { try checkAcknowledged() }
        return true
    }

    private func recover(_ session: SimulatedSession?, _ setup: SessionSetup) throws -> Bool {
        if setup.initiatorGate.hasCrashed || setup.responderGate.hasCrashed || random.oneIn(4) { try pair.reopen() }
        if isAgreed { try checkAcknowledged() }
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
}
