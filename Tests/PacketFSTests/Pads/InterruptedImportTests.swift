import Foundation
import PacketFSPad
import PacketFSTestKit
import Synchronization
import Testing

@testable import PacketFS

/// Imports that ended amid the copying, or after it, and were not repeated as they were.
@Suite struct InterruptedImportTests {
    private let pair: TestPair
    private let carried: String

    init() throws {
        pair = try TestPair()
        carried = pair.folder + "/carried"
        var random = SeededRandom(seed: 4)
        let (source, whole) = (pair.folder + "/source", pair.folder + "/whole")
        try Data(random.bytes(1 << 16)).write(to: URL(filePath: source))
        _ = try PadMaking.create(whole, size: 1 << 16, source: source)
        try PadMaking.split(whole, into: carried, and: pair.folder + "/other")
        try pair.left.makePadFolders()
    }

    /// Returns whether it was interrupted.
    private func importAs(_ name: String, endingAfter steps: Int) throws -> Bool {
        do {
            _ = try Pad.adopt(carried, to: pair.left.padPlace(name), gate: EndingGate(after: steps))
            return false
        } catch PadError.crashed { return true }
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: pair.left.location.data + "/pads").filter {
            !$0.hasSuffix(".messages")
        }
    }

    /// The typing error in the name is corrected: nothing stays under the wrong one.
    @Test func theNextImportDestroysWhatIsLeftWhateverItsName() throws {
        var left: Set<String> = []
        for steps in 0... {
            let test = try InterruptedImportTests()
            guard try test.importAs("harbor", endingAfter: steps) else { break }
            left.formUnion(try test.files().map { $0.hasPrefix(".") ? "hidden" : $0 })
            if try FileManager.default.fileExists(atPath: test.pair.left.padPlace("harbor").ledger) { break }
            _ = try test.pair.left.importPad(from: test.carried, as: "harbour")
            #expect(try test.files() == ["harbour.pad"], "after \(steps) steps")
            #expect(try test.pair.left.pads().map(\.name) == ["harbour"])
        }
        #expect(left == ["hidden", "harbor.pad"])
    }

    /// Another pad that is here, also one whose ledger is elsewhere, is none of its leftovers.
    @Test func anotherPadIsLeftAlone() throws {
        try pair.addPads(mebibytes: 1, name: "pad")
        let place = try pair.left.padPlace("pad")
        let before = try Data(contentsOf: URL(filePath: place.pad))
        try FileManager.default.moveItem(atPath: place.ledger, toPath: pair.folder + "/ledger")
        _ = try pair.left.importPad(from: carried, as: "harbour")
        #expect(try Data(contentsOf: URL(filePath: place.pad)) == before)
    }

    /// Nor is it if it has the very name that is asked for, and nor are messages that were kept of one.
    @Test func aNameThatIsTakenIsRefused() throws {
        try pair.addPads(mebibytes: 1, name: "pad")
        let place = try pair.left.padPlace("pad")
        let before = try Data(contentsOf: URL(filePath: place.pad))
        try FileManager.default.moveItem(atPath: place.ledger, toPath: pair.folder + "/ledger")
        func isRefused() -> Bool {
            let error = #expect(throws: PacketFSError.self) { try pair.left.importPad(from: carried, as: "pad") }
            return error?.cause as? PadError == .alreadyExists
        }
        #expect(isRefused())
        #expect(try Data(contentsOf: URL(filePath: place.pad)) == before)
        try FileManager.default.removeItem(atPath: place.pad)
        let message = place.messages + "/0.message"
        try Data([1]).write(to: URL(filePath: message))
        #expect(isRefused())
        #expect(try Data(contentsOf: URL(filePath: message)) == Data([1]))
        try FileManager.default.removeItem(atPath: message)
        // What is left of a pad whose destruction was interrupted last.
        let zeros = Data(count: before.count)
        try #require(
            FileManager.default.createFile(
                atPath: place.pad, contents: zeros, attributes: [.posixPermissions: 0o600]))
        #expect(try pair.left.importPad(from: carried, as: "pad").pad.problem == nil)
    }

    /// Nor is the carried copy itself, wherever it lies.
    @Test func theCarriedCopyIsLeftAlone() throws {
        let place = try pair.left.padPlace("harbour")
        try FileManager.default.moveItem(atPath: carried, toPath: place.pad)
        let before = try Data(contentsOf: URL(filePath: place.pad))
        #expect(throws: PacketFSError.self) { try pair.left.importPad(from: place.pad, as: "harbour") }
        #expect(try Data(contentsOf: URL(filePath: place.pad)) == before)
        #expect(try !pair.left.importPad(from: place.pad, as: "other").wasHere)
        #expect(try files() == ["other.pad"])
    }

    /// Nor need it be imported again: what has its name is seen, and can be destroyed.
    @Test func aPadWithoutALedgerIsShownAndDestroyed() throws {
        for steps in 0... {
            let test = try InterruptedImportTests()
            #expect(try test.importAs("harbor", endingAfter: steps))
            guard try test.files() == ["harbor.pad"] else { continue }
            let pad = try #require(try test.pair.left.pads().first)
            #expect(pad.name == "harbor" && pad.problem?.code == .integrity)
            try test.pair.left.destroyPad("harbor")
            #expect(try test.files().isEmpty && test.pair.left.pads().isEmpty)
            return
        }
    }
}

/// Lets so many steps of a pad happen, and none after.
private final class EndingGate: PadGate {
    private let left: Mutex<Int>

    init(after steps: Int) {
        left = Mutex(steps)
    }

    func pass(_: PadStep) throws(PadError) {
        let mayPass = left.withLock { left in
            left -= 1
            return left >= 0
        }
        guard mayPass else { throw .crashed }
    }
}
