import PacketFSTestKit

/// Two homes that every run uses, made anew now and then, so that what they hold stays little.
final class Theatre {
    private static let runs = 512
    /// Stands for a folder of the theatre in paths that a script names.
    static let mark = "@"
    /// What nobody is granted.
    static let secret: [UInt8] = {
        var random = SeededRandom(seed: 99)
        return random.bytes(32)
    }()

    /// Used by the one thread that fuzzes.
    nonisolated(unsafe) static let one = Theatre()

    /// Folders around that of the homes, so that whoever climbs out of a grant is seen.
    private let stage = Workshop.folder + "/stage"
    private let pair: TestPair
    private var scene: Scene
    private var count = 0

    private init() {
        let secrets = Tree(["secret": .file(Self.secret, mode: 0o600, modified: 0)])
        guard let pair = try? TestPair(in: stage + "/a/b"), (try? pair.keep()) != nil else {
            preconditionFailure("homes can be made")
        }
        self.pair = pair
        for folder in ["/a/b", "/a", ""] { secrets.write(to: stage + folder) }
        secrets.write(to: pair.folder + "/withheld")
        scene = Scene(of: stage, besides: [])
        prepare()
    }

    /// What may be read, and links that lead to what may not, or to what may not be written.
    private func prepare() {
        Tree(["file": .file([1, 2, 3, 4, 5], mode: 0o600, modified: 0), "way": .link("../withheld")])
            .write(to: pair.outbox)
        Tree(["way": .link("../outbox")]).write(to: pair.inbox)
        scene = present
    }

    private var present: Scene {
        let kept =
            ["data/blob", "data/pads", "state/ballast", "state/running"]
            + ["", "-wal", "-shm", "-journal"].map { "state/state.db" + $0 }
        let homes = TestPair.Side.allCases.flatMap { side in kept.map { "\(pair.folder)/\(side)/\($0)" } }
        return Scene(of: stage, besides: Set(homes + [pair.inbox]))
    }

    @discardableResult
    func play(_ acts: [UInt8], against verb: Verb) -> Bool {
        acts.withUnsafeBytes { play(Script($0), against: verb) }
    }

    /// However the script ends, what it left is looked at. Says whether the session came to its end.
    @discardableResult
    func play(_ script: Script, against verb: Verb) -> Bool {
        guard let session = try? HostileSession(pair, verb: verb) else { preconditionFailure("a session can begin") }
        try? session.perform(script)
        session.end()
        promise(present == scene, "nobody changes what he may not write to")
        count += 1
        if count % Self.runs == 0 { restore() }
        return session.isComplete
    }

    private func restore() {
        guard (try? pair.restore()) != nil else { preconditionFailure("homes can be restored") }
        prepare()
    }
}
