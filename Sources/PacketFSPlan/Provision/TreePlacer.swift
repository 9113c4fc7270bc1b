package import PacketFSBlob
package import PacketFSWire

/// Brings the contents of files to a log, in the order of a `Placement` (`Specs/blob.md` §6).
package struct TreePlacer: ~Copyable {
    /// An extent, and the files whose bytes it holds: the first and the last of them, as entries of the tree.
    package struct Placed: Equatable, Sendable {
        package var extent: Extent
        package var entries: ClosedRange<Int>
    }

    private let log: Log
    private let index: MatchIndex?
    private let key: [UInt8]
    private var reader: SourceReader
    private var layout = StreamLayout()

    /// `entries`: of files in the tree, ascending.
    package init(tree: ScannedTree, entries: [Int], log: Log, index: MatchIndex?, key: [UInt8]) {
        self.log = log
        self.index = index
        self.key = key
        reader = SourceReader(tree: tree)
        _ = layout.append(entries.lazy.map { ($0, tree.size(of: $0)) })
    }

    /// Bytes of all the files.
    package var byteCount: UInt64 { layout.length }

    /// Writes everything, durably, and enters its anchors into the index. Returns nothing for no bytes.
    ///
    /// Throws `sourceChanged` if a file is not as it was scanned, `diskFull` or `blob` if the log cannot be written.
    ///
    /// - Parameters:
    ///   - isWanted: once this is false it ends with `cancelled`.
    ///   - reserve: reserves so many addresses of the log, durably. One more than the bytes is asked for: an unused address
    ///     keeps extents of different placements apart.
    package mutating func place(
        while isWanted: () -> Bool, reserve: (Int) throws -> AddressRange
    ) throws(PlanError) -> [Placed] {
        guard byteCount > 0 else { return [] }
        guard byteCount < Limits.address else { throw .blob }
        let range: AddressRange
        do { range = try reserve(Int(byteCount) + 1) } catch { throw PlanError(ofLog: error) }
        let placement: Placement
        let extents: [Extent]
        do throws(BlobError) {
            placement = try Placement(key: key, address: range.address, byteCount: byteCount)
            var provisioner = Provisioner(log: log, placement: placement)
            guard try fill(&provisioner, while: isWanted) else { throw .sourceChanged }
            extents = try provisioner.finish()
        } catch {
            guard isWanted() else { throw .cancelled }
            throw error == .sourceChanged ? .sourceChanged : PlanError(ofLog: error)
        }
        for extent in extents {
            log.withMapped(extent.range) { bytes in index?.insert(bytes, at: extent.range.address) }
        }
        return provenance(of: extents, placement)
    }

    /// Returns whether every file was as it was scanned, and all is still wanted.
    private mutating func fill(
        _ provisioner: inout Provisioner, while isWanted: () -> Bool
    ) throws(BlobError) -> Bool {
        let buffer = Block(byteCount: Limits.leaf)
        var start: UInt64 = 0
        while start < byteCount {
            let end = min(byteCount, start + UInt64(Limits.leaf))
            let count = Int(end - start)
            let target = buffer.prefix(count)
            guard isWanted(), reader.read(start..<end, of: layout, into: target).isEmpty else {
                return false
            }
            try provisioner.append(UnsafeRawBufferPointer(target))
            start = end
        }
        return true
    }

    /// A unit may straddle two extents, for the source's last unit is shorter and lies anywhere.
    private func provenance(of extents: [Extent], _ placement: Placement) -> [Placed] {
        var entries = [ClosedRange<Int>?](repeating: nil, count: extents.count)
        for unit in 0..<placement.unitCount {
            let start = UInt64(unit) * UInt64(Placement.unit)
            let parts = layout.parts(in: start..<min(byteCount, start + UInt64(Placement.unit)))
            guard let first = parts.first?.entry, let last = parts.last?.entry else { continue }
            let range = placement.range(ofUnit: unit)
            let lower = Int(range.address - placement.address) / Limits.extent
            let upper = Int(range.end - 1 - placement.address) / Limits.extent
            for number in lower...upper {
                let known = entries[number] ?? first...last
                entries[number] = min(known.lowerBound, first)...max(known.upperBound, last)
            }
        }
        return zip(extents, entries).compactMap { extent, entries in
            entries.map { Placed(extent: extent, entries: $0) }
        }
    }
}
