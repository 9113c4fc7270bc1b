internal import CLinux
internal import Glibc
package import PacketFSWire

/// What of the sources travels.
package struct ScanOptions: Sendable {
    package var excludes = ExcludeList()
    /// A folder that the sources must lie beneath, by a path without symlinks: for sources that a peer names. Such are
    /// looked at on one processor, others on all.
    package var confinement: String?
    /// Entries, problems included, above which the scan ends with `tooManyEntries`.
    package var bound = Limits.entries
    /// Bytes of link targets and attributes, equal ones of all entries once, and of what has no entry, above which it ends
    /// so, too.
    package var byteBound = Limits.manifest
    /// Once this is false the scan ends with `cancelled`.
    package var isWanted: @Sendable () -> Bool = { true }

    package init() {}
}

/// Finds what there is to send.
package enum TreeScanner {
    /// Lists the sources: `folder/` for what is in it, `folder` for itself under its own name, a file, or a link, which
    /// is never followed. A source that cannot be opened is an error; anything beneath it is a problem of the tree.
    package static func scan(sources: [String], options: ScanOptions = ScanOptions()) throws(PlanError) -> ScannedTree {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var walk = TreeWalk(options)
        let base = try confinement(options)
        for (number, text) in sources.enumerated() {
            guard let source = SourcePath(text) else { throw .badSource(number) }
            do throws(SystemError) {
                try walk.add(source, beneath: base)
            } catch {
                if error.number == E2BIG { throw .tooManyEntries }
                if error.number == ECANCELED { throw .cancelled }
                throw .sourceUnusable(number, errno: error.number)
            }
        }
        return try walk.finish(started: FileTime(now))
    }

    private static func confinement(_ options: ScanOptions) throws(PlanError) -> Confinement? {
        guard let path = options.confinement else { return nil }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .sourceUnusable(0, errno: errno) }
        return Confinement(root: SourceRoot(descriptor: descriptor, prefix: []), path: path)
    }
}

/// The folder that a peer's sources must lie beneath.
struct Confinement {
    let root: SourceRoot
    let path: String

    /// Whether it is this very folder, by its absolute path.
    func isNamed(by source: SourcePath) -> Bool {
        guard let name = source.name, Self.isAbsolute(source.folder) else { return false }
        return Self.components(source.folder + "/" + name) == Self.components(path)
    }

    /// Opens a folder beneath; its absolute path is taken as well. Negative errno on failure.
    func openFolder(_ folder: String) -> Int32 {
        var components = Self.components(folder)
        if Self.isAbsolute(folder) {
            let own = Self.components(path)
            guard components.starts(with: own) else { return -EACCES }
            components.removeFirst(own.count)
        }
        let relative = components.filter { $0 != [UInt8(ascii: ".")] }.joined(separator: "/".utf8)
        return root.open(Array(relative), flags: O_RDONLY | O_DIRECTORY)
    }

    private static func isAbsolute(_ folder: String) -> Bool { folder.utf8.first == UInt8(ascii: "/") }

    /// As the kernel takes them apart: a combining mark makes another character of the slash before it.
    private static func components(_ path: String) -> [[UInt8]] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
    }
}
