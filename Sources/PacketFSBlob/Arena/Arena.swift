package import PacketFSWire
import Synchronization

/// The extents of one log in memory, read from there instead of its file, by all sessions of this process.
///
/// What is held was recorded as an extent, so it never changes, but for healing, which writes here as well. Whatever the
/// memory says, nothing is committed that the tags of a transfer do not confirm.
package final class Arena: Sendable {
    /// Address space beyond the end of the log, so that growing seldom needs another arena.
    private static let room = 64 << 30
    private static let piece = 16 << 20

    private struct State {
        /// `nil` while nothing is held.
        var memory: ArenaMemory?
        var held = RunSet([])
        /// Whether some of what was to be held found no address space.
        var isCramped = false
    }

    private let residency: Residency
    private let state = Mutex(State())

    /// Holds nothing yet.
    package init(residency: Residency) {
        self.residency = residency
    }

    /// What was asked for and could not be had.
    package var gaps: Set<Residency.Part> {
        state.withLock { ($0.memory?.gaps ?? []).union($0.isCramped ? [.memory] : []) }
    }

    /// Bytes that are held.
    package var bytes: Int { state.withLock { $0.held.runs.reduce(0) { $0 + $1.length } } }

    /// Bytes of memory that this takes.
    package var taken: Int { state.withLock { ($0.memory?.backed.count ?? 0) * ArenaUnits.size } }

    /// Holds what is worth it of these runs of the log from now on, and no others: what is not here is read from the file.
    /// Throws `unattainable`, and holds what it held before, for what is required and cannot be had.
    package func hold(_ runs: [AddressRange], of log: Log) throws(BlobError) {
        let outcome = state.withLock { state in
            Result { () throws(BlobError) in try hold(runs, of: log, in: &state) }
        }
        try outcome.get()
    }

    private func hold(_ runs: [AddressRange], of log: Log, in state: inout State) throws(BlobError) {
        let units = ArenaUnits.worthKeeping(of: runs)
        var new = state
        new.isCramped = !ArenaUnits.reach(runs)
        if let last = units.last, new.memory?.holds(last) != true {
            let memory = ArenaMemory(span: (last + 1) * ArenaUnits.size + Self.room, residency: residency)
            new = State(memory: memory, isCramped: memory == nil || new.isCramped)
        }
        guard !new.isCramped || residency.effort(for: .memory) != .require else { throw .unattainable(.memory) }
        if let memory = new.memory {
            try memory.back(units)
            memory.free(allBut: units)
            let parts = memory.backed(of: runs)
            for range in Self.parts(of: parts, notIn: new.held) { Self.load(range, of: log, into: memory) }
            new.held = RunSet(parts)
        }
        state = new
    }

    /// What is held now, to be read from without a lock.
    func view() -> ArenaView? {
        state.withLock { state in state.memory.map { ArenaView($0, state.held) } }
    }

    /// Passes the bytes of the range in place; `nil` unless all of it is held.
    package func withBytes<Value>(
        of range: AddressRange, _ body: (UnsafeRawBufferPointer) throws -> Value
    ) rethrows -> Value? {
        guard var view = view(), let bytes = view.bytes(of: range) else { return nil }
        return try withExtendedLifetime(view) { try body(bytes) }
    }

    /// What was written to the file where something is held: an extent that was healed.
    func written(_ bytes: UnsafeRawBufferPointer, at address: UInt64) {
        state.withLock { state in
            guard let memory = state.memory else { return }
            let range = AddressRange(address: address, length: bytes.count)
            for part in memory.backed(of: [range]) where state.held.holds(part) {
                let source = UnsafeRawBufferPointer(
                    start: bytes.baseAddress.map { $0 + Int(part.address - address) }, count: part.length)
                UnsafeMutableRawBufferPointer(start: memory.base + Int(part.address), count: part.length)
                    .copyMemory(from: source)
            }
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
