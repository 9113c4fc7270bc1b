import PacketFS

/// `{"event":"extent"}`, or `{"event":"damaged"}`: one extent of the blob.
struct ExtentEvent: Encodable {
    let event: String
    let peer: String
    let isOwn: Bool
    let address: UInt64
    let length: Int
    let state: String
    let firstPath: String
    let lastPath: String
    let learnedAt: Int64

    init(_ event: String, _ extent: ExtentInfo) {
        self.event = event
        peer = extent.peer
        isOwn = extent.isOwn
        address = extent.address
        length = extent.length
        state = extent.state
        firstPath = extent.firstPath
        lastPath = extent.lastPath
        learnedAt = extent.learnedAt
    }
}

/// `{"event":"verified"}`: result of reading the whole blob.
struct VerifiedEvent: Encodable {
    let event = "verified"
    let extents: Int
    let bytes: UInt64
    let damaged: Int
}

/// `{"event":"freed"}`: what `trim` or `forget` gave back.
struct FreedEvent: Encodable {
    let event = "freed"
    let extents: Int
    let bytes: UInt64
    let interruptedBytes: UInt64
    let addedBytes: UInt64
    let busy: [String]

    init(_ release: BlobRelease) {
        extents = release.extents
        bytes = release.bytes
        interruptedBytes = release.interruptedBytes
        addedBytes = release.addedBytes
        busy = release.busy
    }
}

extension Output {
    /// What was given back, and what could not be.
    func freed(_ release: BlobRelease) {
        event(FreedEvent(release))
        let chosen = ByteCount.text(release.bytes - release.interruptedBytes)
        let left = ", and \(ByteCount.text(release.interruptedBytes)) that interrupted transfers had left"
        remark("freed \(chosen)" + (release.interruptedBytes > 0 ? left : ""))
        if release.addedBytes > 0 {
            error.write(
                "packetfs: \(ByteCount.text(release.addedBytes)) that peers added with 'blob add' are of paths that they did not tell, and stay: only 'packetfs blob trim --to 0' is sure to take them"
            )
        }
        for peer in release.busy {
            error.write(
                "packetfs: a session with \(peer.printable) runs: what interrupted transfers left stays until this is run again after it"
            )
        }
    }
}

/// `{"event":"item"}`: one file of a plan; the manifest has the empty path.
struct PlanItemEvent: Encodable {
    let event = "item"
    let path: String
    let size: UInt64
    let copied: UInt64
    let added: UInt64
    let filled: UInt64
    let literal: UInt64
    let descriptorBytes: UInt64
    let differenceBytes: UInt64
    let literalBytes: UInt64
    let tagBytes: UInt64
    let isKept: Bool

    init(_ item: PlanExplanation.Item) {
        path = item.path
        size = item.size
        copied = item.copied
        added = item.added
        filled = item.filled
        literal = item.literal
        descriptorBytes = item.descriptorBytes
        differenceBytes = item.differenceBytes
        literalBytes = item.literalBytes
        tagBytes = item.tagBytes
        isKept = item.isKept
    }
}

/// `{"event":"plan"}`: the totals of a plan, in wire bytes.
struct PlanEvent: Encodable {
    let event = "plan"
    let files: Int
    let treeBytes: UInt64
    let descriptorBytes: UInt64
    let differenceBytes: UInt64
    let literalBytes: UInt64
    let tagBytes: UInt64
    let recordBytes: UInt64
    let overheadBytes: UInt64
    let paddingBytes: UInt64

    init(_ plan: PlanExplanation) {
        let files = plan.items.filter { !$0.path.isEmpty }
        self.files = files.count
        treeBytes = files.reduce(0) { $0 + $1.size }
        descriptorBytes = plan.descriptorBytes
        differenceBytes = plan.differenceBytes
        literalBytes = plan.literalBytes
        tagBytes = plan.tagBytes
        recordBytes = plan.recordBytes
        overheadBytes = plan.overheadBytes
        paddingBytes = plan.paddingBytes
    }
}
