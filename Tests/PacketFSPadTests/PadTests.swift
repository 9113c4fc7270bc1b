import Foundation
import PacketFSWire
import Testing

@testable import PacketFSPad

/// What a pad refuses, and what it leaves of used blocks.
@Suite("A pad in use")
struct PadTests {
    @Test func theHalvesAreFixedByTheParties() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        #expect(try folder.open("a").own == 0)
        #expect(try folder.open("b").own == 1)
    }

    @Test func aReserveIsDurableBeforeItIsUsedAndNeverComesAgain() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 8)
        do {
            let pad = try folder.open("a")
            #expect(try pad.reserve(2) == 0..<2)
            #expect(try pad.reserve(1) == 2..<3)
        }
        #expect(try folder.open("a").reserve(1) == 3..<4)
        let status = try Pad.status(folder.place("a"), machine: .test)
        #expect((status.left, status.spent, status.burnt, status.next) == (4, 0, 4, 4))
    }

    @Test func aPadThatIsUsedUpRefuses() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 3)
        let pad = try folder.open("a")
        #expect(throws: PadError.exhausted(needed: 4, left: 3)) { try pad.reserve(4) }
        _ = try pad.reserve(3)
        #expect(throws: PadError.exhausted(needed: 1, left: 0)) { try pad.reserve(1) }
    }

    @Test func twoProcessesCannotHaveOnePad() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        let pad = try folder.open("a")
        #expect(throws: PadError.busy) { try folder.open("a") }
        #expect(try pad.reserve(1) == 0..<1)
    }

    /// Every child has the open files of its parent until it runs its program.
    @Test func aPadThatIsLetGoIsFreeWhateverAChildHas() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        var files = try [folder.place("a").pad, folder.place("a").ledger].map { try PrivateFile($0, O_RDWR) }
        let copies = try files.map { file in
            try file.lock()
            return fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
        }
        defer { for copy in copies { close(copy) } }
        #expect(throws: PadError.busy) { try folder.open("a") }
        files = []
        _ = try folder.open("a")
    }

    @Test func anotherMachineIsRefused() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        let other = MachineIdentity(id: "another machine")
        #expect(throws: PadError.otherMachine) { try Pad.open(folder.place("a"), machine: other) }
        #expect(try Pad.status(folder.place("a"), machine: other).lock == .otherMachine)
        #expect(try folder.open("a").reserve(1) == 0..<1)
    }

    @Test func aMachineWithoutAnIdUsesNoPad() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        let place = folder.place("a")
        #expect(throws: PadError.unknownMachine) { try Pad.open(place, machine: nil) }
        #expect(throws: PadError.unknownMachine) { try Pad.skip(place, past: 1, receivedTo: 1, machine: nil) }
        #expect(try Pad.status(place, machine: nil).lock == .unknownMachine)
        #expect(try folder.open("a").reserve(1) == 0..<1)
        try folder.carry(blocks: 4)
        let carried = folder.file("carried-a")
        #expect(throws: PadError.unknownMachine) { try Pad.adopt(carried, to: folder.place("c"), machine: nil) }
        #expect(FileManager.default.fileExists(atPath: carried))
    }

    @Test func aMachineIsKnownByTheFirstFileThatHasAnId() throws {
        let folder = try PadFolder()
        func file(_ name: String, _ text: String) throws -> String {
            try Data(text.utf8).write(to: URL(filePath: folder.file(name)))
            return folder.file(name)
        }
        let none = try [
            folder.file("missing"), file("empty", ""), file("blank", "\n"), file("early", "uninitialized\n"),
        ]
        #expect(MachineIdentity(files: none) == nil)
        #expect(
            try MachineIdentity(files: none + [file("id", "0123\nx"), file("late", "9")]) == MachineIdentity(id: "0123")
        )
    }

    /// A copy of the folder, and a backup of one file or both that was put back.
    @Test(arguments: [["a/pad"], ["a/ledger"], ["a/pad", "a/ledger"]])
    func copiesAndRestoredBackupsAreRefused(_ files: [String]) throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        for file in files { try folder.restore(file) }
        #expect(throws: PadError.otherFiles) { try folder.open("a") }
        #expect(try Pad.status(folder.place("a"), machine: .test).lock == .otherFiles)
    }

    /// A backup written into the old files, which keep inode and birth: the mooring is another one.
    @Test(arguments: [["a/pad"], ["a/ledger"], ["a/pad", "a/ledger"]])
    func backupsInOldFilesAreRefused(_ files: [String]) throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        let old = try files.map { ($0, try folder.bytes($0)) }
        _ = try folder.seal([[1]])
        for (name, bytes) in old { try folder.overwrite(name, with: bytes) }
        if files.contains("a/ledger") {
            #expect(throws: PadError.otherFiles) { try folder.open("a") }
            #expect(try Pad.status(folder.place("a"), machine: .test).lock == .otherFiles)
        } else {
            #expect(try folder.open("a").reserve(1) == 1..<2)
        }
    }

    /// A crash at any step of mooring leaves a pad that opens, and a mooring that is lost locks it.
    @Test(arguments: LossyDisk.Fate.allCases)
    func aMooringSurvivesCrashesAndIsMissed(_ fate: LossyDisk.Fate) throws {
        for moment in 0..<16 {
            let folder = try PadFolder()
            try folder.fill(blocks: 4)
            for step in [moment, moment / 2] {
                _ = try? folder.open("a", gate: LossyDisk(after: step, fate, attic: folder.path, seed: UInt64(step)))
            }
            #expect(try folder.open("a").left == 4, "moment \(moment)")
            try FileManager.default.removeItem(atPath: folder.place("a").mooring)
            #expect(throws: PadError.otherFiles) { try folder.open("a") }
        }
    }

    /// Pad file and mooring are as they were left, the ledger is older: the blocks that were destroyed tell.
    @Test func aLedgerThatWasRolledBackInPlaceFindsItsBlocksGone() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        let before = try folder.keep("a")
        _ = try folder.seal([[1]])
        try folder.rollBack("a", to: before, withPad: false)
        #expect(throws: PadError.zeros(half: 0, block: 0)) { try folder.seal([[2]]) }
    }

    /// All that is on the machine is rolled back: only the peer can tell.
    @Test func thePeersMarkFindsARollbackOfEverything() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 8)
        let before = try folder.keep("a")
        let opened = try folder.seal([[0]], "b")
        #expect(try folder.open(opened, "a") == [0])
        let first = try folder.seal([[1]])
        #expect(try folder.open(first, "b") == [1])
        try folder.rollBack("a", to: before)
        let answer = try folder.seal([[2]], "b")
        #expect(try folder.open(answer, "a") == [2])
        #expect(throws: PadError.rolledBack(mark: 1)) { try folder.seal([[3]]) }
        // Nor is anything opened that may have been; what is known to have been, still is.
        let head = try MessageHead(decoding: Array(opened.prefix(MessageHead.size)))
        #expect(throws: PadError.rolledBack(mark: 1)) {
            try Pad.expect(head, length: UInt64(opened.count), at: folder.place("a"), machine: .test)
        }
        #expect(throws: PadError.rolledBack(mark: 1)) { try folder.open(opened, "a") }
        #expect(throws: PadError.opened) { try folder.open(answer, "a") }
        #expect(try Pad.status(folder.place("a"), machine: .test).lock == .rolledBack)
        #expect(throws: PadError.positionTooLow(atLeast: 1)) {
            try Pad.skip(folder.place("a"), past: 0, receivedTo: 2, machine: .test)
        }
        #expect(throws: PadError.receivedUnknown) { try Pad.skip(folder.place("a"), past: 2, machine: .test) }
        try Pad.skip(folder.place("a"), past: 2, receivedTo: 2, machine: .test)
        #expect(throws: PadError.spent) { try folder.open(opened, "a") }
        let next = try folder.seal([[3]])
        #expect(try MessageHead(decoding: Array(next.prefix(MessageHead.size))).start == 2)
        #expect(try folder.open(next, "b") == [3])
    }

    @Test func aMovedPadGoesOnWhereItIsSkippedTo() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 8)
        _ = try folder.seal([[1]])
        try folder.restore("a/pad")
        let other = MachineIdentity(id: "another machine")
        for (own, peers) in [(9, 0), (3, 9)] as [(UInt64, UInt64)] {
            #expect(throws: PadError.positionTooHigh(atMost: 8)) {
                try Pad.skip(folder.place("a"), past: own, receivedTo: peers, machine: other)
            }
        }
        try Pad.skip(folder.place("a"), past: 3, receivedTo: 0, machine: other)
        let pad = try Pad.open(folder.place("a"), machine: other)
        #expect(try pad.reserve(1) == 3..<4)
        #expect(try pad.file.isDestroyed(half: 0, 0..<3))
    }

    /// A restored backup knows nothing of the messages that were opened since. Wherever skipping ends, none opens again,
    /// and at its end the bytes are gone that the backup brought back.
    @Test(arguments: LossyDisk.Fate.allCases)
    func aRestoredPadOpensNoMessageAgain(_ fate: LossyDisk.Fate) throws {
        var isDone = false
        var moment = 0
        while !isDone {
            let folder = try PadFolder()
            try folder.fill(blocks: 8)
            let backup = try ["a/pad", "a/ledger"].map { ($0, try folder.bytes($0)) }
            let message = try folder.seal([[1]], "b")
            #expect(try folder.open(message, "a") == [1])
            for (name, bytes) in backup { try folder.overwrite(name, with: bytes) }
            let disk = LossyDisk(after: moment, fate, attic: folder.path, seed: UInt64(moment))
            do {
                try Pad.skip(folder.place("a"), past: 0, receivedTo: 3, machine: .test, gate: disk)
                isDone = true
            } catch PadError.crashed {}
            do {
                _ = try folder.open(message, "a")
                Issue.record("opened again after \(moment) steps")
            } catch PadError.otherFiles where !isDone {} catch PadError.spent {}
            if isDone { #expect(try folder.open("a").file.isDestroyed(half: 1, 0..<3)) }
            moment += 1
        }
        #expect(moment > 10)
    }

    @Test func usedBlocksAndTheirCheckValuesAreGone() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 300)
        let before = try folder.half(0, of: "a")
        let message = try folder.seal([[UInt8](repeating: 7, count: 100_000)])
        let used = Int(try #require(MessageHead.blocks(ofLength: UInt64(message.count))))
        #expect(used == 25)
        let after = try folder.half(0, of: "a")
        #expect(after[..<(used * Limits.padBlock)].allSatisfy { $0 == 0 })
        #expect(after[(used * Limits.padBlock)...] == before[(used * Limits.padBlock)...])
        let table = try folder.bytes("a/pad")[Limits.padBlock..<Limits.padBlock + used * PadLayout.check]
        #expect(table.allSatisfy { $0 == 0 })
        #expect(try PrivateFile(folder.place("a").pad, 0).isSparse())
        _ = try folder.open(message)
        #expect(try folder.half(0, of: "b")[..<(used * Limits.padBlock)].allSatisfy { $0 == 0 })
    }

    @Test func destroyingLeavesTheLedgerAlone() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        _ = try folder.seal([[1]])
        try Pad.destroy(folder.place("a"))
        #expect(!folder.exists("a/pad") && !folder.exists("a/messages/0.message"))
        #expect(!folder.exists("a/ledger.mooring") && !folder.exists("a/ledger.mooring.new"))
        #expect(throws: PadError.retired) { try folder.open("a") }
        let status = try Pad.status(folder.place("a"), machine: .test)
        #expect(status.source == nil && status.left == 0)
    }

    /// Where nothing can be said of a pad, it can be destroyed; what the ledger says stays.
    @Test(arguments: [("a/ledger", 70), ("a/pad", 10)])
    func aDamagedPadIsDestroyed(_ damaged: String, at offset: Int) throws {
        let folder = try PadFolder()
        try folder.carry(blocks: 4)
        let copy = try folder.bytes("carried-a")
        _ = try Pad.adopt(folder.file("carried-a"), to: folder.place("a"), machine: .test)
        _ = try folder.seal([[1]])
        try folder.flip(damaged, at: offset)
        let ledger = try folder.bytes("a/ledger")
        try Pad.destroy(folder.place("a"))
        #expect(!folder.exists("a/pad") && !folder.exists("a/ledger.mooring"))
        #expect(try folder.messageNames().isEmpty)
        #expect(try folder.bytes("a/ledger").starts(with: ledger))
        let again = try folder.write(copy, to: "carried-a")
        #expect(throws: PadError.alreadyExists) { try Pad.adopt(again, to: folder.place("a"), machine: .test) }
        #expect(try Pad.status(folder.place("a"), machine: .test).source == nil)
    }

    /// Nor is a ledger needed.
    @Test func aPadWithoutALedgerIsDestroyed() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        try FileManager.default.removeItem(atPath: folder.file("a/ledger"))
        try Pad.destroy(folder.place("a"))
        #expect(!folder.exists("a/pad") && !folder.exists("a/ledger.mooring"))
        #expect(throws: PadError.notFound) { try Pad.destroy(folder.place("a")) }
    }

    /// While it is in use, it is not.
    @Test func aPadInUseIsNotDestroyed() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        let pad = try folder.open("a")
        #expect(throws: PadError.busy) { try Pad.destroy(folder.place("a")) }
        #expect(try pad.reserve(1) == 0..<1)
    }

    @Test func whatIsMissingIsSaid() throws {
        let folder = try PadFolder()
        #expect(throws: PadError.notFound) { try folder.open("a") }
        try folder.fill(blocks: 4)
        try FileManager.default.removeItem(atPath: folder.file("a/ledger"))
        #expect(throws: PadError.ledgerDamaged) { try folder.open("a") }
        try FileManager.default.copyItem(atPath: folder.file("b/ledger"), toPath: folder.file("a/ledger"))
        #expect(throws: PadError.otherFiles) { try folder.open("a") }
        let pad = try folder.bytes("b/pad")
        _ = try folder.write(Array(pad.dropLast()), to: "b/pad")
        #expect(throws: PadError.wrongLength) { try folder.open("b") }
    }

    @Test func aDamagedBlockIsNotUsed() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        try folder.flip("a/pad", at: Int(PadLayout(blocks: 4).offset(half: 0, block: 0)) + 77)
        #expect(throws: PadError.damaged(half: 0, block: 0)) { try folder.seal([[1]]) }
        #expect(try !folder.exists("a/messages/0.message") && folder.open("a").left == 3)
    }
}
