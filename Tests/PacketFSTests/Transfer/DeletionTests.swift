import Foundation
import Glibc
import PacketFS
import PacketFSTestKit
import PacketFSWire
import Testing

/// What `--delete` leaves alone because the source has it, too, though it does not travel.
@Suite struct DeletionTests {
    private let file = Tree.Node.file([1], mode: 0o600, modified: 0)

    @Test(arguments: [Verb.put, .get])
    func whatDoesNotTravelIsSpared(_ verb: Verb) throws {
        let pair = try TestPair()
        Tree(["d": .folder(mode: 0o700), "d/new": file]).write(to: pair.outbox)
        Tree(["d": .folder(mode: 0o700), "d/gone": file, "d/pipe2": file, "log": file]).write(to: pair.inbox)
        // A name that is a pattern, and one that is not UTF-8.
        let names: [[UInt8]] = [
            Array("run.sock".utf8), Array("log".utf8), Array("d/pipe".utf8), Array("d/[*]?\\".utf8),
            Array("d/".utf8) + [0xff, 0xfe],
        ]
        for name in names { #expect(makePipe(name, in: pair.outbox) == 0) }
        for name in names where name != Array("log".utf8) { #expect(makePipe(name, in: pair.inbox) == 0) }
        var random = SeededRandom(seed: 1)
        var setup = SessionSetup()
        setup.verb = verb
        setup.options.deletes = true
        let session = try SimulatedSession(pair, setup, random: &random)
        try session.run()
        #expect(session.isComplete)
        let summary = session.initiator.summary(now: session.clock.now)
        #expect(summary.deleted == 2)
        for name in names { #expect(isThere(name, in: pair.inbox), "\(name)") }
        #expect(!isThere(Array("d/gone".utf8), in: pair.inbox) && !isThere(Array("d/pipe2".utf8), in: pair.inbox))
    }

    /// More than can be named: nothing is deleted.
    @Test func whatCannotBeSparedKeepsAllFromBeingDeleted() throws {
        let pair = try TestPair()
        Tree(["new": file]).write(to: pair.outbox)
        Tree(["old": file]).write(to: pair.inbox)
        for number in 0...Limits.patterns { #expect(makePipe(Array("pipe\(number)".utf8), in: pair.outbox) == 0) }
        #expect(makePipe(Array("pipe7".utf8), in: pair.inbox) == 0)
        var random = SeededRandom(seed: 2)
        var setup = SessionSetup()
        setup.options.deletes = true
        let session = try SimulatedSession(pair, setup, random: &random)
        try session.run()
        #expect(session.isComplete)
        for name in ["new", "old", "pipe7"] { #expect(isThere(Array(name.utf8), in: pair.inbox), "\(name)") }
    }

    /// Who fetches is told what could not be deleted; who sends knows the folder of its own alone.
    @Test(.enabled(if: geteuid() == 0, "only root can make what belongs to somebody else"))
    func whatStaysIsNamed() async {
        await #expect(processExitsWith: .success) {
            let nobody: uid_t = 65_534
            let file = Tree.Node.file([1], mode: 0o644, modified: 0)
            #expect(setegid(nobody) == 0 && seteuid(nobody) == 0)
            let pair = try TestPair()
            defer {
                // Before the pair removes its folder.
                #expect(seteuid(0) == 0)
                _ = pair.folder
            }
            Tree(["new": file]).write(to: pair.outbox)
            #expect(seteuid(0) == 0)
            Tree(["theirs": .folder(mode: 0o755), "theirs/x": file]).write(to: pair.inbox)
            #expect(seteuid(nobody) == 0)
            var random = SeededRandom(seed: 3)
            var setup = SessionSetup()
            setup.verb = .get
            setup.options.deletes = true
            let session = try SimulatedSession(pair, setup, random: &random)
            try session.run()
            #expect(session.isComplete)
            let now = session.clock.now
            #expect(session.initiator.summary(now: now).warnings.map(\.path) == ["", "theirs/x"])
            #expect(session.responder.summary(now: now).warnings.map(\.path) == [""])
        }
    }

    private func path(_ name: [UInt8], in folder: String) -> [CChar] {
        (Array(folder.utf8) + [UInt8(ascii: "/")] + name + [0]).map { CChar(bitPattern: $0) }
    }

    private func makePipe(_ name: [UInt8], in folder: String) -> Int32 {
        mkfifo(path(name, in: folder), 0o600)
    }

    private func isThere(_ name: [UInt8], in folder: String) -> Bool {
        var status = stat()
        return lstat(path(name, in: folder), &status) == 0
    }
}
