/// An immutable run of a log, the unit that replicas hold.
package struct Extent: Equatable, Hashable, Sendable {
    package var range: AddressRange
    /// SHA-256 of the tags of its pieces (`Specs/blob.md` §3).
    package var digest: [UInt8]

    package init(range: AddressRange, digest: [UInt8]) {
        self.range = range
        self.digest = digest
    }
}

/// What a replica holds of one log: its extents, sorted by address, disjoint.
package struct Holdings: Equatable, Sendable {
    package var log: LogID
    package private(set) var extents: [Extent]

    /// Throws `inconsistent` unless the extents are sorted, disjoint and not empty, `tooLarge` beyond `Limits`.
    package init(log: LogID, extents: [Extent]) throws(WireError) {
        self.log = log
        self.extents = extents
        guard extents.count <= Limits.extents else { throw .tooLarge }
        var end: UInt64 = 0
        for extent in extents {
            guard extent.range.length > 0, extent.digest.count == 32, extent.range.address >= end else {
                throw .inconsistent
            }
            guard extent.range.length <= Limits.extent, extent.range.address <= Limits.address else { throw .tooLarge }
            end = extent.range.end
        }
    }

    /// The extents with neighbours joined: what a copy may span.
    package var runs: [AddressRange] {
        var runs: [AddressRange] = []
        for extent in extents {
            if let last = runs.indices.last, runs[last].end == extent.range.address {
                runs[last].length += extent.range.length
            } else {
                runs.append(extent.range)
            }
        }
        return runs
    }

    /// By how many transfers the extents were brought, as far as that shows: one that follows on an extent with room for a
    /// leaf was begun by another transfer.
    package var transferCount: Int {
        var count = 0
        var latest = AddressRange(address: 0, length: 0)
        for extent in extents {
            let isFull = latest.length > Limits.extent - Limits.leaf
            if !isFull || latest.end != extent.range.address { count += 1 }
            latest = extent.range
        }
        return count
    }
}

/// A sorted list of disjoint runs that answers whether a range lies within one of them.
package struct RunSet: Equatable, Sendable {
    package let runs: [AddressRange]

    /// `runs` sorted and disjoint, as `Holdings.runs` gives them.
    package init(_ runs: [AddressRange]) {
        self.runs = runs
    }

    /// The run that holds `address`, or `nil`.
    package func run(holding address: UInt64) -> AddressRange? {
        let index = runs.partitionPoint { $0.end <= address }
        return index < runs.count && runs[index].address <= address ? runs[index] : nil
    }

    package func holds(_ range: AddressRange) -> Bool {
        guard range.length > 0, range.address <= Limits.address else { return false }
        guard let run = run(holding: range.address) else { return false }
        return range.end <= run.end
    }
}
