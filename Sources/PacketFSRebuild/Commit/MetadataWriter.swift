import PacketFSWire

/// Gives an open file or folder the metadata of its entry; sets nothing that is so already. The time comes last,
/// because everything before may change it, and the mode after the attributes, because it may forbid them.
struct MetadataWriter {
    let site: Site

    /// `isNew`: the file is ours from its beginning, so it has no attributes and our owner.
    func apply(_ entry: ManifestEntry, to file: OpenFile, isNew: Bool) throws(FileFault) {
        let status = try file.status()
        if site.setsOwner, status.owner != entry.owner || status.group != entry.group {
            try site.calls.setOwner(entry.owner, group: entry.group, of: file)
        }
        if !isNew || !entry.attributes.isEmpty { try applyAttributes(entry.attributes, to: file, isNew: isNew) }
        // Setting the owner drops the special bits.
        let mode = site.mode(of: entry)
        if try file.status().permissions != mode { try site.calls.setMode(mode, of: file) }
        if isNew || status.key.modified != entry.modified { try site.calls.setModified(entry.modified, of: file) }
    }

    private func applyAttributes(
        _ wanted: [ExtendedAttribute], to file: OpenFile, isNew: Bool
    ) throws(FileFault) {
        let present = isNew ? [:] : try file.attributes()
        for attribute in wanted where present[attribute.name] != attribute.value {
            guard attribute.name.hasPrefix("user."), !attribute.name.utf8.contains(0) else { throw .system(1) }
            try site.calls.setAttribute(attribute, of: file)
        }
        let names = Set(wanted.map(\.name))
        for name in present.keys where !names.contains(name) {
            try site.calls.removeAttribute(name, of: file)
        }
    }
}
