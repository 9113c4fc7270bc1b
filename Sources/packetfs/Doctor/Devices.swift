/// Swap and disks: whether what is written there is encrypted, as far as the device mapper tells.
struct Devices {
    /// Layers of devices that are followed: partitions, RAID, volumes.
    private static let depth = 8

    let machine: Machine

    /// Whether memory that is not locked may reach a disk in the clear.
    var swap: Finding {
        let lines = machine.table("/proc/swaps").dropFirst().filter { $0.count >= 2 }
        let areas = lines.map { (name: String($0[0]), isFile: $0[1] == "file") }
        guard machine.text("/proc/swaps") != nil else { return Finding("swap", .unknown, "it cannot be read") }
        let open = areas.filter { !isProtected($0.name, isFile: $0.isFile) }.map(\.name)
        guard let first = open.first else {
            return Finding("swap", .ok, areas.isEmpty ? "off" : "encrypted, or in memory")
        }
        return Finding(
            "swap", .advice, "\(first) is not known to be encrypted: what is not locked may reach a disk in the clear",
            fix:
                "swapoff \(first)   # or: cryptsetup with a random key, in /etc/crypttab: swap DEVICE /dev/urandom swap"
        )
    }

    /// Whether the disk of a file or folder, or of the nearest folder above it, is encrypted.
    func disk(_ subject: String, of path: String) -> Finding {
        var path = path
        while machine.device(path) == nil, let slash = path.lastIndex(of: "/"), path != "/" {
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        guard let device = machine.device(path), device.major != 0 else {
            return Finding(subject, .unknown, "the file system does not say which disk it is on")
        }
        if isEncrypted("/sys/dev/block/\(device.name)") {
            return Finding(subject, .ok, "encrypted by the device mapper")
        }
        return Finding(
            subject, .advice, "not known to be encrypted; PacketFS encrypts nothing at rest",
            fix: "cryptsetup luksFormat DEVICE   # a new volume, then move the home there")
    }

    private func isProtected(_ area: String, isFile: Bool) -> Bool {
        if isFile {
            guard let device = machine.device(area) else { return false }
            return isEncrypted("/sys/dev/block/\(device.name)")
        }
        let name = String(area.split(separator: "/").last ?? "")
        return name.hasPrefix("zram") || isEncrypted("/sys/class/block/\(name)")
    }

    /// Whether the device is dm-crypt, or all that it lies on is.
    private func isEncrypted(_ device: String, depth: Int = Self.depth) -> Bool {
        if machine.text(device + "/dm/uuid")?.hasPrefix("CRYPT-") == true { return true }
        let below = machine.names(device + "/slaves")
        guard depth > 0, !below.isEmpty else { return false }
        return below.allSatisfy { isEncrypted("/sys/class/block/\($0)", depth: depth - 1) }
    }
}
