import Glibc
import PacketFSWire

/// Gives an open file or folder the metadata of its entry; sets nothing that is so already. The time comes last,
/// because everything before may change it, and the mode after the attributes, because it may forbid them. What cannot be
/// set costs the entry only that.
struct MetadataWriter {
    let rules: SiteRules
    let entry: ManifestEntry

    /// Returns whether anything is other than before: not every file system keeps what it is given, and then the same is
    /// set again every time. `isWhole` is cleared if some of it could not be set. `isNew`: the file is ours from its
    /// beginning, so it has no attributes, and no more permissions than we need.
    @discardableResult
    func apply(to file: OpenFile, isNew: Bool, isWhole: inout Bool) throws(FileFault) -> Bool {
        let status = isNew && !rules.setsOwner ? nil : try file.status()
        var permissions = status?.permissions
        var mode = rules.mode(of: entry)
        var (changed, sets) = (isNew, false)
        if let status, rules.ownerDiffers(status, from: entry) {
            // That drops the special bits, which are meant for the owner alone.
            permissions = nil
            mode &= 0o1777
            let isSet = try attempt(&isWhole) { () throws(FileFault) in
                try rules.calls.setOwner(entry.owner, group: entry.group, of: file)
            }
            if isSet { mode = rules.mode(of: entry) }
            sets = true
        }
        if !isNew || !entry.attributes.isEmpty {
            changed = try applyAttributes(to: file, isNew: isNew, &isWhole) || changed
        }
        if permissions != mode {
            try attempt(&isWhole) { () throws(FileFault) in try rules.calls.setMode(mode, of: file) }
            sets = true
        }
        if isNew || status?.key.modified != entry.modified {
            try attempt(&isWhole) { () throws(FileFault) in try rules.calls.setModified(entry.modified, of: file) }
            sets = true
        }
        guard sets, !changed, let status else { return changed }
        return try !file.status().hasMetadata(of: status)
    }

    /// Whether a file has all that its entry asks for, so that `apply` would set nothing.
    func isDone(_ file: OpenFile) throws(FileFault) -> Bool {
        guard rules.isRight(try file.status(), for: entry) else { return false }
        return try file.attributes() == Dictionary(entry.attributes.map { ($0.name, $0.value) }) { _, last in last }
    }

    private func applyAttributes(to file: OpenFile, isNew: Bool, _ isWhole: inout Bool) throws(FileFault) -> Bool {
        let wanted = entry.attributes
        var changed = false
        var present: [String: [UInt8]] = [:]
        if !isNew {
            try attempt(&isWhole) { () throws(FileFault) in present = try file.attributes() }
        }
        for attribute in wanted where present[attribute.name] != attribute.value {
            let isSet = try attempt(&isWhole) { () throws(FileFault) in
                guard attribute.name.hasPrefix("user."), !attribute.name.utf8.contains(0) else { throw .system(EPERM) }
                try rules.calls.setAttribute(attribute, of: file)
            }
            changed = changed || isSet
        }
        let names = Set(wanted.map(\.name))
        for name in present.keys where !names.contains(name) {
            let isRemoved = try attempt(&isWhole) { () throws(FileFault) in
                try rules.calls.removeAttribute(name, of: file)
            }
            changed = changed || isRemoved
        }
        return changed
    }

    /// Does `body`; returns whether it could be done. A fault that concerns this entry alone costs it only metadata.
    @discardableResult
    private func attempt(
        _ isWhole: inout Bool, _ body: () throws(FileFault) -> Void
    ) throws(FileFault) -> Bool {
        do throws(FileFault) {
            try body()
            return true
        } catch {
            if error.fatal != nil { throw error }
            isWhole = false
            return false
        }
    }
}

extension EntryTable {
    /// Gives an open file or folder the metadata of its entry, and notes if some of it could not be set. Returns whether
    /// anything had to be.
    func applyMetadata(of index: Int, to file: OpenFile, isNew: Bool, _ rules: SiteRules) throws(FileFault) -> Bool {
        var isWhole = true
        defer { if !isWhole { noteFailure(index, .metadata) } }
        let writer = MetadataWriter(rules: rules, entry: manifest.entries[index])
        return try writer.apply(to: file, isNew: isNew, isWhole: &isWhole)
    }
}
