package import PacketFSWire

extension Rebuilder {
    /// Compares a failed leaf with the tags of its parts; returns the parts that are wrong, ascending. If none is, the
    /// sender's tags contradict each other.
    ///
    /// Throws `outOfOrder` if the leaf does not wait for tags, `wrongLength` unless there is one for each part.
    package func tags(_ id: LeafID, _ tags: [UInt8]) throws(RebuildError) -> [Int] {
        guard let leaf = pending[id], !leaf.isVerified, leaf.repair == nil else { throw .outOfOrder }
        guard tags.count == leaf.parts * Limits.tag else { throw .wrongLength }
        let bytes = try pending.read(leaf, into: waiting)
        let wrong = wrongParts(of: id, leaf, bytes, tags: tags)
        pending.startRepair(id, tags: tags, wanted: wrong)
        return wrong
    }

    /// Takes bytes of a part that was asked for; they come in order within each part.
    ///
    /// Throws `outOfOrder` for bytes that are not due, `wrongLength` beyond the part's end.
    package func part(
        _ id: LeafID, part: Int, offset: Int, bytes: [UInt8]
    ) throws(RebuildError) -> LeafState {
        try pending.write(bytes, of: part, at: offset, to: id)
        bytesRepaired += UInt64(bytes.count)
        guard let leaf = pending[id], let repair = leaf.repair, leaf.isRepaired else { return .incomplete }
        let whole = try pending.read(leaf, into: waiting)
        let wrong = wrongParts(of: id, leaf, whole, tags: repair.tags)
        guard wrong.isEmpty, tagger.tag(leaf: id, bytes: whole) == leaf.tag else { return .wrong }
        progress.leavesRepaired += 1
        progress.leavesPending -= 1
        return .verified(try repaired(id, leaf, whole, parts: Set(repair.received.keys)))
    }

    /// Leaves under repair of which parts are kept: the sender repairs one after another.
    private static let keptRepairs = 64

    /// Writes the parts of failed leaves whose tags hold to where who resumes looks for them.
    package func keepRepaired() throws(RebuildError) {
        guard let files else { return }
        for id in pending.underRepair(of: .content).prefix(Self.keptRepairs) {
            guard let leaf = pending[id], let tags = leaf.repair?.tags, let place = contentLeaves?.place(of: id.index)
            else { continue }
            let bytes = try pending.read(leaf, into: waiting)
            let wrong = Set(wrongParts(of: id, leaf, bytes, tags: tags))
            for part in 0..<leaf.parts where !wrong.contains(part) {
                guard let range = leaf.range(ofPart: part) else { continue }
                files.keep(bytes.part(range), at: place, plus: range.lowerBound, areVerified: true)
            }
        }
    }

    private func wrongParts(
        of id: LeafID, _ leaf: PendingLeaves.Pending, _ bytes: UnsafeRawBufferPointer, tags: [UInt8]
    ) -> [Int] {
        (0..<leaf.parts).filter { part in
            guard let range = leaf.range(ofPart: part) else { return false }
            let expected = tags[part * Limits.tag..<(part + 1) * Limits.tag]
            return !tagger.tag(part: part, of: id, bytes: bytes.part(range)).elementsEqual(expected)
        }
    }

    private func repaired(
        _ id: LeafID, _ leaf: PendingLeaves.Pending, _ bytes: UnsafeRawBufferPointer, parts: Set<Int>
    ) throws(RebuildError) -> RebuildStep {
        let (descriptors, rests) = try pending.blueprint(of: leaf)
        try healing?.learn(from: bytes, descriptors: descriptors, parts: parts)
        for range in rests { healing?.suspect(range) }
        if let address = leaf.learnedAt {
            try learner?.learn(
                verified: bytes, descriptors: descriptors, leaf.learning, at: address,
                literalsLearned: leaf.literalsLearned)
            decoder.logChanged()
        }
        if id.stream == .content, files == nil {
            pending.verify(id)
            return .none
        }
        pending.remove(id)
        let place = id.stream == .manifest ? manifestLeaves?.place(of: id.index) : contentLeaves?.place(of: id.index)
        guard let place else { throw .outOfOrder }
        return try deliver(id, bytes, at: place, inPlace: leaf.inPlace)
    }
}
