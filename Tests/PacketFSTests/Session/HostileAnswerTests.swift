import Foundation
import PacketFS
import PacketFSEngine
import PacketFSTestKit
import PacketFSWire
import Testing

/// A peer that is asked for files, and answers with something else.
@Suite struct HostileAnswerTests {
    private static let precious = Tree([
        ".bashrc": .file([1], mode: 0o600, modified: 0), "notes": .file([2], mode: 0o600, modified: 0),
    ])

    @Test(
        arguments: [
            { $0.deletes = true }, { $0.isDryRun = true }, { $0.checksums = true }, { $0.keepsSpecialModes = true },
            { $0.keepsOwner = false }, { $0.learns = false }, { $0.digests = true }, { $0.excludes = ["*"] },
        ] as [@Sendable (inout TransferOptions) -> Void]) func anOptionThatWasNotAskedForIsRefused(
            _ change: @Sendable (inout TransferOptions) -> Void
        ) throws
    {
        try expectRefusal(of: change, for: ["logs/a.txt"], SendOptions())
    }

    /// What was asked for only in words writes nothing, and what is to be spared or compared is.
    @Test(
        arguments: [
            { $0.isDryRun = false }, { $0.excludes = [] }, { $0.checksums = false }, { $0.digests = false },
            { $0.keepsSpecialModes = false },
        ] as [@Sendable (inout TransferOptions) -> Void]) func anOptionThatWasAskedForStands(
            _ change: @Sendable (inout TransferOptions) -> Void
        ) throws
    {
        var options = SendOptions()
        options.isDryRun = true
        options.excludes = ["notes"]
        options.checksums = true
        options.digests = true
        options.keepsSpecialModes = true
        try expectRefusal(of: change, for: ["logs/a.txt"], options)
    }

    @Test(arguments: [["logs/", "logs/a.txt"], ["a", "b"], ["logs/"], [""]])
    func onlyOneNamedSourceIsASingleFile(_ sources: [String]) throws {
        try expectRefusal(of: { $0.isSingleFile = true }, for: sources, SendOptions())
    }

    /// All that an honest peer may change.
    @Test func aPeerMayDeleteLessAndSayThatItIsAFile() throws {
        var options = SendOptions()
        options.deletes = true
        options.excludes = ["*.log"]
        for (sources, change) in [
            (["logs/"], { $0.deletes = false }), (["logs/a.txt"], { $0.isSingleFile = true }),
            (["logs/"], { $0.excludes.append("/pipe") }),
        ] as [([String], (inout TransferOptions) -> Void)] {
            let impostor = try answering(sources, options)
            try offer(impostor, change)
            #expect(try impostor.heard().contains(.accept(Impostor.transfer)))
        }
    }

    @Test(arguments: [
        [""], ["", "a.txt"], [".bashrc"], ["a.tx"], ["a.txt", "a.txt.d"],
        [".ssh", ".ssh/authorized_keys"], ["logs", "logs/a.txt"],
    ]) func aNameThatWasNotAskedForIsRefused(_ names: [String]) throws {
        for isSingle in [false, true] {
            let impostor = try answering(["logs/a.txt"], SendOptions())
            try offer(impostor) { $0.isSingleFile = isSingle }
            try? impostor.say(Self.manifest(names), [])
            #expect(impostor.victim.failure as? EngineError == .unexpectedMessage, "\(names)")
            #expect(Tree(at: impostor.pair.inbox) == Self.precious)
        }
    }

    @Test func whatWasExcludedIsRefused() throws {
        var options = SendOptions()
        options.excludes = [".*"]
        let impostor = try answering(["logs/"], options)
        try offer(impostor) { _ in }
        try? impostor.say(Self.manifest(["", ".bashrc"]), [])
        #expect(impostor.victim.failure as? EngineError == .unexpectedMessage)
        #expect(Tree(at: impostor.pair.inbox) == Self.precious)
    }

    /// Each source gives its last name; one that ends in a slash gives any.
    @Test(arguments: [
        (["logs/a.txt"], ["a.txt"]), (["x/a", "y/b"], ["a", "a/x", "b"]), (["x/", "b"], ["", "b", "c"]),
        (["/srv/logs"], ["logs", "logs/a"]),
    ]) func whatWasAskedForComes(_ sources: [String], _ names: [String]) throws {
        let impostor = try answering(sources, SendOptions())
        try offer(impostor) { _ in }
        try impostor.say(Self.manifest(names), [])
        #expect(try impostor.heard().contains { if case .receipt = $0 { true } else { false } })
        for name in names { #expect(FileManager.default.fileExists(atPath: impostor.pair.inbox + "/" + name)) }
    }

    private func expectRefusal(
        of change: (inout TransferOptions) -> Void, for sources: [String], _ options: SendOptions
    ) throws {
        let impostor = try answering(sources, options)
        try offer(impostor, change)
        #expect(impostor.victim.failure as? EngineError == .unexpectedMessage)
        // It goes on all the same.
        try? impostor.say(Self.manifest([""]), [])
        #expect(Tree(at: impostor.pair.inbox) == Self.precious)
    }

    private func answering(_ sources: [String], _ options: SendOptions) throws -> Impostor {
        let pair = try TestPair()
        Self.precious.write(to: pair.inbox)
        return try Impostor(pair, askedFor: sources, into: pair.inbox, options: options)
    }

    /// Answers the request with what was asked for, but for `change`.
    private func offer(_ impostor: Impostor, _ change: (inout TransferOptions) -> Void) throws {
        guard case .request(let request)? = try impostor.heard().last else { throw SimulatedHandshake.Lost() }
        var offer = try impostor.offer(to: "")
        offer.options = request.options
        change(&offer.options)
        try impostor.say(.offer(offer))
    }

    /// Empty files, and folders where something is beneath.
    private static func manifest(_ names: [String]) -> Manifest {
        Manifest(
            entries: names.map { name in
                let isFolder = name.isEmpty || names.contains { $0.hasPrefix(name + "/") }
                return ManifestEntry(
                    path: Array(name.utf8), kind: isFolder ? .folder : .file, mode: isFolder ? 0o755 : 0o644,
                    modified: FileTime(seconds: 7, nanoseconds: 0), owner: getuid(), group: getgid(), size: 0)
            })
    }
}
