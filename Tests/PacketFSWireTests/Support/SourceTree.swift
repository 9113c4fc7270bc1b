import PacketFSTestKit
import PacketFSWire

/// A tree as a source tree is: some folders, many small files, times and sizes that differ.
func sourceTree(_ files: Int, seed: UInt64 = 1) -> Manifest {
    var random = SeededRandom(seed: seed)
    var entries: [ManifestEntry] = []
    for index in 0..<files {
        if index.isMultiple(of: 20) {
            let name = "Sources/module\(10_000 + index)"
            if index == 0 { entries.append(folder("Sources")) }
            entries.append(folder(name))
        }
        let path =
            "Sources/module\(10_000 + index / 20 * 20)/file\(100 + index % 20)-\(random.number(below: 999)).swift"
        entries.append(
            ManifestEntry(
                path: Array(path.utf8), kind: .file, mode: 0o644,
                modified: FileTime(
                    seconds: 1_700_000_000 + Int64(random.next() % 100_000),
                    nanoseconds: UInt32(random.next() % 1_000_000_000)),
                owner: 1000, group: 1000, size: random.next() % 100_000))
    }
    return Manifest(entries: entries)
}

private func folder(_ path: String) -> ManifestEntry {
    ManifestEntry(
        path: Array(path.utf8), kind: .folder, mode: 0o755, modified: FileTime(seconds: 1_700_000_000, nanoseconds: 5),
        owner: 1000, group: 1000)
}
