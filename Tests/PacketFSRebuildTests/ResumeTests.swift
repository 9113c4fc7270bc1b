import Foundation
import Glibc
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// An interrupted transfer is taken up by another one, under another id.
@Suite struct ResumeTests {
    private let big = TestRandom.bytes(3 * Limits.leaf + Limits.part, seed: 31)
    private let small = (0..<20).map { TestRandom.bytes(3_000 + $0, seed: UInt64(100 + $0)) }

    func nodes() -> [TestSender.Node] {
        [.folder("d"), .file("d/big", big, mode: 0o444)] + small.enumerated().map { .file("d/s\(100 + $0)", $1) }
    }

    /// As a sender plans it: what the receiver said it has, it only names.
    func resuming(_ sender: TestSender, _ partial: [PartialFile]) -> TestSender {
        var sender = sender
        let held = Dictionary(uniqueKeysWithValues: partial.map { ($0.entry, Int($0.bytes)) })
        // Runs of the content stream, by whether the receiver has them.
        var runs: [(range: Range<Int>, isHeld: Bool)] = []
        var end = 0
        for entry in sender.files {
            let size = sender.contents[entry]?.count ?? 0
            let split = end + min(size, held[entry] ?? 0)
            runs += [(end..<split, true), (split..<end + size, false)]
            end += size
        }
        sender.describe = { id, bytes in
            guard id.stream == .content else { return TestSender.literal(id, bytes) }
            let start = Int(id.index) * Limits.leaf
            var descriptors: [Descriptor] = []
            var literals: [UInt8] = []
            for run in runs {
                let part = run.range.clamped(to: start..<start + bytes.count)
                guard !part.isEmpty else { continue }
                descriptors.append(run.isHeld ? .held(length: part.count) : .literal(length: part.count))
                if !run.isHeld { literals += bytes[part.lowerBound - start..<part.upperBound - start] }
            }
            return LeafBlueprint(
                descriptors: descriptors, coding: .raw, literals: literals, tag: TestSender.tag(id, bytes))
        }
        return sender
    }

    func interrupt(_ yard: Playground, after records: Int) throws -> RebuildSetup.Interrupted {
        let sender = TestSender(nodes())
        #expect(try sender.run(yard.rebuilder(sender), limit: records) == nil)
        return RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
    }

    /// Opening, manifest, origins, then four content leaves.
    @Test(arguments: [3, 4, 5, 6, 7])
    func takesUpWhatWasThere(_ records: Int) throws {
        let yard = try Playground()
        let interrupted = try interrupt(yard, after: records)
        #expect(try yard.names().allSatisfy { $0 == "d" || $0.hasPrefix("d/.packetfs-") })
        let partial = Rebuilder.partialFiles(of: interrupted, root: try yard.root())
        let before = partial.reduce(0) { $0 + $1.bytes }
        #expect(
            before == UInt64(min((records - 3) * Limits.leaf, big.count + (records == 7 ? small.joined().count : 0))))
        let sender = resuming(TestSender(nodes(), number: 2), partial)
        var sent = 0
        for case .leaf(let id, let leaf) in try sender.records() where id.stream == .content {
            sent += leaf.literals.count
        }
        #expect(UInt64(sent) + before == UInt64(big.count + small.joined().count))
        let finished = try yard.receive(sender) { $0.resuming = interrupted }
        #expect(finished.receipt.failures == [])
        #expect(finished.receipt.leavesRepaired == 0)
        #expect(finished.receipt.filesWritten == 21)
        try expectWhole(yard)
    }

    func expectWhole(_ yard: Playground) throws {
        #expect(yard.bytes("d/big") == big)
        for (index, bytes) in small.enumerated() { #expect(yard.bytes("d/s\(100 + index)") == bytes) }
        #expect(try yard.leftovers() == [])
        var raw = stat()
        #expect(lstat(yard.destination + "/d/big", &raw) == 0 && raw.st_mode & 0o7777 == 0o444)
    }

    @Test func trustsNothingOfTheHint() throws {
        let yard = try Playground()
        let interrupted = try interrupt(yard, after: 6)
        let partial = Rebuilder.partialFiles(of: interrupted, root: try yard.root())
        let name = "destination/d/" + (try #require(try yard.leftovers().first).dropFirst(2))
        try yard.damage(name, at: 5_000_000, with: [big[5_000_000] ^ 1])
        try yard.truncate(name, to: 2 * Limits.leaf + 100_000)
        let sender = resuming(TestSender(nodes(), number: 2), partial)
        let finished = try yard.receive(sender) { $0.resuming = interrupted }
        #expect(finished.receipt.leavesRepaired == 2)
        #expect(finished.receipt.bytesRepaired <= UInt64(Limits.leaf + Limits.part))
        try expectWhole(yard)
    }

    /// Somebody gave it another name: what is written would show there.
    @Test func aTemporaryFileWithAnotherNameIsNotWrittenTo() throws {
        let yard = try Playground()
        let interrupted = try interrupt(yard, after: 5)
        let partial = Rebuilder.partialFiles(of: interrupted, root: try yard.root())
        let before = try linkTemporary(in: yard)
        let finished = try yard.receive(resuming(TestSender(nodes(), number: 2), partial)) { $0.resuming = interrupted }
        #expect(finished.receipt.failures == [])
        #expect(yard.bytes("other") == before)
        try FileManager.default.removeItem(atPath: yard.destination + "/other")
        try expectWhole(yard)
    }

    @Test func aTemporaryFileThatGetsAnotherNameIsNotWrittenToAnyMore() throws {
        let yard = try Playground()
        let sender = TestSender(nodes())
        var before: [UInt8]?
        // Between two leaves of the large file.
        let finished = try sender.run(yard.rebuilder(sender)) { if $0 == 5 { before = try linkTemporary(in: yard) } }
        #expect(finished?.receipt.failures.map(\.failure) == [.confinement])
        #expect(before != nil && yard.bytes("other") == before && yard.bytes("d/big") == nil)
    }

    private func linkTemporary(in yard: Playground) throws -> [UInt8]? {
        let temporary = yard.destination + "/" + (try #require(try yard.leftovers().first))
        try #require(link(temporary, yard.destination + "/other") == 0)
        return yard.bytes("other")
    }

    /// What a leaf before it left in memory is not what lies on disk.
    @Test func nothingIsTakenForThereThatIsNot() throws {
        let yard = try Playground()
        let leaf = TestRandom.bytes(Limits.leaf - 1, seed: 32) + [7]
        var sender = TestSender([.file("f", leaf + leaf)])
        sender.describe = { id, bytes in
            guard id.stream == .content else { return TestSender.literal(id, bytes) }
            let isFirst = id.index == 0
            let split: [Descriptor] = [.literal(length: bytes.count - 1), .fill(byte: 7, length: 1)]
            return LeafBlueprint(
                descriptors: isFirst ? split : [.held(length: bytes.count)], coding: .raw,
                literals: isFirst ? Array(bytes.dropLast()) : [], tag: TestSender.tag(id, bytes))
        }
        let finished = try yard.receive(sender)
        #expect(finished.receipt.failures == [] && finished.receipt.leavesRepaired == 1)
        #expect(yard.bytes("f") == leaf + leaf)
    }

    @Test func aTemporaryFileWithASecondNameIsNotWrittenTo() throws {
        let yard = try Playground()
        let interrupted = try interrupt(yard, after: 5)
        let partial = Rebuilder.partialFiles(of: interrupted, root: try yard.root())
        let name = try #require(try yard.leftovers().first)
        try #require(link(yard.destination + "/" + name, yard.destination + "/elsewhere") == 0)
        let before = yard.bytes("elsewhere")
        _ = try? yard.receive(resuming(TestSender(nodes(), number: 2), partial)) { $0.resuming = interrupted }
        #expect(before != nil && yard.bytes("elsewhere") == before)
    }

    @Test func findsFilesThatWereCommittedAlready() throws {
        let yard = try Playground()
        let first = TestSender(nodes())
        try yard.receive(first)
        var raw = stat()
        #expect(lstat(yard.destination + "/d/big", &raw) == 0)
        let interrupted = RebuildSetup.Interrupted(transfer: first.transfer, manifest: first.manifest)
        let partial = Rebuilder.partialFiles(of: interrupted, root: try yard.root())
        #expect(partial.count == 21)
        #expect(partial.reduce(0) { $0 + $1.bytes } == UInt64(big.count + small.joined().count))
        // One of them was changed meanwhile, under the same size and time; another was replaced by a folder.
        try yard.damage("destination/d/s105", at: 10, with: [small[5][10] ^ 1])
        var times = [timespec(tv_sec: 0, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 123_456_789)]
        utimensat(AT_FDCWD, yard.destination + "/d/s105", &times, 0)
        try yard.remove("d/s106")
        try yard.makeFolder("d/s106")
        let sender = resuming(TestSender(nodes(), number: 2), partial)
        let finished = try yard.receive(sender) { $0.resuming = interrupted }
        #expect(finished.receipt.failures == [])
        #expect(finished.receipt.leavesRepaired == 1)
        try expectWhole(yard)
        var after = stat()
        #expect(lstat(yard.destination + "/d/big", &after) == 0)
        #expect(after.st_ino == raw.st_ino)
    }

    /// A range that the sender names as held may lie in any number of files, of which some went meanwhile; and files are
    /// not kept open until all of the leaf is verified.
    @Test func aRangeIsHeldInManyFiles() throws {
        let yard = try Playground()
        let nodes = (0..<2000).map { TestSender.Node.file("f\(1000 + $0)", TestRandom.bytes(200, seed: UInt64($0))) }
        let first = TestSender(nodes)
        try yard.receive(first)
        let interrupted = RebuildSetup.Interrupted(transfer: first.transfer, manifest: first.manifest)
        try yard.remove("f1000")
        try yard.remove("f2500")
        var sender = TestSender(nodes, number: 2)
        sender.describe = { id, bytes in
            var leaf = TestSender.literal(id, bytes)
            if id.stream == .content { (leaf.descriptors, leaf.literals) = ([.held(length: bytes.count)], []) }
            return leaf
        }
        let gate = OpenFilesGate()
        let finished = try yard.receive(sender) {
            $0.resuming = interrupted
            $0.gate = gate
        }
        #expect(finished.receipt.failures == [])
        #expect(finished.receipt.leavesRepaired == 1)
        #expect(finished.receipt.bytesRepaired <= 2 * UInt64(Limits.part))
        #expect(gate.most > 0 && gate.most < 1000)
        for node in nodes { #expect(yard.bytes(String(decoding: node.entry.path, as: UTF8.self)) == node.bytes) }
    }

    /// The process that gave it its name may not have lived to sync the folder.
    @Test(arguments: ["f", "d/f"])
    func aNameFoundInPlaceIsMadeDurable(_ path: String) throws {
        let yard = try Playground()
        let nodes: [TestSender.Node] = [.folder("d"), .file(path, small[0])]
        let first = TestSender(nodes)
        try yard.receive(first)
        let interrupted = RebuildSetup.Interrupted(transfer: first.transfer, manifest: first.manifest)
        let partial = Rebuilder.partialFiles(of: interrupted, root: try yard.root())
        let gate = RecordingGate()
        try yard.receive(resuming(TestSender(nodes, number: 2), partial)) {
            $0.resuming = interrupted
            $0.gate = gate
        }
        // The file, which another may have written there, and its folder.
        #expect(gate.writes == [.sync, .sync])
    }

    /// Somebody writes to a file under its final name after a part of it was verified there: what is theirs is neither
    /// copied nor taken for verified, and the rest of the transfer goes on.
    @Test(arguments: [(true, true), (false, true), (false, false)])
    func aFileThatChangesInPlaceIsLeftAlone(shrinks: Bool, needsWriting: Bool) throws {
        let yard = try Playground()
        let first = TestSender([.file("f", big), .file("g", "old")])
        try yard.receive(first)
        let interrupted = RebuildSetup.Interrupted(transfer: first.transfer, manifest: first.manifest)
        let partial = [PartialFile(entry: 0, bytes: UInt64(needsWriting ? 2 * Limits.leaf : big.count))]
        let sender = resuming(TestSender([.file("f", big), .file("g", "new")], number: 2), partial)
        let rebuilder = try yard.rebuilder(sender) { $0.resuming = interrupted }
        let records = try sender.records()
        for record in records.prefix(5) {
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
        // Two leaves are verified. Times of files tick coarsely.
        usleep(20_000)
        if shrinks {
            try yard.truncate("destination/f", to: 2 * Limits.leaf)
        } else {
            try yard.damage("destination/f", at: 10, with: [big[10] ^ 1])
        }
        let edited = yard.bytes("f")
        for record in records.dropFirst(5) { _ = try rebuilder.record(record) }
        let finished = try rebuilder.finish()
        #expect(finished.receipt.failures == [FailedEntry(entry: 0, failure: .occupied)])
        #expect(yard.bytes("f") == edited)
        #expect(yard.bytes("g") == Array("new".utf8))
        #expect(try yard.leftovers() == [])
    }

    @Test func aFileThatGrewOrShrankSinceIsStillTakenUp() throws {
        for size in [big.count + 5_000, big.count - 5_000, 100] {
            let yard = try Playground()
            let first = TestSender([.file("f", big)])
            try yard.receive(first)
            let interrupted = RebuildSetup.Interrupted(transfer: first.transfer, manifest: first.manifest)
            let partial = [PartialFile(entry: 0, bytes: UInt64(min(size, big.count)))]
            let changed = Array((big + TestRandom.bytes(5_000, seed: 3)).prefix(size))
            let sender = resuming(TestSender([.file("f", changed)], number: 2), partial)
            let finished = try yard.receive(sender) { $0.resuming = interrupted }
            #expect(finished.receipt.leavesRepaired == 0)
            #expect(yard.bytes("f") == changed)
            #expect(try yard.leftovers() == [])
        }
    }

    @Test func removesWhatTheNewTransferHasNoUseFor() throws {
        let yard = try Playground()
        let interrupted = try interrupt(yard, after: 7)
        #expect(try yard.leftovers().count == 21)
        let finished = try yard.receive(TestSender([.folder("d"), .file("d/s100", "other")], number: 2)) {
            $0.resuming = interrupted
        }
        #expect(finished.receipt.failures == [])
        #expect(try yard.names() == ["d", "d/s100"])
        #expect(yard.bytes("d/s100") == Array("other".utf8))
    }

    @Test func survivesAChainOfInterruptions() throws {
        let yard = try Playground()
        var interrupted = try interrupt(yard, after: 5)
        for number in 2...4 {
            let partial = Rebuilder.partialFiles(of: interrupted, root: try yard.root())
            let sender = resuming(TestSender(nodes(), number: UInt8(number)), partial)
            let rebuilder = try yard.rebuilder(sender) { $0.resuming = interrupted }
            #expect(try sender.run(rebuilder, limit: 3) == nil)
            interrupted = RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
        }
        let partial = Rebuilder.partialFiles(of: interrupted, root: try yard.root())
        #expect(partial.map(\.bytes) == [UInt64(2 * Limits.leaf)])
        try yard.receive(resuming(TestSender(nodes(), number: 5), partial)) { $0.resuming = interrupted }
        try expectWhole(yard)
    }

    @Test func aSparseFileLosesOldBytesWhereZerosBelong() throws {
        let yard = try Playground()
        let old = TestRandom.bytes(Limits.leaf + 100_000, seed: 6)
        let first = TestSender([.file("f", old)])
        #expect(try first.run(yard.rebuilder(first), limit: 4) == nil)
        var new = [UInt8](repeating: 0, count: old.count)
        new[3_000_000] = 1
        var sender = TestSender([.file("f", new)], number: 2)
        sender.manifest.entries[0].isSparse = true
        try yard.receive(sender) {
            $0.resuming = RebuildSetup.Interrupted(transfer: first.transfer, manifest: first.manifest)
        }
        #expect(yard.bytes("f") == new)
        var raw = stat()
        #expect(lstat(yard.destination + "/f", &raw) == 0 && raw.st_blocks < 100)
    }

    /// What stands is copied from the first other byte on, which lies behind its holes.
    @Test func aSparseFileThatStandsKeepsItsHoles() throws {
        let yard = try Playground()
        var bytes = [UInt8](repeating: 0, count: 2 * Limits.leaf + 500_000)
        for (number, place) in [1_000_000, 2 * Limits.leaf + 1].enumerated() {
            bytes[place] = UInt8(number + 1)
            var sender = TestSender([.file("f", bytes)], number: UInt8(number + 1))
            sender.manifest.entries[0].isSparse = true
            try yard.receive(sender, options: TransferOptions { $0.checksums = true }) { $0.comparesStanding = true }
            #expect(yard.bytes("f") == bytes)
            var raw = stat()
            #expect(lstat(yard.destination + "/f", &raw) == 0 && raw.st_blocks < 100)
        }
    }

    @Test func aTransferGivenUpLeavesNothing() throws {
        let yard = try Playground()
        let sender = TestSender(nodes())
        let rebuilder = try yard.rebuilder(sender)
        #expect(try sender.run(rebuilder, limit: 7) == nil)
        #expect(try yard.leftovers().count == 21)
        try rebuilder.abandon()
        #expect(try yard.names() == ["d"])
        let interrupted = try interrupt(yard, after: 6)
        for number in 0..<TempNames.scratchFiles {
            try yard.write(
                "scratch", to: String(decoding: TempNames(sender.transfer).scratch(number).bytes, as: UTF8.self))
        }
        let gate = RecordingGate()
        #expect(try Rebuilder.discard(interrupted, root: try yard.root(), gate: gate))
        #expect(try yard.names() == ["d"])
        // Its record goes next, and that is durable.
        #expect(gate.writes.last == .sync && gate.writes.contains(.remove))
    }

    /// What looks like a file of the interrupted transfer may be another's, which shows where it is taken up.
    @Test func onlyWhatItCommittedIsTakenUpWhereThatIsKnown() throws {
        let yard = try Playground()
        let nodes = ["a", "b"].map { TestSender.Node.file($0, "like another") }
        let first = TestSender(nodes)
        let finished = try yard.receive(first)
        var interrupted = RebuildSetup.Interrupted(
            transfer: first.transfer, manifest: first.manifest, committed: finished.snapshot)
        #expect(Rebuilder.partialFiles(of: interrupted, root: try yard.root()).map(\.entry) == [0, 1])
        interrupted.committed?.entries.removeFirst()
        #expect(Rebuilder.partialFiles(of: interrupted, root: try yard.root()).map(\.entry) == [1])
        let hint = [0, 1].map { PartialFile(entry: $0, bytes: 12) }
        func inode() throws -> ino_t {
            var raw = stat()
            try #require(lstat(yard.destination + "/a", &raw) == 0)
            return raw.st_ino
        }
        let before = try inode()
        let again = try yard.receive(resuming(TestSender(nodes, number: 2), hint)) { $0.resuming = interrupted }
        #expect(again.receipt.leavesRepaired == 1)
        #expect(try inode() != before)
    }

    /// Its other names may be somebody's snapshot of the destination.
    @Test(arguments: [0o644, 0o600] as [UInt16]) func aCommittedFileWithOtherNamesIsNotChanged(_ mode: UInt16) throws {
        let yard = try Playground()
        let first = TestSender([.file("f", "bytes", mode: 0o644)])
        try yard.receive(first)
        let interrupted = RebuildSetup.Interrupted(transfer: first.transfer, manifest: first.manifest)
        let partial = Rebuilder.partialFiles(of: interrupted, root: try yard.root())
        try #require(link(yard.destination + "/f", yard.path + "/snapshot") == 0)
        let sender = TestSender([.file("f", "bytes", mode: mode)], number: 2)
        let finished = try yard.receive(resuming(sender, partial)) { $0.resuming = interrupted }
        #expect(finished.receipt.failures == [])
        let status = try ["destination/f", "snapshot"].map { name in
            var raw = stat()
            try #require(lstat(yard.path + "/" + name, &raw) == 0)
            return raw
        }
        #expect(status.map { UInt16($0.st_mode & 0o7777) } == [mode, 0o644])
        #expect((status[0].st_ino == status[1].st_ino) == (mode == 0o644))
        #expect(yard.bytes("f") == Array("bytes".utf8))
    }
}
