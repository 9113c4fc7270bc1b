package import PacketFSWire
import Synchronization

/// An anchor's hash and where in the log the byte after its window stands.
package struct Anchor: Equatable, Sendable {
    package var hash: UInt64
    package var address: UInt64

    package init(hash: UInt64, address: UInt64) {
        self.hash = hash
        self.address = address
    }
}

/// Where in a log anchors were seen: the publisher's own map, never sent (`Specs/blob.md` §4).
///
/// Everything that comes out is a hint: the caller compares bytes. The file is a memory-mapped table of at most 5% of
/// the log (or 4 KiB), usable at once after opening; one that is damaged or of another log or version is made anew.
/// Several threads and processes may use one file at a time. A disk that is full costs addresses, not errors.
///
/// `@unchecked Sendable`: the mapping never moves and its words are accessed atomically; writers hold the lock.
package final class MatchIndex: @unchecked Sendable {
    private let file: IndexFile
    private let writer = Mutex<Void>(())

    /// Opens the index of `log` at `path`, mode 0600, or makes it.
    package init(file path: String, log: LogID) throws(BlobError) {
        file = try IndexFile.open(path: path, log: log)
    }

    /// Whether the file is new, or its making was cut short: call `rebuild` (also for an empty log).
    package var needsRebuild: Bool { !file.header.isComplete }

    /// Bytes of the file.
    package var byteCount: UInt64 { IndexHeader.size(buckets: file.buckets) }

    /// Addresses in the table, about.
    package var addressCount: UInt64 { file.header.occupied }

    /// The newest addresses, at most four, that were inserted with `hash`; also some that were not.
    package func candidates(for hash: UInt64) -> Candidates {
        var found = Candidates()
        let buckets = file.buckets
        guard buckets > 0 else { return found }
        file.table.forEach(Anchors.mixed(hash), buckets: buckets, highest: file.header.highest) { found.add($0) }
        return found
    }

    /// Starts loading what `candidates(for:)` will read.
    package func prefetch(_ hash: UInt64) {
        let buckets = file.buckets
        if buckets > 0 { file.table.prefetch(Anchors.mixed(hash), buckets: buckets) }
    }

    /// Inserts the anchors of `bytes`, which stand in the log from `address`.
    package func insert(_ bytes: UnsafeRawBufferPointer, at address: UInt64) {
        var batch: [Anchor] = []
        batch.reserveCapacity(Self.batch)
        Anchors.scan(bytes) { end, hash in
            batch.append(Anchor(hash: hash, address: address &+ UInt64(end)))
            if batch.count == Self.batch {
                insert(batch)
                batch.removeAll(keepingCapacity: true)
            }
        }
        insert(batch)
    }

    package func insert(hash: UInt64, address: UInt64) {
        insert([Anchor(hash: hash, address: address)])
    }

    /// Inserts many at once: cheaper than one by one, for the file is locked once.
    package func insert(_ anchors: [Anchor]) {
        guard !anchors.isEmpty else { return }
        locked { insertLocked(anchors) }
    }

    /// Takes out again what was inserted for the bytes of `range`, which lie in `log` still.
    package func remove(_ range: AddressRange, of log: Log) {
        log.withMapped(range) { bytes in
            locked { removed(removeLocked(bytes, at: range.address)) }
        }
    }

    /// Takes out everything that tells of a byte of `gone`, which need not be there any more. Looks at the whole table.
    package func remove(_ gone: RunSet) {
        // An address stands behind its window.
        let told = RunSet(
            gone.runs.map { AddressRange(address: $0.address + 1, length: $0.length + Anchors.window - 1) })
        remove { told.run(holding: $0) != nil }
    }

    /// Takes out everything that tells of a byte that is in none of `held`. Looks at the whole table.
    package func remove(allBut held: RunSet) {
        let window = UInt64(Anchors.window)
        remove { end in
            guard end >= window, let run = held.run(holding: end - window) else { return true }
            return run.end < end
        }
    }

    private func remove(where isGone: (UInt64) -> Bool) {
        locked {
            removed(file.table.remove(buckets: file.buckets, highest: file.header.highest, where: isGone))
        }
    }

    /// Forgets everything and inserts what `runs` of `log` hold.
    package func rebuild(from log: Log, runs: RunSet) throws(BlobError) {
        try clear()
        insert(log, runs)
        writer.withLock { _ in file.header.isComplete = true }
    }

    /// Inserts what `runs` of `log` hold.
    package func insert(_ log: Log, _ runs: RunSet) {
        for run in runs.runs {
            var address = run.address
            while address < run.end {
                let piece = AddressRange(address: address, length: Int(min(run.end - address, Self.piece)))
                insert(log, piece)
                // Pieces overlap by a window, less one byte: else the anchors across their border were lost.
                let isLast = piece.end == run.end
                address = isLast ? run.end : piece.end - UInt64(Anchors.window - 1)
            }
        }
    }

    /// Writes the table back. Not needed for correctness at any time.
    package func sync() throws(BlobError) {
        try file.sync()
    }

    private static let batch = 1024
    /// Anchors whose buckets are on their way from memory while one is inserted.
    private static let lookahead = 24
    private static let piece: UInt64 = 16 << 20

    private func insert(_ log: Log, _ piece: AddressRange) {
        log.withMapped(piece) { bytes in
            insert(bytes, at: piece.address)
        }
    }

    private func clear() throws(BlobError) {
        try writer.withLock { _ throws(BlobError) in
            try file.lock()
            defer { file.unlock() }
            file.header.isComplete = false
            file.table.clear(buckets: file.buckets)
            file.header.occupied = 0
            file.header.highest = 0
        }
    }

    private func insertLocked(_ anchors: [Anchor]) {
        var highest = file.header.highest
        for anchor in anchors where anchor.address < IndexSlot.addressLimit {
            highest = max(highest, anchor.address)
        }
        file.header.highest = highest
        let buckets = makeRoom(for: UInt64(anchors.count), highest: highest)
        let table = file.table
        var added: UInt64 = 0
        for (number, anchor) in anchors.enumerated() {
            if number + Self.lookahead < anchors.count {
                table.prefetch(Anchors.mixed(anchors[number + Self.lookahead].hash), buckets: buckets)
            }
            guard anchor.address < IndexSlot.addressLimit else { continue }
            let hash = Anchors.mixed(anchor.hash)
            if table.insert(hash, address: anchor.address, buckets: buckets, highest: highest) { added += 1 }
        }
        file.header.occupied += added
    }

    private func removeLocked(_ bytes: UnsafeRawBufferPointer, at address: UInt64) -> UInt64 {
        let (buckets, highest) = (file.buckets, file.header.highest)
        var removed: UInt64 = 0
        Anchors.scan(bytes) { end, hash in
            let (hash, address) = (Anchors.mixed(hash), address + UInt64(end))
            if file.table.remove(hash, address: address, buckets: buckets, highest: highest) { removed += 1 }
        }
        return removed
    }

    private func removed(_ count: UInt64) {
        file.header.occupied -= min(count, file.header.occupied)
    }

    /// Runs `body` while nobody else writes, also in another process; not at all where the file cannot be locked, or
    /// has no table.
    private func locked(_ body: () -> Void) {
        writer.withLock { _ in
            guard (try? file.lock()) != nil else { return }
            defer { file.unlock() }
            if file.buckets > 0 { body() }
        }
    }

    /// Grows the table until `count` more addresses leave it at most 55% full, or it may grow no more.
    private func makeRoom(for count: UInt64, highest: UInt64) -> UInt64 {
        var buckets = file.buckets
        while (file.header.occupied + count) * 20 > buckets * UInt64(IndexTable.slotsPerBucket) * 11 {
            let step = max(16, buckets / 32)
            guard IndexHeader.size(buckets: buckets + step) <= max(4096, highest / 20) else { break }
            guard file.grow(from: buckets, by: step) else { break }
            buckets = file.buckets
        }
        return buckets
    }
}
