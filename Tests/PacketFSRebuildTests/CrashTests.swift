import Foundation
import Glibc
import PacketFSBlob
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// A crash before each durable write in turn: what stands under a final name is old or new, and a rerun completes.
@Suite struct CrashTests {
    private let body = TestRandom.bytes(200_000, seed: 41)

    private func nodes() -> [TestSender.Node] {
        [
            .folder("", mode: 0o755), .file("a", "new a"), .folder("b"), .file("b/big", body, mode: 0o600),
            .file("b/empty", ""), .hardLink("c", to: 1), .folder("e"), .file("e/x", "new x"), .symlink("f", to: "a"),
            .symlink("g", to: "b/big"),
        ]
    }

    /// What the destination holds before: other kinds under many of the names.
    private func fill(_ yard: Playground) throws {
        try yard.write("old a", to: "a")
        try yard.makeFolder("b")
        try yard.write("old big", to: "b/big")
        try yard.write("superfluous", to: "b/z")
        try yard.write("old c", to: "c")
        try yard.write("old e", to: "e")
        try yard.write("old f", to: "f")
        try yard.makeFolder("g/full")
        try yard.write("deep", to: "g/full/x")
    }

    private let options = TransferOptions { $0.deletes = true }

    /// `nil` stands for nothing, or for what is not a file.
    private func expect(_ name: String, in yard: Playground, is choices: [[UInt8]?]) {
        #expect(choices.contains(yard.bytes(name)), "\(name)")
    }

    private func expectOldOrNew(_ yard: Playground) throws {
        expect("a", in: yard, is: [Array("old a".utf8), Array("new a".utf8)])
        expect("b/big", in: yard, is: [Array("old big".utf8), body])
        expect("c", in: yard, is: [Array("old c".utf8), Array("new a".utf8)])
        expect("b/empty", in: yard, is: [nil, []])
        expect("e", in: yard, is: [Array("old e".utf8), nil])
        expect("e/x", in: yard, is: [nil, Array("new x".utf8)])
        let f = target("f", in: yard)
        #expect(f == "a" || yard.bytes("f") == Array("old f".utf8))
        #expect(target("g", in: yard) == "b/big" || yard.bytes("g/full/x") == Array("deep".utf8))
    }

    private func target(_ name: String, in yard: Playground) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: yard.destination + "/" + name)
    }

    private func expectNew(_ yard: Playground) throws {
        #expect(try yard.names() == ["a", "b", "b/big", "b/empty", "c", "e", "e/x", "f", "g"])
        #expect(yard.bytes("a") == Array("new a".utf8))
        #expect(yard.bytes("b/big") == body)
        #expect(yard.bytes("c") == Array("new a".utf8))
        #expect(yard.bytes("e/x") == Array("new x".utf8))
        #expect(yard.bytes("g") == body)
    }

    @Test func leavesOldOrNewAtEveryWrite() throws {
        let counter = CrashGate(after: .max)
        let whole = try Playground(inMemory: true)
        try fill(whole)
        try whole.receive(TestSender(nodes()), options: options) { $0.gate = counter }
        try expectNew(whole)
        #expect(counter.count > 30)
        for moment in 0..<counter.count {
            let yard = try Playground(inMemory: true)
            try fill(yard)
            let sender = TestSender(nodes())
            #expect(throws: RebuildError.crashed, "write \(moment)") {
                try yard.receive(sender, options: options) { $0.gate = CrashGate(after: moment) }
            }
            try expectOldOrNew(yard)
            let interrupted = RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
            let finished = try yard.receive(TestSender(nodes(), number: 2), options: options) {
                $0.resuming = interrupted
            }
            #expect(finished.receipt.failures == [], "write \(moment)")
            try expectNew(yard)
        }
    }

    /// It is full at one write alone: no step that tidies up may hide that.
    @Test func aDiskThatIsFullAtAnyWriteEndsTheTransfer() throws {
        let counter = CrashGate(after: .max)
        let whole = try Playground(inMemory: true)
        try fill(whole)
        try whole.receive(TestSender(nodes()), options: options) { $0.gate = counter }
        for moment in 0..<counter.count {
            let yard = try Playground(inMemory: true)
            try fill(yard)
            let sender = TestSender(nodes())
            #expect(throws: RebuildError.diskFull, "write \(moment)") {
                try yard.receive(sender, options: options) {
                    $0.gate = CrashGate(after: moment, fault: .system(ENOSPC), isOnce: true)
                }
            }
            try expectOldOrNew(yard)
            let interrupted = RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
            try yard.receive(TestSender(nodes(), number: 2), options: options) { $0.resuming = interrupted }
            try expectNew(yard)
        }
    }

    @Test func filesAreDurableBeforeTheyHaveTheirNames() throws {
        let (yard, gate) = (try Playground(), RecordingGate())
        try yard.receive(TestSender([.file("a", "new a"), .file("b", body)])) { $0.gate = gate }
        let named = try #require(gate.writes.firstIndex { $0 == .rename || $0 == .exchange })
        #expect(gate.writes[..<named].filter { $0 == .sync }.count == 2)
    }

    @Test func aFolderThatCannotBeOpenedIsSyncedForItsNextFile() throws {
        let (yard, gate) = (try Playground(), RecordingGate())
        let folder = try #require(try yard.root().folder)
        var synced = SyncedFileSystems(calls: FileCalls(gate: gate))
        let path = Array("d".utf8)[...]
        #expect(throws: FileFault.system(ENOENT)) {
            try synced.sync(path) { () throws(FileFault) in throw .system(ENOENT) }
        }
        for _ in 0..<2 { try synced.sync(path) { () throws(FileFault) in folder } }
        #expect(gate.writes == [.sync])
    }

    /// Any of them may be the one whose bytes are lost.
    @Test func aFileSystemThatDoesNotSyncCommitsNothing() throws {
        let yard = try Playground(inMemory: true)
        let sender = TestSender((10..<60).map { .file("f\($0)", "\($0)") })
        #expect(throws: RebuildError.inputOutput) {
            try yard.receive(sender) {
                $0.gate = CrashGate(after: 0, fault: .system(ESTALE), kind: .sync, isOnce: true)
            }
        }
        #expect(try yard.names() == yard.leftovers())
    }

    @Test func crashesWhileLearningLeaveARightReplica() throws {
        let old = TestRandom.bytes(300_000, seed: 2)
        for moment in 0..<8 {
            let yard = try Playground(inMemory: true)
            let (log, holdings) = try yard.replica(old)
            try yard.damage(at: 100_000, with: [old[100_000] ^ 1])
            var sender = TestSender([.file("a", Array(old.prefix(200_000)) + Array("and more".utf8))])
            sender.describe = { id, bytes in
                guard id.stream == .content else { return TestSender.literal(id, bytes) }
                return LeafBlueprint(
                    descriptors: [.copy(address: 0, length: 200_000), .literal(length: 8)], coding: .raw,
                    literals: Array(bytes.suffix(8)), learnedAt: 1_000_000, tag: TestSender.tag(id, bytes))
            }
            let kind: DurableWrite = moment < 4 ? .learn : .heal
            let result = try? yard.receive(sender) {
                $0.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: ExtentBuilder(log: log))
                $0.gate = CrashGate(after: moment % 4, kind: kind)
            }
            #expect((result == nil) == (moment < 2 || moment == 4))
            let extent = holdings.extents[0]
            #expect(Healer.verify(extent, in: log) == (result != nil))
        }
    }

    @Test(
        arguments: [
            (ENOSPC, .diskFull), (EDQUOT, .diskFull), (EROFS, .readOnly), (EIO, .inputOutput),
            (EMFILE, .outOfResources),
        ] as [(Int32, RebuildError)])
    func aFaultThatNothingEscapesEndsTheTransfer(_ number: Int32, _ error: RebuildError) throws {
        for kind in [DurableWrite.create, .write, .rename, .sync, .makeFolder, .exchange] {
            let yard = try Playground(inMemory: true)
            try fill(yard)
            #expect(throws: error, "\(kind)") {
                try yard.receive(TestSender(nodes()), options: options) {
                    $0.gate = CrashGate(after: 0, fault: .system(number), kind: kind)
                }
            }
            try expectOldOrNew(yard)
        }
    }

    /// So many that they are done in several pieces.
    private func many(_ number: UInt8 = 1) -> TestSender {
        TestSender([.folder("d")] + (100..<500).map { .file("d/\($0)", "new \($0)") }, number: number)
    }

    @Test(arguments: [false, true], [DurableWrite.create, .rename])
    func aFaultOfOneOfManyCostsThatOne(isSpread: Bool, _ kind: DurableWrite) throws {
        let yard = try Playground(inMemory: true)
        let finished = try yard.receive(many()) {
            $0.spreads(isSpread)
            $0.gate = CrashGate(after: 199, fault: .system(EACCES), kind: kind, isOnce: true)
        }
        #expect(finished.receipt.failures.map(\.failure) == [.permission])
        #expect(finished.receipt.filesWritten == 399 && finished.snapshot.entries.count == 399)
        #expect(try yard.names().count == 400 && yard.leftovers() == [])
    }

    @Test(
        arguments: [false, true],
        [
            (.create, .system(ENOSPC)), (.rename, .system(ENOSPC)), (.create, .crash), (.rename, .crash),
        ] as [(DurableWrite, FileFault)])
    func whatEndsATransferAmongManyFilesLeavesOldOrNew(isSpread: Bool, _ end: (DurableWrite, FileFault)) throws {
        let yard = try Playground(inMemory: true)
        try yard.makeFolder("d")
        for number in 100..<500 where number % 3 == 0 { try yard.write("old \(number)", to: "d/\(number)") }
        let sender = many()
        #expect(throws: try #require(end.1.fatal)) {
            try yard.receive(sender) {
                $0.spreads(isSpread)
                $0.gate = CrashGate(after: 199, fault: end.1, kind: end.0, isOnce: end.1 != .crash)
            }
        }
        for number in 100..<500 {
            let old = number % 3 == 0 ? Array("old \(number)".utf8) : nil
            expect("d/\(number)", in: yard, is: [old, Array("new \(number)".utf8)])
        }
        let interrupted = RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
        let finished = try yard.receive(many(2)) {
            $0.spreads(isSpread)
            $0.resuming = interrupted
        }
        #expect(finished.receipt.failures == [])
        #expect((100..<500).allSatisfy { yard.bytes("d/\($0)") == Array("new \($0)".utf8) })
        #expect(try yard.names().count == 401 && yard.leftovers() == [])
    }

    /// Files that are here, of which each gets another mode.
    @Test(arguments: [false, true], [(EACCES, nil), (ENOSPC, .diskFull)] as [(Int32, RebuildError?)])
    func aFaultOfOneOfManyKeptFiles(isSpread: Bool, _ fault: (Int32, RebuildError?)) throws {
        let yard = try Playground(inMemory: true)
        let first = try yard.receive(many())
        var sender = many(2)
        for entry in sender.files {
            sender.kept[entry] = many().transfer
            sender.manifest.entries[entry].mode = 0o600
        }
        let result = Result {
            try yard.receive(sender) {
                $0.spreads(isSpread)
                $0.snapshot = first.snapshot
                $0.gate = CrashGate(after: 199, fault: .system(fault.0), kind: .metadata, isOnce: true)
            }
        }
        #expect((100..<500).allSatisfy { yard.bytes("d/\($0)") == Array("new \($0)".utf8) })
        if let error = fault.1 {
            #expect(throws: error) { _ = try result.get() }
        } else {
            let receipt = try result.get().receipt
            #expect(receipt.failures.map(\.failure) == [.metadata] && receipt.filesKept == 400)
        }
    }

    @Test(arguments: [(EACCES, .permission), (EPERM, .permission), (EFBIG, .fileSystem)] as [(Int32, EntryFailure)])
    func aFaultOfOneEntryCostsThatEntry(_ number: Int32, _ failure: EntryFailure) throws {
        let yard = try Playground(inMemory: true)
        let sender = TestSender([.file("a", "1"), .file("b", "2"), .file("c", "3")])
        let finished = try yard.receive(sender) { $0.gate = OnceGate(at: 1, kind: .create, fault: .system(number)) }
        #expect(finished.receipt.failures == [FailedEntry(entry: 1, failure: failure)])
        #expect(try yard.names() == ["a", "c"])
        let metadata = try Playground(inMemory: true)
        let result = try metadata.receive(sender) { $0.gate = OnceGate(at: 0, kind: .metadata, fault: .system(number)) }
        #expect(result.receipt.failures == [FailedEntry(entry: 0, failure: .metadata)])
        #expect(try metadata.names() == ["a", "b", "c"])
        #expect(result.snapshot.entries.count == 3)
    }

    /// A file that gives way to a folder where the file system cannot swap their names, up to that rename.
    private func swapInSteps(_ yard: Playground, _ gate: CrashGate) throws -> RebuildSetup.Interrupted {
        let sender = TestSender([.folder("a"), .file("a/x", "new")])
        let temporary = TempNames(sender.transfer).name(of: 0)
        try yard.write("old", to: "a")
        try yard.makeFolder(String(decoding: temporary.bytes, as: UTF8.self))
        let (folder, name) = (try #require(try yard.root().folder), try #require(Name("a".utf8)))
        let calls = FileCalls(gate: gate)
        #expect(throws: FileFault.self) { try calls.exchangeInSteps(temporary, with: name, in: folder) }
        return RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
    }

    @Test(arguments: 0..<3) func whatGaveWayInStepsGetsItsNameBack(_ step: Int) throws {
        for isTakenUp in [false, true] {
            let yard = try Playground(inMemory: true)
            let interrupted = try swapInSteps(yard, CrashGate(after: step, kind: .rename))
            if isTakenUp {
                try yard.receive(TestSender([.file("b", "b")], number: 2)) { $0.resuming = interrupted }
                try yard.remove("b")
            } else {
                #expect(try Rebuilder.discard(interrupted, root: try yard.root()))
            }
            #expect(try yard.names() == ["a"])
            #expect(yard.bytes("a") == (step < 2 ? Array("old".utf8) : nil))
        }
    }

    @Test func aSwapInStepsThatFailsIsUndone() throws {
        let yard = try Playground(inMemory: true)
        _ = try swapInSteps(yard, CrashGate(after: 1, fault: .system(EACCES), kind: .rename, isOnce: true))
        #expect(yard.bytes("a") == Array("old".utf8))
        #expect(try yard.leftovers().count == 1)
    }
}

/// Fails a single durable write.
private struct OnceGate: WriteGate {
    private let before: CrashGate
    private let through: CrashGate
    private let kind: DurableWrite
    private let fault: FileFault

    init(at number: Int, kind: DurableWrite, fault: FileFault) {
        before = CrashGate(after: number, kind: kind)
        through = CrashGate(after: number + 1, kind: kind)
        self.kind = kind
        self.fault = fault
    }

    func pass(_ what: DurableWrite) throws(FileFault) {
        let isBefore = (try? before.pass(what)) != nil
        let isThrough = (try? through.pass(what)) != nil
        if !isBefore, isThrough { throw fault }
    }
}
