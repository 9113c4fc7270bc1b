import PacketFS

/// Looks at all of the machine that secrets, the blob and the home depend on.
struct Doctor {
    let machine: Machine
    let location: HomeLocation

    func findings() -> [Finding] {
        let devices = Devices(machine: machine)
        return [
            MemoryLock(machine: machine).finding, CoreDumps(machine: machine).finding, devices.swap,
            devices.disk("disk of the home", of: location.state), devices.disk("disk of the blob", of: location.data),
            HomeFiles(location: location).finding, kernel, keyring, clock,
        ] + Pages(machine: machine, needed: HomeFiles(location: location).hugePages).findings
    }

    /// `syncfs` reports what a disk lost since Linux 5.8.
    private var kernel: Finding {
        guard let release = machine.text("/proc/sys/kernel/osrelease") else {
            return Finding("kernel", .unknown, "its release cannot be read")
        }
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard numbers.lexicographicallyPrecedes([5, 8]) else { return Finding("kernel", .ok, release) }
        return Finding(
            "kernel", .advice, release + ": before 5.8, a disk that fails while many files are synced may not say so",
            fix: "upgrade the kernel to 5.8 or newer")
    }

    private var keyring: Finding {
        guard let most = machine.number("/proc/sys/kernel/keys/maxkeys") else {
            return Finding("keyring", .advice, "this kernel has none: seeds can be in files, tokens and credentials")
        }
        return Finding("keyring", .ok, "the kernel keeps up to \(most) keys for each user")
    }

    private var clock: Finding {
        switch machine.isClockSynchronized() {
        case true?: Finding("clock", .ok, "it follows a reference")
        case false?:
            Finding(
                "clock", .advice, "it follows no reference: times in logs and of old transfers may be wrong",
                fix: "timedatectl set-ntp true")
        case nil: Finding("clock", .unknown, "the system does not say whether it follows a reference")
        }
    }
}
