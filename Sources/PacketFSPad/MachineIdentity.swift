internal import Crypto
internal import Glibc

/// What a pad is bound to: a digest of the machine's id, which tells a machine from a clone that got an id of its own.
package struct MachineIdentity: Equatable, Sendable {
    let digest: [UInt8]

    /// `id`: any text that no other machine has.
    package init(id: String) {
        digest = Array(SHA256.hash(data: Array("packetfs/1 machine\n".utf8) + Array(id.utf8)).prefix(16))
    }

    /// This machine, by `/etc/machine-id` or D-Bus' own. `nil` where nothing tells it from a copy, as in many containers.
    package static var current: MachineIdentity? {
        MachineIdentity(files: ["/etc/machine-id", "/var/lib/dbus/machine-id"])
    }

    /// By the first of these files that has an id (machine-id(5)).
    init?(files: [String]) {
        // What stands in an image whose first boot is to come.
        guard let id = files.lazy.compactMap(Self.firstLine).first(where: { $0 != "uninitialized" }) else { return nil }
        self.init(id: id)
    }

    private static func firstLine(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let text = line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }
}
