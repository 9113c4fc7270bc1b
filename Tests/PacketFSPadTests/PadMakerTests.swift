import Foundation
import PacketFSSecrets
import PacketFSWire
import Testing

@testable import PacketFSPad

@Suite("Making pads")
struct PadMakerTests {
    private let block = Limits.padBlock

    @Test func bothCopiesHoldTheSourceAndTheWholeIsGone() throws {
        let folder = try PadFolder()
        let source = try folder.source(8 * block)
        let header = try PadMaker().create(folder.file("whole"), size: UInt64(8 * block), source: source)
        #expect(header.blocks == 4)
        #expect(header.source == PadSource(kind: .file, name: source))
        try PadMaker().split(folder.file("whole"), into: (folder.file("a/pad"), folder.file("b/pad")))
        #expect(!folder.exists("whole"))
        let bytes = try folder.bytes("source")
        for side in ["a", "b"] {
            #expect(try folder.half(0, of: side) == Array(bytes[..<(4 * block)]))
            #expect(try folder.half(1, of: side) == Array(bytes[(4 * block)...]))
            #expect(
                try FileManager.default.attributesOfItem(atPath: folder.file(side + "/pad"))[.posixPermissions] as? Int
                    == 0o600)
        }
        #expect(try folder.bytes("a/pad") != folder.bytes("b/pad"))
    }

    @Test(arguments: ["/dev/urandom", "/dev/random", "system"])
    func theKernelsGeneratorIsNamedWhateverItsName(_ source: String) throws {
        let folder = try PadFolder()
        let header = try PadMaker().create(folder.file("whole"), size: UInt64(2 * block), source: source)
        #expect(header.source.kind == .system)
    }

    @Test func anUnfitSourceLeavesNothing() throws {
        let folder = try PadFolder()
        let size = UInt64(8 * block)
        _ = try folder.write([UInt8](repeating: 0, count: 8 * block), to: "zeros")
        #expect(throws: PadError.unhealthy(.repetitionCount, sample: 7)) {
            try PadMaker().create(folder.file("whole"), size: size, source: folder.file("zeros"))
        }
        #expect(throws: PadError.unhealthy(.repetitionCount, sample: 7)) {
            try PadMaker().create(folder.file("whole"), size: size, source: "/dev/zero")
        }
        #expect(throws: PadError.sourceTooShort) {
            try PadMaker().create(folder.file("whole"), size: size, source: folder.source(8 * block - 1))
        }
        #expect(throws: PadError.sourceUnusable(errno: ENOENT)) {
            try PadMaker().create(folder.file("whole"), size: size, source: folder.file("nothing"))
        }
        #expect(throws: PadError.sourceUnusable(errno: EINVAL)) {
            try PadMaker().create(folder.file("whole"), size: size, source: folder.path)
        }
        #expect(throws: PadError.badSize) {
            try PadMaker().create(folder.file("whole"), size: UInt64(2 * block - 1), source: "system")
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a", "b", "source", "zeros"])
    }

    @Test func padsAreNeverOverwritten() throws {
        let folder = try PadFolder()
        _ = try folder.write([1], to: "whole")
        #expect(throws: PadError.alreadyExists) {
            try PadMaker().create(folder.file("whole"), size: UInt64(2 * block), source: "system")
        }
    }

    /// Filling one takes hours from a slow device, and others have the folder meanwhile.
    @Test func whatComesUnderThePadsNameMeanwhileStays() throws {
        let folder = try PadFolder()
        let whole = folder.file("whole")
        let gate = Meanwhile(at: { $0 == .rename(TemporaryName.beside(whole), to: whole) }) {
            _ = try? folder.write([1], to: "whole")
        }
        #expect(throws: PadError.alreadyExists) {
            try PadMaker(gate: gate).create(whole, size: UInt64(2 * block), source: "system")
        }
        #expect(try folder.bytes("whole") == [1])
        #expect(!folder.exists(TemporaryName.beside("whole")))
    }

    /// Where a file is renamed by linking it, a crash can leave it with both names.
    @Test func aPadThatHasBothNamesLosesTheFirst() throws {
        let folder = try PadFolder()
        let whole = folder.file("whole")
        _ = try PadMaker().create(whole, size: UInt64(2 * block), source: "system")
        let before = try folder.bytes("whole")
        #expect(link(whole, TemporaryName.beside(whole)) == 0)
        try PadMaker().eraseLeftovers(in: folder.path)
        #expect(!folder.exists(TemporaryName.beside("whole")))
        #expect(try folder.bytes("whole") == before)
        try PadMaker().split(whole, into: (folder.file("a/pad"), folder.file("b/pad")))
    }

    /// A program of somebody else's ends by it no more than a server does.
    @Test func memoryThatCannotBeLockedMakesNoPad() async {
        await #expect(processExitsWith: .success) {
            // What root may lock has no limit.
            if geteuid() == 0 { #expect(setgid(65_534) == 0 && setuid(65_534) == 0) }
            let folder = try PadFolder()
            var limit = rlimit(rlim_cur: 128 << 10, rlim_max: 128 << 10)
            #expect(setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit) == 0)
            #expect(throws: PadError.noLockedMemory) {
                try PadMaker().create(folder.file("whole"), size: UInt64(2 * Limits.padBlock), source: "system")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a", "b"])
        }
    }

    @Test func theImportConsumesTheFileAndHappensOnce() throws {
        let folder = try PadFolder()
        try folder.carry(blocks: 4)
        let copy = try folder.bytes("carried-a")
        _ = try Pad.adopt(folder.file("carried-a"), to: folder.place("a"), machine: .test)
        #expect(!folder.exists("carried-a"))
        let again = try folder.write(copy, to: "carried-a")
        #expect(throws: PadError.alreadyExists) { try Pad.adopt(again, to: folder.place("a"), machine: .test) }
        try Pad.destroy(folder.place("a"))
        #expect(throws: PadError.alreadyExists) { try Pad.adopt(again, to: folder.place("a"), machine: .test) }
    }

    /// While one process imports or splits a file, another one gets no second pad out of it.
    @Test func twoAtOnceGetOnePad() throws {
        let folder = try PadFolder()
        try folder.carry(blocks: 4)
        var failure: PadError?
        let gate = Meanwhile(at: { $0 == .create(folder.place("a").ledger + ".new") }) {
            do {
                _ = try Pad.adopt(folder.file("carried-a"), to: folder.place("b"), machine: .test)
            } catch { failure = error as? PadError }
        }
        _ = try Pad.adopt(folder.file("carried-a"), to: folder.place("a"), machine: .test, gate: gate)
        #expect(failure == .busy && folder.exists("a/pad") && !folder.exists("b/pad"))
        _ = try PadMaker().create(folder.file("whole"), size: UInt64(2 * block), source: "system")
        let splitting = Meanwhile(at: { $0 == .create(TemporaryName.beside(folder.file("higher"))) }) {
            do {
                try PadMaker().split(folder.file("whole"), into: (folder.file("third"), folder.file("fourth")))
            } catch { failure = error as? PadError }
        }
        failure = nil
        try PadMaker(gate: splitting).split(folder.file("whole"), into: (folder.file("lower"), folder.file("higher")))
        #expect(failure == .busy && folder.exists("higher") && !folder.exists("third"))
    }

    /// What an import left is destroyed by repeating it, and nothing else is.
    @Test func onlyTheVeryCopyThatIsHereIsDestroyed() throws {
        let folder = try PadFolder()
        try folder.carry(blocks: 4)
        let ours = try folder.bytes("carried-a")
        _ = try Pad.adopt(folder.file("carried-a"), to: folder.place("a"), machine: .test)
        let others = folder.file("carried-b")
        #expect(throws: PadError.alreadyImported) { try Pad.finishAdopting(others, at: folder.place("a")) }
        #expect(throws: PadError.busy) { try Pad.finishAdopting(folder.place("a").pad, at: folder.place("a")) }
        #expect(try folder.open("a").left == 4)
        try Pad.finishAdopting(folder.write(ours, to: "carried-a"), at: folder.place("a"))
        #expect(!folder.exists("carried-a"))
        try Pad.destroy(folder.place("a"))
        let again = try folder.write(ours, to: "carried-a")
        #expect(throws: PadError.alreadyImported) { try Pad.finishAdopting(again, at: folder.place("a")) }
        #expect(try folder.bytes("carried-a") == ours)
        #expect(try Pad.adopt(others, to: folder.place("b"), machine: .test).left == 4)
    }

    @Test func nothingBesideAPadIsTouched() throws {
        let folder = try PadFolder()
        let beside = try folder.write([1], to: "whole.new")
        try folder.carry(blocks: 1)
        #expect(try Data(contentsOf: URL(filePath: beside)) == Data([1]))
    }

    @Test func aFileThatIsNoWholePadIsRefused() throws {
        let folder = try PadFolder()
        try folder.carry(blocks: 4)
        let right = try folder.bytes("carried-a")
        let layout = PadLayout(blocks: 4)
        func expect(_ error: PadError, _ bytes: [UInt8]) throws {
            let file = try folder.write(bytes, to: "bad")
            #expect(throws: error) { try Pad.adopt(file, to: folder.place("b"), machine: .test) }
            #expect(!folder.exists("b/pad") && !folder.exists("b/ledger"))
        }
        try expect(.wrongLength, Array(right.dropLast()))
        try expect(.wrongLength, right + [0])
        try expect(.notAPad, [])
        try expect(.notAPad, [UInt8](repeating: 0, count: right.count))
        for offset in [0, 9, 30, 60, 1024, 1056] {
            var bytes = right
            bytes[offset] ^= 1
            try expect(.notAPad, bytes)
        }
        for offset in [layout.checkOffset(half: 1, block: 2), layout.offset(half: 1, block: 2)] {
            var bytes = right
            bytes[Int(offset)] ^= 1
            try expect(.damaged(half: 1, block: 2), bytes)
        }
        var zeros = right
        for index in 0..<32 { zeros[Int(layout.offset(half: 0, block: 3)) + index] = 0 }
        try expect(.zeros(half: 0, block: 3), zeros)
        _ = try PadMaker().create(folder.file("whole"), size: UInt64(2 * block), source: "system")
        #expect(throws: PadError.wrongHolder) {
            try Pad.adopt(folder.file("whole"), to: folder.place("b"), machine: .test)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.file("carried-a"))
        #expect(throws: PadError.notPrivate) {
            try Pad.adopt(folder.file("carried-a"), to: folder.place("b"), machine: .test)
        }
    }

    @Test func aSparseFileIsRefused() throws {
        let folder = try PadFolder()
        try folder.carry(blocks: 64)
        let handle = try FileHandle(forWritingTo: URL(filePath: folder.file("carried-a")))
        let size = try handle.seekToEnd()
        try handle.truncate(atOffset: size / 2)
        try handle.truncate(atOffset: size)
        try handle.close()
        #expect(throws: PadError.sparse) {
            try Pad.adopt(folder.file("carried-a"), to: folder.place("a"), machine: .test)
        }
    }

    @Test func aCrashInAnImportCanBeRepeated() throws {
        let counter = CrashGate()
        let whole = try PadFolder()
        try whole.carry(blocks: 2)
        _ = try Pad.adopt(whole.file("carried-a"), to: whole.place("a"), machine: .test, gate: counter)
        for moment in 0..<counter.count {
            let folder = try PadFolder()
            try folder.carry(blocks: 2)
            #expect(throws: PadError.crashed) {
                try Pad.adopt(
                    folder.file("carried-a"), to: folder.place("a"), machine: .test, gate: CrashGate(after: moment))
            }
            if folder.exists("a/ledger") {
                #expect(try folder.open("a").left == 2)
            } else {
                #expect(try Pad.adopt(folder.file("carried-a"), to: folder.place("a"), machine: .test).left == 2)
            }
        }
    }
}

/// Does something else right before one step.
private final class Meanwhile: PadGate, @unchecked Sendable {
    // One thread only uses it.
    private let step: (PadStep) -> Bool
    private let action: () -> Void

    init(at step: @escaping (PadStep) -> Bool, _ action: @escaping () -> Void) {
        self.step = step
        self.action = action
    }

    func pass(_ step: PadStep) {
        if self.step(step) { action() }
    }
}
