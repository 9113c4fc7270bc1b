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
        guard let bytes = resident(range) else { return log.readFile(range, into: buffer) }
        buffer.copyMemory(from: bytes)
    }

    /// The bytes of the range in place, good as long as this; `nil` unless the arena held all of it at the start. Who heals
    /// an extent may change them meanwhile.
    package mutating func resident(_ range: AddressRange) -> UnsafeRawBufferPointer? {
        view?.bytes(of: range)
    }
}
