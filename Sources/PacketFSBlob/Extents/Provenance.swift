package import PacketFSWire

/// Of which files the learned bytes of a transfer are: numbers of manifest entries, for `forget`.
package struct Provenance: Sendable {
    private struct Note {
        var range: AddressRange
        var entries: ClosedRange<Int>
    }

    /// Ascending and disjoint.
    private var notes: [Note] = []

    package init() {}

    /// The bytes of `range`, which lies after all ranges before it, are of these files.
    package mutating func note(_ range: AddressRange, entries: ClosedRange<Int>) {
        if let last = notes.indices.last, notes[last].range.end == range.address, notes[last].entries == entries {
            notes[last].range.length += range.length
        } else {
            notes.append(Note(range: range, entries: entries))
        }
    }

    /// The first and the last file of which `range` holds bytes, `nil` if it holds none of any.
    package func entries(in range: AddressRange) -> ClosedRange<Int>? {
        let first = notes.partitionPoint { $0.range.end <= range.address }
        return notes[first...].prefix { $0.range.address < range.end }.map(\.entries).reduce(nil) { found, entries in
            guard let found else { return entries }
            return min(found.lowerBound, entries.lowerBound)...max(found.upperBound, entries.upperBound)
        }
    }
}
