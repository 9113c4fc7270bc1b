import PacketFSBlob
import PacketFSWire

/// Of which files the learned bytes are, also where leaves are learned before the manifest is known.
struct LearnedPlaces {
    private var provenance = Provenance()
    /// Learned before it was known which files the stream carries.
    private var early: [(range: AddressRange, place: LeafSequence.Place, stretch: Range<Int>)] = []

    /// The leaf at `place` of the content stream has its learned bytes, which lie in `stretch` of it, at `range`.
    mutating func note(
        _ range: AddressRange, of stretch: Range<Int>, at place: LeafSequence.Place, in files: FileStage?
    ) {
        guard let files else { return early.append((range, place, stretch)) }
        if let entries = files.entries(at: place, stretch) { provenance.note(range, entries: entries) }
    }

    mutating func placeEarly(in files: FileStage) {
        let waiting = early
        early = []
        for leaf in waiting { note(leaf.range, of: leaf.stretch, at: leaf.place, in: files) }
    }

    func entries(of extent: Extent) -> ClosedRange<Int>? {
        provenance.entries(in: extent.range)
    }
}
