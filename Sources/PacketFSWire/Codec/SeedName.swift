/// Which of the seeds that two parties have had: the newer one is the greater, on both sides the same.
package struct SeedName: Hashable, Comparable, Sendable {
    /// No generation is above it, so that there is always a next one to count to.
    package static let generationBound: UInt32 = 0x7fff_ffff

    /// 0 for the first; each rotation draws a seed of the next.
    package let generation: UInt32
    /// Tells seeds of one generation apart, which both parties may have drawn at once.
    package let id: SeedID

    package init(generation: UInt32, id: SeedID) {
        self.generation = generation
        self.id = id
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.generation, left.id) < (right.generation, right.id)
    }

    /// Generation (4), id (16).
    package var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.integer(generation)
        writer.identifier(id)
        return writer.bytes
    }
}
