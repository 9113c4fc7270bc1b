/// Whether this process could leave a core, and where cores of others go.
struct CoreDumps {
    let machine: Machine

    var finding: Finding {
        let subject = "core dumps"
        guard let limits else { return Finding(subject, .unknown, "the limit cannot be read") }
        let pattern = machine.text("/proc/sys/kernel/core_pattern") ?? ""
        let place =
            pattern.hasPrefix("|") ? "a handler gets those of other programs" : "those of other programs become files"
        let lacking = [
            limits == ["0", "0"] ? nil : "the limit could not be set to 0",
            machine.isDumpable() ? "other processes of the user may read the memory" : nil,
        ].compactMap(\.self)
        guard lacking.isEmpty else {
            return Finding(
                subject, .problem, (lacking + [place]).joined(separator: "; "),
                fix: "sysctl -w kernel.core_pattern=/dev/null   # in a unit: LimitCORE=0")
        }
        return Finding(subject, .ok, "off for packetfs; \(place)")
    }

    /// Soft and hard limit, as the kernel writes them.
    private var limits: [Substring]? {
        let line = machine.table("/proc/self/limits").first { $0.starts(with: ["Max", "core", "file", "size"]) }
        guard let line, line.count >= 6 else { return nil }
        return Array(line[4...5])
    }
}
