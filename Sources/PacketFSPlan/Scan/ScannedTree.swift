package import PacketFSWire
internal import Synchronization

/// A tree as it was found: what the manifest says of it, and how to read it.
package final class ScannedTree: Sendable {
    package let manifest: Manifest
    package let problems: [ScanProblem]
    /// When the scan began.
    package let started: FileTime
    /// Whether the one source is a file or link, so that the destination may be its new name.
    package let isSingleFile: Bool
    /// Per entry; meaningful for files and hard links.
    let stats: [StatKey]
    let rootNumbers: [UInt16]
    let roots: [SourceRoot]
    private let encoded = Mutex<[UInt8]?>(nil)

    init(
        manifest: Manifest, problems: [ScanProblem], started: FileTime, isSingleFile: Bool, stats: [StatKey],
        rootNumbers: [UInt16], roots: [SourceRoot]
    ) {
        self.manifest = manifest
        self.problems = problems
        self.started = started
        self.isSingleFile = isSingleFile
        self.stats = stats
        self.rootNumbers = rootNumbers
        self.roots = roots
    }

    /// The manifest stream's bytes, encoded once.
    package func encodedManifest() throws(PlanError) -> [UInt8] {
        if let encoded = encoded.withLock(\.self) { return encoded }
        do throws(WireError) {
            let bytes = try manifest.encode()
            encoded.withLock { $0 = bytes }
            return bytes
        } catch .tooLarge {
            throw manifest.hasTooManyAttributes
                ? .tooManyAttributes : manifest.hasTooManyBytes ? .tooManyBytes : .tooManyEntries
        } catch {
            throw .badTree
        }
    }

    /// Whether every folder could be listed. If not, what is missing from the manifest may still exist, and a receiver
    /// must not delete it.
    package var isComplete: Bool {
        problems.allSatisfy { problem in
            switch problem.reason {
            case .folderUnreadable, .unreadable, .pathTooLong, .tooLarge: false
            case .unsupportedKind, .attribute, .duplicate: true
            }
        }
    }

    /// What is there and does not travel. It may stand at the destination as well, and is not superfluous there.
    package var withheld: [[UInt8]] {
        problems.filter { $0.reason == .unsupportedKind }.map(\.path)
    }

    /// Bytes of all files, each hard-linked one once.
    package var totalBytes: UInt64 { manifest.entries.reduce(0) { $0 &+ $1.size } }

    /// What identifies the entry's file.
    package func stat(of entry: Int) -> StatKey { stats[entry] }

    func size(of entry: Int) -> UInt64 { manifest.entries[entry].size }

    func root(of entry: Int) -> SourceRoot { roots[Int(rootNumbers[entry])] }
}
