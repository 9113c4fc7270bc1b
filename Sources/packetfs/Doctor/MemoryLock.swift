/// Whether keys and pads can be locked into memory, and with them the blob.
struct MemoryLock {
    /// Memory for the secrets of a server, in bytes; the unit asks for as much.
    private static let plenty: UInt64 = 64 << 20
    /// What every command must have.
    private static let least: UInt64 = 2 << 20
    private static let capability: UInt64 = 1 << 14  // CAP_IPC_LOCK

    let machine: Machine

    var finding: Finding {
        let subject = "locked memory"
        if isPrivileged { return Finding(subject, .ok, "without limit: the process may lock all memory") }
        guard let limit else { return Finding(subject, .unknown, "the limit cannot be read") }
        let text = limit == .max ? "without limit" : "up to \(ByteCount.text(limit))"
        guard limit < Self.plenty else { return Finding(subject, .ok, text) }
        let fix =
            "echo '* - memlock 65536' > /etc/security/limits.d/packetfs.conf   # then log in again; in a unit: LimitMEMLOCK=64M"
        guard limit < Self.least else {
            return Finding(subject, .advice, text + ": enough for commands, little for a server", fix: fix)
        }
        return Finding(
            subject, .problem, text + ": keys and pads cannot be kept out of swap, so nothing runs", fix: fix)
    }

    private var isPrivileged: Bool {
        let line = machine.table("/proc/self/status").first { $0.first == "CapEff:" }
        guard let line, line.count == 2, let set = UInt64(line[1], radix: 16) else { return false }
        return set & Self.capability != 0
    }

    /// The soft limit, in bytes.
    private var limit: UInt64? {
        let line = machine.table("/proc/self/limits").first { $0.starts(with: ["Max", "locked", "memory"]) }
        guard let line, line.count >= 5 else { return nil }
        return line[3] == "unlimited" ? .max : UInt64(line[3])
    }
}
