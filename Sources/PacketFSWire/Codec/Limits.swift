/// Bounds on everything that comes from outside. `Specs/` opens with this table.
package enum Limits {
    /// Largest frame, length prefix and tag included, in bytes. A little below 64 KiB, so that buffers which hold a
    /// nonce beside it stay below that too: beyond, allocators double them and sealing takes three times as long.
    package static let frame = 65_520
    /// Bytes of an AEAD tag, for both suites.
    package static let tag = 16
    /// Bytes of a SHA-256 digest.
    package static let digest = 32
    /// Bytes of a frame's length prefix.
    package static let framePrefix = 2
    /// Bytes of a frame's sealed header.
    package static let frameHeader = 5
    /// Largest payload of one frame, in bytes.
    package static let payload = frame - framePrefix - frameHeader - tag
    /// Stream bytes of a leaf, the verification unit; the last leaf of a stream may be shorter.
    package static let leaf = 4 << 20
    /// Bytes of a part of a leaf, the repair unit.
    package static let part = 64 << 10
    /// Bytes of a stream, and leaves that one may be cut into.
    package static let stream: UInt64 = 1 << 60
    package static let leaves: UInt64 = 1 << 40
    /// Largest encoded leaf blueprint, in bytes.
    package static let leafBlueprint = 8 << 20
    /// Descriptors in one leaf blueprint.
    package static let descriptors = 1 << 19
    /// Bytes of what is packed in one leaf once opened, and of what it is like.
    package static let opened = 32 << 20
    /// Packed descriptors in one leaf blueprint, and blocks of all that they give.
    package static let packed = 1 << 12
    package static let packedBlocks = 1 << 14
    /// Largest encoded list of origins, in bytes, and different transfers that it (or a snapshot) names.
    package static let origins = 16 << 20
    package static let versions = 1 << 16
    /// Context ranges in one leaf blueprint, and their bytes in total.
    package static let contexts = 64
    package static let contextBytes = 8 << 20
    /// Entries of a manifest, and its encoded bytes.
    package static let entries = 1 << 21
    package static let manifest = 192 << 20
    /// Entries that one transfer deletes: what stood at a destination is bounded by no manifest.
    package static let deleted = 1 << 40
    /// Bytes of all paths of a manifest together, written out.
    package static let pathBytes = 256 << 20
    /// Seconds from 1970 of a time, either way.
    package static let seconds: Int64 = 1 << 59
    /// Bytes of a path beneath the root, and of one component.
    package static let path = 4095
    package static let component = 255
    /// Extended attributes of one entry: count, name bytes, value bytes.
    package static let attributes = 64
    package static let attributeName = 255
    package static let attributeValue = 65_536
    /// Extended attributes of a manifest, those of a run of entries with equal ones counted once.
    package static let allAttributes = 1 << 20
    /// Largest file, and largest address in a log, in bytes.
    package static let fileSize: UInt64 = 1 << 56
    package static let address: UInt64 = 1 << 56
    /// Bytes of one extent.
    package static let extent = 16 << 20
    /// Extents in one log.
    package static let extents = 1 << 20
    /// Exclude patterns in an offer, and bytes of each.
    package static let patterns = 1024
    package static let pattern = 4096
    /// Source paths in a request.
    package static let sources = 1024
    /// Bytes of a block of a pad: what is reserved, checked and destroyed as one.
    package static let padBlock = 4096
    /// Bytes at the front of a block that may be a message's one-time key, and cover nothing.
    package static let padKey = 32
    /// Bytes of a block that cover others.
    package static let padCover = padBlock - padKey
    /// Blocks that cover so many bytes.
    package static func padBlocks(covering bytes: UInt64) -> UInt64 {
        (bytes + UInt64(padCover) - 1) / UInt64(padCover)
    }
    /// Blocks of one half of a pad (256 TiB).
    package static let padBlocks: UInt64 = 1 << 36
    /// Blocks that a session sets aside, and announces, at once (16 MiB).
    package static let padAnnounced: UInt64 = 4096
    /// Bytes of the name of a pad's source.
    package static let padSource = 255
    /// Blocks of one message (1 TiB), so that the bound on forging its tag stays below 2^-57 for all tries together.
    package static let messageBlocks: UInt64 = 1 << 28
    /// Messages that one message acknowledges.
    package static let acknowledgements = 64
    /// Tries to open messages whose one-time key begins at one block of a pad.
    package static let padTries = 1024
}
