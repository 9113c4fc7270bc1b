import Foundation
import Glibc

extension Tree {
    /// What names of files that are not whole begin with.
    private static let temporary = ".packetfs-"

    /// Reads what stands beneath `folder`; nothing if there is no folder. Temporary files of transfers are left out.
    package init(at folder: String) {
        self.init()
        collect(folder, "")
    }

    /// Names of temporary files of transfers beneath `folder`.
    package static func leftovers(at folder: String) -> [String] {
        Folder.names(in: folder).flatMap { name -> [String] in
            let beneath = leftovers(at: folder + "/" + name).map { name + "/" + $0 }
            return name.hasPrefix(temporary) ? [name] + beneath : beneath
        }
    }

    /// Makes `folder` hold this tree where it held `earlier`, touching only what differs.
    package func write(to folder: String, over earlier: Tree = Tree()) {
        let gone = earlier.nodes.keys.filter { path in
            guard let old = earlier.nodes[path], let new = nodes[path] else { return true }
            return old.isFolder != new.isFolder || (!old.isFolder && old != new)
        }
        for path in gone.sorted().reversed() { remove(folder + "/" + path) }
        mkdir(folder, 0o755)
        for (path, node) in nodes.sorted(by: { $0.key < $1.key }) where earlier.nodes[path] != node {
            Self.write(node, to: folder + "/" + path)
        }
    }

    /// Writes one node; a file that is there is made anew.
    package static func write(_ node: Node, to path: String) {
        switch node {
        case .folder(let mode):
            mkdir(path, 0o755)
            chmod(path, mode)
        case .link(let target):
            symlink(target, path)
        case .file(let bytes, let mode, let modified):
            let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard file >= 0 else { return }
            defer { close(file) }
            bytes.withUnsafeBytes { _ = Glibc.write(file, $0.baseAddress, $0.count) }
            fchmod(file, mode)
            let time = timespec(
                tv_sec: Int(modified / 1_000_000_000), tv_nsec: Int(modified % 1_000_000_000))
            withUnsafePointer(to: (time, time)) {
                $0.withMemoryRebound(to: timespec.self, capacity: 2) { _ = futimens(file, $0) }
            }
        }
    }

    private mutating func collect(_ folder: String, _ prefix: String) {
        for name in Folder.names(in: folder) where !name.hasPrefix(Self.temporary) {
            let path = folder + "/" + name
            guard let node = Self.node(at: path) else { continue }
            nodes[prefix + name] = node
            if node.isFolder { collect(path, prefix + name + "/") }
        }
    }

    private static func node(at path: String) -> Node? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        let mode = status.st_mode & 0o7777
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            return .folder(mode: mode)
        case S_IFLNK:
            return .link((try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? "")
        default:
            let time = status.st_mtim
            return .file(
                bytes(of: path, count: Int(status.st_size)), mode: mode,
                modified: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
        }
    }

    private static func bytes(of path: String, count: Int) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = max(0, read(file, buffer.baseAddress, count))
        }
    }
}
