import CLinux
import Glibc
import PacketFSWire

/// The folder that a transfer may change, and nothing outside of it.
package final class DestinationRoot {
    /// `nil` where a dry run looks at a destination that is not there.
    let folder: Folder?

    private init(_ folder: Folder?) {
        self.folder = folder
    }

    /// Opens `relative`, a path of components joined by `/`, beneath `base`.
    ///
    /// `base` is this machine's own word and may lead through links; nothing of `relative` may: a link, `..` or an
    /// absolute path in it is `unusableDestination`.
    /// - Parameters:
    ///   - creates: makes the folders of `relative` that are missing, and `base` itself with its parents.
    ///   - needsBase: `base` is not made, nor named anew by `place`: where it is missing, a disk may have gone.
    package static func open(
        base: String, relative: [UInt8] = [], creates: Bool, needsBase: Bool = false, gate: any WriteGate = OpenGate()
    ) throws(RebuildError) -> DestinationRoot {
        let calls = FileCalls(gate: gate)
        var folder: Folder
        do throws(FileFault) {
            folder = try openBase(Array(base.utf8), creates: creates && !needsBase, calls: calls)
        } catch {
            throw error.fatal ?? (needsBase ? .missingRoot : .unusableDestination(error.number))
        }
        do throws(FileFault) {
            for component in relative.split(separator: UInt8(ascii: "/")) where component != [UInt8(ascii: ".")] {
                guard let name = Name(component) else {
                    throw .system(component.count > Limits.component ? ENAMETOOLONG : EXDEV)
                }
                folder = try enter(name, in: folder, creates: creates, calls: calls)
            }
            return DestinationRoot(folder)
        } catch {
            throw error.fatal ?? .unusableDestination(error.number)
        }
    }

    /// What tells the folder at `base` from every other that may stand under its name, also after a restart; empty if it
    /// cannot be opened.
    package static func identity(of base: String) -> [UInt8] {
        var identity: [UInt64] = [0, 0, 0, 0]
        guard let folder = try? open(base: base, creates: false).folder,
            pfs_file_identity(folder.descriptor, &identity) == 0
        else { return [] }
        // Numbers of devices are given anew with each start.
        return identity.dropFirst().flatMap { number in withUnsafeBytes(of: number.littleEndian, Array.init) }
    }

    /// What a dry run sees where there is no destination yet.
    package static func absent() -> DestinationRoot {
        DestinationRoot(nil)
    }

    private static func openBase(
        _ path: [UInt8], creates: Bool, calls: FileCalls
    ) throws(FileFault) -> Folder {
        guard !path.isEmpty, !path.contains(0) else { throw .system(ENOENT) }
        let opened = withTerminated(path + [0]) { pfs_openat(AT_FDCWD, $0, O_RDONLY | O_DIRECTORY, 0) }
        if opened == -ENOENT, creates {
            guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else {
                return try enterMissing(path[...], of: Array(".".utf8), calls: calls)
            }
            let parent = Array(path[..<slash])
            guard slash > 0 else { return try enterMissing(path[1...], of: Array("/".utf8), calls: calls) }
            guard slash < path.count - 1 else { return try openBase(parent, creates: true, calls: calls) }
            return try enterMissing(path[(slash + 1)...], of: parent, calls: calls)
        }
        return try Folder(OpenFile(try checkShim(opened)))
    }

    private static func enterMissing(
        _ component: ArraySlice<UInt8>, of parent: [UInt8], calls: FileCalls
    ) throws(FileFault) -> Folder {
        guard let name = Name(component) else { throw .system(ENOENT) }
        return try enter(name, in: openBase(parent, creates: true, calls: calls), creates: true, calls: calls)
    }

    private static func enter(
        _ name: Name, in folder: Folder, creates: Bool, calls: FileCalls
    ) throws(FileFault) -> Folder {
        func descend() -> Int32 {
            name.withCString { pfs_openat(folder.descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0) }
        }
        var opened = descend()
        if opened == -ENOENT, creates {
            do throws(FileFault) {
                try calls.makeFolder(name, in: folder, mode: 0o777)
            } catch  where error == .system(EEXIST) {}
            opened = descend()
        }
        return try Folder(OpenFile(try checkShim(opened)))
    }
}

extension DestinationRoot {
    /// Where a single file goes.
    package struct Place {
        package let root: DestinationRoot
        /// The file's new name in `root`; `nil` if it keeps its own.
        package let name: [UInt8]?
    }

    /// As `open`, for a transfer of one file: if the last component of the destination is not a folder, and no `/`
    /// stands behind it, it is the file's new name in the folder before it.
    package static func place(
        base: String, relative: [UInt8], creates: Bool, needsBase: Bool = false, gate: any WriteGate = OpenGate()
    ) throws(RebuildError) -> Place {
        do {
            let root = try open(base: base, relative: relative, creates: false, needsBase: needsBase, gate: gate)
            return Place(root: root, name: nil)
        } catch  where error.isAbsence {}
        if relative.isEmpty, !needsBase { return try placeInBase(base, creates: creates, gate: gate) }
        guard let split = EntryPath(relative) else {
            let root = try open(base: base, relative: relative, creates: creates, needsBase: needsBase, gate: gate)
            return Place(root: root, name: nil)
        }
        let root = try open(base: base, relative: split.folder, creates: creates, needsBase: needsBase, gate: gate)
        return Place(root: root, name: Array(split.name.bytes))
    }

    private static func placeInBase(
        _ base: String, creates: Bool, gate: any WriteGate
    ) throws(RebuildError) -> Place {
        let start = base.utf8.lastIndex(of: UInt8(ascii: "/")).map { base.utf8.index(after: $0) } ?? base.startIndex
        guard let name = Name(base.utf8[start...]) else {
            return Place(root: try open(base: base, creates: creates, gate: gate), name: nil)
        }
        let folder = start == base.startIndex ? "." : String(base[..<start])
        return Place(root: try open(base: folder, creates: creates, gate: gate), name: Array(name.bytes))
    }
}
