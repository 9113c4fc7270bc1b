/// Computes the integrity tags of one transfer (DESIGN §9). A number is never tagged with two different contents.
package protocol LeafTagger: Sendable {
    /// The tag of a whole leaf, `Limits.tag` bytes.
    func tag(leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8]
    /// The tag of one part of a leaf, `Limits.tag` bytes.
    func tag(part: Int, of leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8]
}
