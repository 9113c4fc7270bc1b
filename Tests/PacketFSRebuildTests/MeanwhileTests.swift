import Glibc
import PacketFSWire
import Synchronization
import Testing

@testable import PacketFSRebuild

/// What others do to the destination right then.
@Suite struct MeanwhileTests {
    /// Acts once, as the folder goes that gave way to a file: behind the commit of its name, before a look at it.
    private final class Meddler: WriteGate {
        private enum State { case waiting, swapped, done }
        private let state = Mutex(State.waiting)
        private let act: @Sendable () -> Void

        init(_ act: @escaping @Sendable () -> Void) {
            self.act = act
        }

        func pass(_ what: DurableWrite) throws(FileFault) {
            let acts = state.withLock { state in
                switch (state, what) {
                case (.waiting, .exchange): state = .swapped
                case (.swapped, .remove): state = .done
                default: return false
                }
                return state == .done
            }
            if acts { act() }
        }
    }

    @Test(arguments: [false, true]) func whatStandsThereInsteadIsNotRemembered(_ isReplaced: Bool) throws {
        let yard = try Playground()
        try yard.makeFolder("a")
        try yard.write("old", to: "a/x")
        let path = yard.destination + "/a"
        let sender = TestSender([.file("a", "ours"), .file("b", "new")])
        let finished = try yard.receive(sender, options: TransferOptions { $0.deletes = true }) {
            $0.gate = Meddler { [isReplaced] in Self.meddle(path, isReplaced) }
        }
        #expect(yard.bytes("a") == Array("else".utf8))
        #expect(finished.receipt.filesWritten == 2)
        #expect(finished.snapshot.entries.map(\.path) == [Array("b".utf8)])
    }

    private static func meddle(_ path: String, _ isReplaced: Bool) {
        if isReplaced { unlink(path) }
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        write(file, "else", 4)
        close(file)
    }

    @Test func whatIsReplacedBeforeItsMetadataIsSetIsLeftAlone() throws {
        let yard = try Playground()
        let name = try #require(Name("a".utf8))
        let folder = try #require(try yard.root().folder)
        let sender = TestSender([.file("a", "ours")])
        let site = try Site(
            root: yard.root(), transfer: sender.transfer, options: TransferOptions(), gate: OpenGate())
        let check = KeptCheck(site: site, table: EntryTable(sender.manifest))
        try yard.write("ours", to: "a")
        let seen = try folder.status(of: name)
        try yard.remove("a")
        try yard.write("else", to: "a")
        let other = try folder.status(of: name)
        #expect(try check.adjust(0, seen) == nil)
        #expect(try folder.status(of: name) == other)
        let adjusted = try check.adjust(0, other)
        #expect(try folder.status(of: name).key == adjusted)
        #expect(adjusted?.modified == sender.manifest.entries[0].modified)
    }

    /// What cannot be looked at is not taken for missing: all of it would be sent again, and written to a disk that fails.
    @Test func aLookThatFailsEndsTheTransfer() async {
        await #expect(processExitsWith: .success) {
            let yard = try Playground(inMemory: true)
            let sender = TestSender([.folder("d"), .file("d/a", "x")])
            let first = try yard.receive(sender)
            let site = try Site(
                root: yard.root(), transfer: sender.transfer, options: TransferOptions(), gate: OpenGate())
            let check = KeptCheck(site: site, table: EntryTable(sender.manifest))
            let claim = KeptClaim(entry: 1, version: sender.transfer)
            let free = open("/", O_RDONLY)
            close(free)
            var limit = rlimit(rlim_cur: rlim_t(free), rlim_max: rlim_t(free))
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            #expect(throws: RebuildError.outOfResources) { try check.lacking(of: [claim], in: first.snapshot) }
        }
    }

    /// Whoever sent it is gone.
    @Test(arguments: [DurableWrite.makeFolder, .metadata, .remove])
    func aLookThatNobodyWaitsForEnds(_ kind: DurableWrite) throws {
        let yard = try Playground(inMemory: true)
        let nodes = (100..<120).flatMap { [TestSender.Node.folder("\($0)"), .file("\($0)/x", "x")] }
        var sender = TestSender(nodes)
        let first = try yard.receive(sender)
        let interrupted = RebuildSetup.Interrupted(
            transfer: TransferID(unchecked: [UInt8](repeating: 9, count: 16)), manifest: sender.manifest)
        switch kind {
        case .makeFolder: for node in 100..<120 { try yard.remove("\(node)") }
        case .metadata: for entry in sender.files { sender.manifest.entries[entry].mode = 0o600 }
        default:
            for entry in sender.files {
                let name = TempNames(interrupted.transfer).name(of: entry)
                let folder = String(decoding: sender.manifest.entries[entry].path.dropLast(2), as: UTF8.self)
                try yard.write("", to: folder + "/" + String(decoding: name.bytes, as: UTF8.self))
            }
        }
        sender.kept = Dictionary(uniqueKeysWithValues: sender.files.map { ($0, sender.transfer) })
        sender.transfer = TransferID(unchecked: [UInt8](repeating: 2, count: 16))
        let gate = RecordingGate()
        #expect(throws: RebuildError.givenUp) {
            try yard.receive(sender) {
                $0.gate = gate
                $0.isWanted = { !gate.writes.contains(kind) }
                $0.snapshot = first.snapshot
                $0.resuming = interrupted
            }
        }
        #expect(gate.writes.filter { $0 == kind }.count == 1)
    }
}
