package import PacketFSWire
import Synchronization

/// The extents of one log in memory, read from there instead of its file, by all sessions of this process.
///
/// What is held was recorded as an extent, so it never changes, but for healing, which writes here as well. Whatever the
/// memory says, nothing is committed that the tags of a transfer do not confirm.
package final class Arena: Sendable {
    /// Address space beyond the end of the log, so that growing seldom needs another arena.
    private static let room: UInt64 = 64 << 30
    private static let piece = 16 << 20

    private struct State {
        var memory: ArenaMemory
        var held = RunSet([])
    }

    private let residency: Residency
    private let state: Mutex<State>

    /// Holds nothing yet. Throws if there is no address space.
    package init(residency: Residency) throws(BlobError) {
        self.residency = residency
        state = Mutex(State(memory: try ArenaMemory(span: Int(Self.room), residency: residency)))
    }

    /// What was asked for and could not be had.
    package var gaps: Set<Residency.Part> { state.withLock { $0.memory.gaps } }

    /// Bytes that are held.
    package var bytes: Int { state.withLock { $0.held.runs.reduce(0) { $0 + $1.length } } }

    /// Holds these runs of the log from now on, and no others: what is not here yet is read from the file. Throws
    /// `unattainable`, and holds what it held before, for what is required and cannot be had.
    package func hold(_ runs: [AddressRange], of log: Log) throws(BlobError) {
        let outcome = state.withLock { state in
            Result { () throws(BlobError) -> Void in
                let end = runs.last?.end ?? 0
                if !state.memory.holds(upTo: end) {
                    state = State(memory: try ArenaMemory(span: Int(end + Self.room), residency: residency))
                }
                for range in Self.parts(of: runs, notIn: state.held) {
                    try state.memory.back(range)
                    Self.load(range, of: log, into: state.memory)
                }
                state.held = RunSet(runs)
            }
        }
        try outcome.get()
    }

    /// What is held now, to be read from without a lock.
    func view() -> ArenaView {
        state.withLock { ArenaView($0.memory, $0.held) }
    }

    /// Passes the bytes of the range in place; `nil` unless all of it is held.
    package func withBytes<Value>(
        of range: AddressRange, _ body: (UnsafeRawBufferPointer) throws -> Value
    ) rethrows -> Value? {
        var view = view()
        guard let bytes = view.bytes(of: range) else { return nil }
        return try withExtendedLifetime(view) { try body(bytes) }
    }

    /// What was written to the file where something is held: an extent that was healed.
    func written(_ bytes: UnsafeRawBufferPointer, at address: UInt64) {
        state.withLock { state in
            guard let run = state.held.run(holding: address), address + UInt64(bytes.count) <= run.end else { return }
            UnsafeMutableRawBufferPointer(start: state.memory.base + Int(address), count: bytes.count)
                .copyMemory(from: bytes)
        }
    }

    private static func load(_ range: AddressRange, of log: Log, into memory: ArenaMemory) {
        var address = range.address
        while address < range.end {
            let part = AddressRange(address: address, length: min(piece, Int(range.end - address)))
            log.readFile(
                part, into: UnsafeMutableRawBufferPointer(start: memory.base + Int(address), count: part.length))
            address = part.end
        }
    }

    /// What of `runs`, which are sorted, lies in none of `held`.
    private static func parts(of runs: [AddressRange], notIn held: RunSet) -> [AddressRange] {
        var parts: [AddressRange] = []
        for run in runs {
            var address = run.address
            while address < run.end {
                if let known = held.run(holding: address) {
                    address = known.end
                    continue
                }
                let next = held.runs.partitionPoint { $0.address <= address }
                let end = next < held.runs.count ? min(run.end, held.runs[next].address) : run.end
                parts.append(AddressRange(address: address, length: Int(end - address)))
                address = end
            }
        }
        return parts
    }
}
