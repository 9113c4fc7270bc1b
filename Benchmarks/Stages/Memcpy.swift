/// Copying from memory to memory, both in use before: what everything else is compared with.
final class Memcpy {
    /// Far more than caches hold.
    private static let bytes = 256 << 20
    private static let rounds = 4

    private let source = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 4096)
    private let target = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 4096)

    init() {
        source.initializeMemory(as: UInt8.self, repeating: 1)
        target.initializeMemory(as: UInt8.self, repeating: 2)
    }

    deinit {
        source.deallocate()
        target.deallocate()
    }

    func rate() -> Double {
        Figures.rate(Self.bytes * Self.rounds) {
            for _ in 0..<Self.rounds { target.copyMemory(from: UnsafeRawBufferPointer(source)) }
        }.rate
    }
}
