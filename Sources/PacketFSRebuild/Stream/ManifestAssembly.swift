import PacketFSWire

/// Puts the manifest's leaves together, in whatever order they are verified.
struct ManifestAssembly {
    private var bytes: [UInt8] = []
    private let length: Int
    private var missing: Int

    init(length: Int) {
        self.length = length
        missing = length
    }

    /// Returns the whole once nothing is missing. Memory grows with what came, not with what was announced.
    mutating func add(_ leaf: UnsafeRawBufferPointer, at offset: Int) -> [UInt8]? {
        let end = offset + leaf.count
        if bytes.count < end { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
        bytes.withUnsafeMutableBytes { $0.part(offset..<end).copyMemory(from: leaf) }
        missing -= leaf.count
        return missing == 0 ? bytes : nil
    }

    /// Throws `manifest` for an encoding that is refused, or for several entries where one is to be named anew.
    static func decode(_ encoding: [UInt8], singleFileName: [UInt8]?) throws(RebuildError) -> Manifest {
        var manifest: Manifest
        do {
            manifest = try Manifest(decoding: encoding)
        } catch {
            throw .manifest(error)
        }
        guard let singleFileName else { return manifest }
        guard manifest.entries.count == 1, manifest.entries[0].kind == .file || manifest.entries[0].kind == .symlink,
            Name(singleFileName) != nil
        else { throw .manifest(.inconsistent) }
        manifest.entries[0].path = singleFileName
        return manifest
    }
}
