internal import PacketFSBlob

/// How replicas are kept in memory, to be read without a system call and from large pages. All off: they are read from
/// their files.
public struct BlobResidency: Sendable, Equatable {
    /// How much is done for something that the machine may not have.
    public enum Effort: String, Sendable, CaseIterable {
        /// Nothing.
        case off
        /// It is asked for, and done without if it cannot be had.
        case attempt = "try"
        /// A server does not start on a machine without it, and holds no session for which there is not enough.
        case require
    }

    /// Pages of 1 GiB or 2 MiB that the system has set aside.
    public var hugePages = Effort.off
    /// Pages of 2 MiB that the kernel puts together itself, where there are no others.
    public var transparentHugePages = Effort.off
    /// Memory of one NUMA node alone.
    public var numa = Effort.off
    /// The node.
    public var numaNode = 0
    /// Never swapped out.
    public var lock = Effort.off

    /// All off.
    public init() {}

    var blob: Residency {
        var residency = Residency()
        residency.hugePages = hugePages.blob
        residency.transparentHugePages = transparentHugePages.blob
        residency.numa = numa.blob
        residency.numaNode = numaNode
        residency.lock = lock.blob
        return residency
    }
}

extension BlobResidency.Effort {
    fileprivate var blob: Residency.Effort {
        switch self {
        case .off: .off
        case .attempt: .attempt
        case .require: .require
        }
    }
}

extension Residency.Part {
    /// What could not be had, for people.
    var words: String {
        switch self {
        case .hugePages: "not enough huge pages are free"
        case .transparentHugePages: "there are no transparent huge pages"
        case .numaNode: "there is no such NUMA node"
        case .lock: "it cannot be locked"
        case .memory: "some of it finds no room there"
        }
    }

    /// What to do about it.
    var fix: String {
        switch self {
        case .hugePages: "sysctl vm.nr_hugepages=N, with N the blob's size by 2 MiB; see packetfs doctor"
        case .transparentHugePages: "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"
        case .numaNode: "name a node of /sys/devices/system/node, see packetfs doctor"
        case .lock:
            "raise the memlock limit above the blob's size: LimitMEMLOCK=infinity in the unit, ulimit -l in a shell"
        case .memory: "make room, or `packetfs blob trim`; extents at addresses above 4 TiB are never kept in memory"
        }
    }
}
