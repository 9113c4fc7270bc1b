import Foundation

/// SoftHSM2 with tokens of its own, for this process. `scripts/bootstrap --tests` installs it.
final class SoftHSM: Sendable {
    static let modulePath = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so"].first {
        FileManager.default.fileExists(atPath: $0)
    }
    /// `.ci/run` sets the variable: a suite must not be skipped there because nobody installed something.
    static let isThere = modulePath != nil || ProcessInfo.processInfo.environment["PACKETFS_ALL_VAULTS"] == "1"
    static let pin = "1234"
    static let labels = ["conformance", "confined", "extractable", "wrong pin", "misnamed", "nobody", "twin", "twin"]
    static let shared = try? SoftHSM()

    private let folder: String

    private init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/packetfs-softhsm-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/tokens", withIntermediateDirectories: true)
        let settings = "directories.tokendir = \(folder)/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
        try Data(settings.utf8).write(to: URL(filePath: folder + "/softhsm2.conf"))
        setenv("SOFTHSM2_CONF", folder + "/softhsm2.conf", 1)
        for label in Self.labels {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/softhsm2-util")
            process.arguments = ["--init-token", "--free", "--label", label, "--pin", Self.pin, "--so-pin", "0000"]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        }
        atexit { SoftHSM.shared?.remove() }
    }

    private func remove() { try? FileManager.default.removeItem(atPath: folder) }

    static func uri(token: String, object: String) -> String {
        let token = token.replacing(" ", with: "%20")
        return "pkcs11:token=\(token);object=\(object)?module-path=\(modulePath ?? "/no/module")"
    }
}
