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

    private let block = UInt64(Limits.padBlock)
}

/// Lets everything pass, and remembers it.
private final class RecordingGate: PadGate {
    private let passed = Mutex<[PadStep]>([])

    var steps: [PadStep] { passed.withLock(\.self) }

    func pass(_ step: PadStep) throws(PadError) {
        passed.withLock { $0.append(step) }
    }
}
