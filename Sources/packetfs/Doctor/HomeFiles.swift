import Glibc
import PacketFS

/// Whether the home is readable by its owner alone.
struct HomeFiles {
    /// Entries that are looked at.
    private static let bound = 100_000

    let location: HomeLocation

    var finding: Finding {
        let subject = "files of the home"
        guard access(location.state, F_OK) == 0 else { return Finding(subject, .unknown, "there is no home yet") }
        var walk = Walk(left: Self.bound)
        for folder in [location.state, location.data] { walk.visit(folder) }
        guard let first = walk.open.first else {
            return Finding(subject, .ok, "\(Self.bound - walk.left) entries, readable by their owner alone")
        }
        return Finding(
            subject, .problem, "\(walk.open.count) are open to others or not yours, such as \(first)",
            fix:
                "chown -R \(geteuid()) '\(location.state)' '\(location.data)' && chmod -R go= '\(location.state)' '\(location.data)'"
        )
    }

    /// Huge pages of 2 MiB that the replicas take in memory, where each begins with one of its own. No seed is opened
    /// for that.
    var hugePages: UInt64 {
        let folder = location.data + "/blob"
        return Machine().names(folder).reduce(0) { sum, peer in
            var status = stat()
            guard stat("\(folder)/\(peer)/replica.log", &status) == 0 else { return sum }
            return sum + (UInt64(status.st_blocks) * 512 + Pages.large - 1) / Pages.large
        }
    }

    /// What was seen beneath the folders.
    private struct Walk {
        var left: Int
        var open: [String] = []

        mutating func visit(_ path: String) {
            var status = stat()
            guard left > 0, lstat(path, &status) == 0 else { return }
            left -= 1
            let kind = status.st_mode & S_IFMT
            if status.st_uid != geteuid() || (kind != S_IFLNK && status.st_mode & 0o077 != 0) { open.append(path) }
            guard kind == S_IFDIR else { return }
            for name in Machine().names(path) { visit(path + "/" + name) }
        }
    }
}
