import Glibc
import PacketFSWire
import Synchronization
import Testing

@testable import PacketFSPad

/// What a disk is told, when blocks are destroyed: a hole alone leaves them where they were on the medium.
@Suite struct DestructionTests {
    @Test func blocksAreOverwrittenAndSyncedBeforeTheyAreGivenBack() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 300)
        let gate = RecordingGate()
        _ = try folder.seal([[UInt8](repeating: 7, count: 500_000)], gate: gate)
        var written: [PadStep] = []
        var synced: Set<UInt64> = []
        var punched = 0
        for step in gate.steps {
            switch step {
            case .write: written.append(step)
            case .sync(let file):
                for case .write(file, let offset, let length) in written {
                    for block in offset / block..<(offset + length) / block { synced.insert(block) }
                }
                written = []
            case .punch(_, let offset, let length):
                for block in offset / block..<(offset + length) / block { #expect(synced.contains(block)) }
                punched += Int(length)
            default: break
            }
        }
        #expect(punched >= 500_000)
    }

    /// What is a hole already stays one, and the rest is given back as it goes: a full disk keeps no pad from being destroyed.
    @Test func aDestructionTakesNoSpace() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 2200)
        _ = try folder.seal([[UInt8](repeating: 7, count: 8_000_000)])
        let gate = SpaceGate(folder.place("a").pad)
        let before = try #require(gate.used())
        try Pad.destroy(folder.place("a"), gate: gate)
        #expect(gate.most <= before)
        #expect(gate.longest <= 1 << 24)
        #expect(!folder.exists("a/pad"))
    }

    private let block = UInt64(Limits.padBlock)
}

/// Looks before each step how much space a file takes.
private final class SpaceGate: PadGate {
    private let path: String
    private let seen = Mutex((most: Int64(0), longest: UInt64(0)))

    init(_ path: String) {
        self.path = path
    }

    var most: Int64 { seen.withLock(\.most) }
    /// The longest range that was given back at once.
    var longest: UInt64 { seen.withLock(\.longest) }

    func used() -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_blocks) : nil
    }

    func pass(_ step: PadStep) throws(PadError) {
        let used = used() ?? 0
        seen.withLock { seen in
            seen.most = max(seen.most, used)
            if case .punch(_, _, let length) = step { seen.longest = max(seen.longest, length) }
        }
    }
}

/// Lets everything pass, and remembers it.
private final class RecordingGate: PadGate {
    private let passed = Mutex<[PadStep]>([])

    var steps: [PadStep] { passed.withLock(\.self) }

    func pass(_ step: PadStep) throws(PadError) {
        passed.withLock { $0.append(step) }
    }
}
