/// What the kernel has for a blob that stays in memory: huge pages of each size, transparent ones, nodes.
struct Pages {
    /// Bytes of a huge page, of those that any machine can set aside while it runs.
    static let large: UInt64 = 2 << 20
    private static let folder = "/sys/kernel/mm/hugepages"

    let machine: Machine
    /// Huge pages that the blob takes.
    let needed: UInt64

    var findings: [Finding] { [hugePages, transparent, nodes] }

    private var hugePages: Finding {
        let sizes = machine.names(Self.folder).compactMap(Size.init)
        let all = sizes.map { (size: $0, total: count($0, "nr_hugepages"), free: count($0, "free_hugepages")) }
        let there = all.filter { $0.total > 0 }
        guard !sizes.isEmpty else { return Finding("huge pages", .advice, "this kernel has none") }
        let text = there.map { "\($0.free) of \($0.total) pages of \(ByteCount.text($0.size.bytes)) free" }
        let free = all.reduce(0) { $0 + $1.free * $1.size.bytes }
        if !there.isEmpty, free >= needed * Self.large {
            return Finding("huge pages", .ok, text.joined(separator: ", "))
        }
        return Finding(
            "huge pages", .advice,
            (there.isEmpty ? "none reserved" : text.joined(separator: ", ")) + "; needed only for blob.hugePages",
            fix: "echo 'vm.nr_hugepages = \(max(1, needed))' > /etc/sysctl.d/90-packetfs.conf && sysctl --system   "
                + "# pages of 1 GiB: hugepagesz=1G hugepages=N on the kernel's command line")
    }

    private var transparent: Finding {
        guard let modes = machine.text("/sys/kernel/mm/transparent_hugepage/enabled") else {
            return Finding("transparent huge pages", .advice, "this kernel has none")
        }
        guard modes.contains("[never]") else { return Finding("transparent huge pages", .ok, modes) }
        return Finding(
            "transparent huge pages", .advice, modes,
            fix: "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled")
    }

    private var nodes: Finding {
        let nodes = machine.names("/sys/devices/system/node").filter {
            $0.hasPrefix("node") && Int($0.dropFirst(4)) != nil
        }
        switch nodes.count {
        case 0: return Finding("NUMA", .unknown, "the kernel names no nodes")
        case 1: return Finding("NUMA", .ok, "one node: nothing to bind")
        default:
            return Finding(
                "NUMA", .ok,
                "\(nodes.count) nodes; blob.numaNode binds the blob to one: " + nodes.joined(separator: ", "))
        }
    }

    private func count(_ size: Size, _ name: String) -> UInt64 {
        machine.number("\(Self.folder)/\(size.folder)/\(name)") ?? 0
    }

    /// A size of huge pages, from the name of its folder, such as `hugepages-2048kB`.
    private struct Size {
        let folder: String
        let bytes: UInt64

        init?(_ folder: String) {
            guard folder.hasPrefix("hugepages-"), folder.hasSuffix("kB"),
                let size = UInt64(folder.dropFirst(10).dropLast(2)),
                size <= 1 << 32
            else { return nil }
            self.folder = folder
            bytes = size << 10
        }
    }
}
