import PacketFSBlob
package import PacketFSWire

extension Rebuilder {
    /// Takes the next record of the data plane.
    package func record(_ record: DataRecord) throws(RebuildError) -> RebuildStep {
        switch record {
        case .opening(let transfer, let manifest, let content):
            try open(transfer, manifest: manifest, content: content)
            return .none
        case .leaf(let id, let blueprint):
            return try rebuild(id, blueprint, at: place(next: id))
        case .origins(let origins):
            guard self.origins == nil, manifestLeaves?.isExhausted == true else { throw .outOfOrder }
            self.origins = origins
            return try begin()
        case .more(let content):
            try extend(by: content)
            return .none
        }
    }

    /// Whether the record may take longer than its sender waits for a word.
    package func takesLong(_ record: DataRecord) -> Bool {
        switch record {
        case .opening, .more: false
        case .leaf(let id, _): takesLong(id)
        case .origins: true
        }
    }

    /// Whether a leaf, or a part that completes it, may.
    package func takesLong(_ leaf: LeafID) -> Bool {
        switch leaf.stream {
        // All that is sent is known with it: whatever is here of that is looked at.
        case .manifest: origins != nil
        case .content: contentLeaves?.place(of: leaf.index).flatMap { files?.takesLong(at: $0) } ?? false
        }
    }

    /// To be called after `manifestReady`, once the manifest is journalled: from here on, the destination may change.
    package func proceed() throws(RebuildError) -> RebuildStep {
        guard table != nil, !mayWrite else { throw .outOfOrder }
        mayWrite = true
        manifestBytes = []
        return try begin()
    }

    /// Entries whose source changed while it was read: they are not committed. Throws `outOfOrder` if one was.
    package func dropped(_ entries: [FailedEntry]) throws(RebuildError) {
        guard let table, let files else {
            guard droppedEarly.count + entries.count <= Limits.entries else { throw .outOfOrder }
            droppedEarly += entries
            return
        }
        for failed in entries {
            guard table.manifest.entries.indices.contains(failed.entry) else { throw .outOfOrder }
            guard table[failed.entry] != .committed, table[failed.entry] != .kept else { throw .outOfOrder }
            try files.drop(failed)
        }
    }

    private func open(_ transfer: TransferID, manifest: UInt64, content: UInt64) throws(RebuildError) {
        guard manifestLeaves == nil, transfer == setup.transfer else { throw .outOfOrder }
        guard manifest > 0, manifest <= UInt64(Limits.manifest), content <= Limits.stream else {
            throw .wrongLength
        }
        guard content == 0 || !setup.options.isDryRun else { throw .wrongLength }
        manifestLeaves = LeafSequence(length: manifest)
        contentLeaves = LeafSequence(length: content)
        assembly = ManifestAssembly(length: Int(manifest))
        progress.announced = content
    }

    private func place(next id: LeafID) throws(RebuildError) -> LeafSequence.Place {
        let place =
            switch id.stream {
            case .manifest: try manifestLeaves?.take(id.index)
            case .content: origins == nil ? nil : try contentLeaves?.take(id.index)
            }
        guard let place else { throw .outOfOrder }
        return place
    }

    private func extend(by content: UInt64) throws(RebuildError) {
        guard !wanted.isEmpty, !hasMore, let files else { throw .outOfOrder }
        guard content == files.announce(wanted) else { throw .wrongLength }
        guard try contentLeaves?.extend(by: content) != nil else { throw .outOfOrder }
        learner?.cut()
        hasMore = true
        progress.announced += content
    }

    private func rebuild(
        _ id: LeafID, _ blueprint: LeafBlueprint, at place: LeafSequence.Place
    ) throws(RebuildError) -> RebuildStep {
        let held = { (offset: Int, target: UnsafeMutableRawBufferPointer) -> [Range<Int>] in
            guard id.stream == .content, let files = self.files else { return [] }
            return files.read(at: place, plus: offset, into: target)
        }
        return try decoder.decode(blueprint, of: id.stream, length: place.length, held: held) {
            leaf throws(RebuildError) in try take(leaf, id, blueprint, at: place)
        }
    }

    private func take(
        _ leaf: LeafDecoder.Leaf, _ id: LeafID, _ blueprint: LeafBlueprint, at place: LeafSequence.Place
    ) throws(RebuildError) -> RebuildStep {
        let literalsLearned = try learnLiterals(of: leaf, blueprint, id, at: place)
        guard tagger.tag(leaf: id, bytes: leaf.bytes) == blueprint.tag else {
            try pending.add(id, blueprint, leaf, literalsLearned: literalsLearned, isVerified: false)
            progress.leavesPending += 1
            return .failed(id)
        }
        if let address = blueprint.learnedAt {
            try learner?.learn(
                verified: leaf.bytes, descriptors: blueprint.descriptors, blueprint.learning, at: address,
                literalsLearned: literalsLearned)
        }
        if id.stream == .content, files == nil {
            try pending.add(id, blueprint, leaf, literalsLearned: true, isVerified: true)
            return .none
        }
        return try deliver(id, leaf.bytes, at: place, inPlace: leaf.inPlace)
    }

    /// Returns whether the literals are in the log before the tag was checked.
    private func learnLiterals(
        of leaf: LeafDecoder.Leaf, _ blueprint: LeafBlueprint, _ id: LeafID, at place: LeafSequence.Place
    ) throws(RebuildError) -> Bool {
        guard learner != nil, let address = blueprint.learnedAt else { return false }
        let range = AddressRange(address: address, length: blueprint.learnedLength)
        guard range.length > 0 else { return false }
        try learner?.reserve(range)
        if id.stream == .content, let stretch = blueprint.learnedStretch {
            learnedPlaces.note(range, of: stretch, at: place, in: files)
        }
        defer { decoder.learned(range) }
        guard leaf.areLiteralsAuthentic, let literals = leaf.literals else { return false }
        return try learner?.learn(
            literals: literals, of: blueprint.descriptors, blueprint.learning, at: address) ?? false
    }

    /// Writes what a leaf that was cut off gives to where who resumes looks for it. No tag vouches for it yet: that of the
    /// whole leaf will.
    package func keep(_ leaf: CutLeaf) throws(RebuildError) {
        guard let files, origins != nil, leaf.id.stream == .content,
            let place = try contentLeaves?.take(leaf.id.index)
        else { return }
        let held = { (offset: Int, target: UnsafeMutableRawBufferPointer) in
            files.read(at: place, plus: offset, into: target)
        }
        try decoder.decodeFront(leaf, length: place.length, held: held) { front, inPlace in
            files.keep(front, at: place, inPlace: inPlace, areVerified: false)
        }
    }

    /// Brings verified bytes to where they belong.
    func deliver(
        _ id: LeafID, _ bytes: UnsafeRawBufferPointer, at place: LeafSequence.Place, inPlace: [Range<Int>]
    ) throws(RebuildError) -> RebuildStep {
        switch id.stream {
        case .content:
            progress.verified += UInt64(bytes.count)
            try files?.put(bytes, at: place, inPlace: inPlace)
            return .none
        case .manifest:
            guard let encoding = assembly?.add(bytes, at: Int(place.offset)) else { return .none }
            assembly = nil
            let manifest = try ManifestAssembly.decode(encoding, singleFileName: setup.singleFileName)
            table = EntryTable(manifest)
            manifestBytes = encoding
            return .manifestReady
        }
    }
}
