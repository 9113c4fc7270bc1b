import PacketFSPad
import Synchronization

/// Crashes at one step: it does not happen, nor does any after it.
final class CrashGate: PadGate {
    private let steps = Mutex(0)
    private let last: Int

    /// `last`: steps that happen before the crash.
    init(after last: Int = .max) {
        self.last = last
    }

    var count: Int { steps.withLock { $0 } }

    func pass(_: PadStep) throws(PadError) {
        let mayPass = steps.withLock { count in
            if count <= last { count += 1 }
            return count <= last
        }
        guard mayPass else { throw .crashed }
    }
}
