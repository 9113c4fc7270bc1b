package import PacketFSWire

/// Many reads of a log, one after another: what its arena holds is looked up at the start, so that a copy out of memory
/// costs little more than the memory does.
package struct LogReading {
    private let log: Log
    private var view: ArenaView?

    init(_ log: Log, _ view: ArenaView?) {
        self.log = log
        self.view = view
    }

    /// As `Log.read`; what the arena came to hold since the start is read from the file.
    package mutating func read(_ range: AddressRange, into buffer: UnsafeMutableRawBufferPointer) {
        guard let bytes = view?.bytes(of: range) else { return log.readFile(range, into: buffer) }
        buffer.copyMemory(from: bytes)
    }
}
