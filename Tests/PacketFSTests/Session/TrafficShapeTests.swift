import PacketFS
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire
import Testing

/// What an observer sees of an uninterrupted transfer: the lengths of what goes either way, in order.
@Suite struct TrafficShapeTests {
    /// In the middle between two sizes of Padmé, which are 16 KiB apart there; what manifests differ by is less.
    private static let size = 708_400

    @Test(arguments: CipherSuite.allCases, [Verb.put, .get])
    func treesOfOneSizeLookAlike(suite: CipherSuite, verb: Verb) throws {
        let shapes = try [Self.oneFile, Self.sevenFiles, Self.deepTree, Self.smallFilesAndALink].map { tree in
            let pair = try TestPair()
            return try Self.shape(of: tree, in: pair, suite, verb)
        }
        let way = verb == .put ? Direction.toResponder : .toInitiator
        // Handshake, some control frames, and full data frames but for the last.
        #expect(shapes[0][way.rawValue].count > 12)
        for shape in shapes { #expect(shape == shapes[0]) }
    }

    /// A large file that the receiver's blob holds, under another name, and a few new bytes.
    @Test func copiesLookLikeLiterals() throws {
        var random = SeededRandom(seed: 5)
        let large = random.bytes(6 << 20)
        let few = random.bytes(100)
        let shapes = try [large, few].map { contents in
            let pair = try TestPair()
            _ = try Self.shape(of: Tree(["known": Self.file(large)]), in: pair, .aes256gcm, .put)
            let known = Tree(at: pair.outbox)
            Tree(["new": Self.file(contents)]).write(to: pair.outbox, over: known)
            return try Self.shape(of: nil, in: pair, .aes256gcm, .put)
        }
        #expect(shapes[0] == shapes[1])
        #expect(shapes[0][Direction.toResponder.rawValue].reduce(0, +) < 16 << 10)
    }

    /// What the padding is for.
    @Test func withoutPaddingTreesDiffer() throws {
        let shapes = try [Self.oneFile, Self.sevenFiles].map { tree in
            try Self.shape(of: tree, in: TestPair(), .aes256gcm, .put, padding: .none)
        }
        #expect(shapes[0] != shapes[1])
    }

    /// Lengths by direction, the handshake's first. `tree`: what is written to the outbox before.
    private static func shape(
        of tree: Tree?, in pair: TestPair, _ suite: CipherSuite, _ verb: Verb, padding: Padding = .padme
    ) throws -> [[Int]] {
        tree?.write(to: pair.outbox)
        var setup = SessionSetup()
        (setup.verb, setup.suite, setup.padding, setup.isRecorded) = (verb, suite, padding, true)
        setup.options.deletes = true
        var random = SeededRandom(seed: 3)
        let session = try SimulatedSession(pair, setup, random: &random)
        try session.run()
        #expect(session.isComplete)
        #expect(Tree(at: pair.inbox).differences(from: Tree(at: pair.outbox)).isEmpty)
        return session.link.recording.map { Recording.pieces(of: $0).map(\.count) }
    }

    private static func file(_ bytes: [UInt8]) -> Tree.Node {
        .file(bytes, mode: 0o644, modified: 1_600_000_000_000_000_000)
    }

    private static func files(_ names: [String], seed: UInt64) -> Tree {
        var random = SeededRandom(seed: seed)
        var tree = Tree()
        for (index, name) in names.enumerated() {
            // They come to `size` together.
            let count = size / names.count + (index < size % names.count ? 1 : 0)
            tree.nodes[name] = file(random.bytes(count))
        }
        return tree
    }

    private static let oneFile = files(["file"], seed: 1)
    private static let sevenFiles = files((0..<7).map { "file\($0)" }, seed: 2)

    private static let deepTree: Tree = {
        var tree = files(["a/b/c/a rather long name of a file"], seed: 3)
        for folder in ["a", "a/b", "a/b/c"] { tree.nodes[folder] = .folder(mode: 0o755) }
        return tree
    }()

    private static let smallFilesAndALink: Tree = {
        var tree = files((0..<60).map { "small-\($0)" }, seed: 4)
        tree.nodes["link"] = .link("small-3")
        return tree
    }()
}
