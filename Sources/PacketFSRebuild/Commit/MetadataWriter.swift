import PacketFSWire

/// Gives an open file or folder the metadata of its entry; sets nothing that is so already. The time comes last,
/// because everything before may change it, and the mode after the attributes, because it may forbid them.
struct MetadataWriter {
    let site: Site

    /// Returns whether anything had to be set. `isNew`: the file is ours from its beginning, so it has no attributes.
    @discardableResult
    func apply(_ entry: ManifestEntry, to file: OpenFile, isNew: Bool) throws(FileFault) -> Bool {
        let status = try file.status()
        var permissions: UInt16? = status.permissions
        var changed = false
        if site.setsOwner, status.owner != entry.owner || status.group != entry.group {
            try site.calls.setOwner(entry.owner, group: entry.group, of: file)
            // That drops the special bits.
            permissions = nil
            changed = true
        }
        if !isNew || !entry.attributes.isEmpty {
            changed = try applyAttributes(entry.attributes, to: file, isNew: isNew) || changed
        }
        if permissions != site.mode(of: entry) {
            try site.calls.setMode(site.mode(of: entry), of: file)
            changed = true
        }
        if isNew || status.key.modified != entry.modified {
            try site.calls.setModified(entry.modified, of: file)
            changed = true
        }
        return changed
    }

    private func applyAttributes(
        _ wanted: [ExtendedAttribute], to file: OpenFile, isNew: Bool
    ) throws(FileFault) -> Bool {
        var changed = false
        let present = isNew ? [:] : try file.attributes()
        for attribute in wanted where present[attribute.name] != attribute.value {
            guard attribute.name.hasPrefix("user."), !attribute.name.utf8.contains(0) else { throw .system(1) }
            try site.calls.setAttribute(attribute, of: file)
            changed = true
        }
        let names = Set(wanted.map(\.name))
        for name in present.keys where !names.contains(name) {
            try site.calls.removeAttribute(name, of: file)
            changed = true
        }
        return changed
    }
}
