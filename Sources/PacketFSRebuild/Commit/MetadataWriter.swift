import Glibc
import PacketFSWire

/// Gives an open file or folder the metadata of its entry; sets nothing that is so already. The time comes last,
/// because everything before may change it, and the mode after the attributes, because it may forbid them. What cannot be
/// set costs the entry only that, and is noted.
struct MetadataWriter {
    let site: Site
    let table: EntryTable

    /// Returns whether anything had to be set. `isNew`: the file is ours from its beginning, so it has no attributes.
    @discardableResult
    func apply(_ index: Int, to file: OpenFile, isNew: Bool) throws(FileFault) -> Bool {
        let entry = table.manifest.entries[index]
        let status = try file.status()
        var permissions: UInt16? = status.permissions
        var mode = site.mode(of: entry)
        var changed = false
        if site.ownerDiffers(status, from: entry) {
            // That drops the special bits, which are meant for the owner alone.
            permissions = nil
            mode &= 0o1777
            try table.attemptMetadata(index) { () throws(FileFault) in
                try site.calls.setOwner(entry.owner, group: entry.group, of: file)
                mode = site.mode(of: entry)
            }
            changed = true
        }
        if !isNew || !entry.attributes.isEmpty {
            changed = try applyAttributes(of: index, to: file, isNew: isNew) || changed
        }
        if permissions != mode {
            try table.attemptMetadata(index) { () throws(FileFault) in try site.calls.setMode(mode, of: file) }
            changed = true
        }
        if isNew || status.key.modified != entry.modified {
            try table.attemptMetadata(index) { () throws(FileFault) in
                try site.calls.setModified(entry.modified, of: file)
            }
            changed = true
        }
        return changed
    }

    /// Whether a file has all that its entry asks for, so that `apply` would set nothing.
    func isDone(_ index: Int, _ file: OpenFile) throws(FileFault) -> Bool {
        let entry = table.manifest.entries[index]
        guard site.isRight(try file.status(), for: entry) else { return false }
        return try file.attributes() == Dictionary(entry.attributes.map { ($0.name, $0.value) }) { _, last in last }
    }

    private func applyAttributes(of index: Int, to file: OpenFile, isNew: Bool) throws(FileFault) -> Bool {
        let wanted = table.manifest.entries[index].attributes
        var changed = false
        var present: [String: [UInt8]] = [:]
        if !isNew {
            try table.attemptMetadata(index) { () throws(FileFault) in present = try file.attributes() }
        }
        for attribute in wanted where present[attribute.name] != attribute.value {
            try table.attemptMetadata(index) { () throws(FileFault) in
                guard attribute.name.hasPrefix("user."), !attribute.name.utf8.contains(0) else { throw .system(EPERM) }
                try site.calls.setAttribute(attribute, of: file)
                changed = true
            }
        }
        let names = Set(wanted.map(\.name))
        for name in present.keys where !names.contains(name) {
            try table.attemptMetadata(index) { () throws(FileFault) in
                try site.calls.removeAttribute(name, of: file)
                changed = true
            }
        }
        return changed
    }
}
