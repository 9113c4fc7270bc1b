import PacketFSWire

/// Writes bytes so that whole blocks of zeros become holes.
struct SparseWriter {
    private static let block = 4096

    let calls: FileCalls
    let file: OpenFile
    /// Whether the file may hold other bytes where zeros belong.
    let punches: Bool

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(FileFault) {
        for run in Self.runs(bytes, at: offset) {
            let part = bytes.part(run.range)
            let position = offset + UInt64(run.range.lowerBound)
            if !run.isHole {
                try calls.write(part, to: file, at: position)
            } else if punches, try !calls.punch(file, at: position, length: part.count) {
                try calls.write(part, to: file, at: position)
            }
        }
        let end = offset + UInt64(bytes.count)
        if try file.status().key.size < end { try calls.truncate(file, to: end) }
    }

    struct Run: Equatable {
        var range: Range<Int>
        var isHole: Bool
    }

    /// Neighbouring blocks of a kind are one run. Only blocks that lie whole in `bytes` may be holes.
    static func runs(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) -> [Run] {
        var runs: [Run] = []
        var position = 0
        while position < bytes.count {
            let inBlock = Int((offset + UInt64(position)) % UInt64(block))
            let end = min(bytes.count, position + block - inBlock)
            let isHole = end - position == block && bytes.part(position..<end).isZero
            if let last = runs.indices.last, runs[last].isHole == isHole {
                runs[last].range = runs[last].range.lowerBound..<end
            } else {
                runs.append(Run(range: position..<end, isHole: isHole))
            }
            position = end
        }
        return runs
    }
}
