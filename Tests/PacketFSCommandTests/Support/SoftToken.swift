import Foundation

/// A token of SoftHSM2 for one test. `scripts/bootstrap --tests` installs it.
struct SoftToken {
    static let modulePath = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so"].first {
        FileManager.default.fileExists(atPath: $0)
    }
    /// `.ci/run` sets the variable: a test must not be skipped there because nobody installed something.
    static let isThere = modulePath != nil || ProcessInfo.processInfo.environment["PACKETFS_ALL_VAULTS"] == "1"

    let environment: [String: String]
    private let folder: String

    /// Makes one whose PIN is 1234.
    init(in folder: String) throws {
        self.folder = folder
        environment = ["SOFTHSM2_CONF": folder + "/softhsm2.conf"]
        try FileManager.default.createDirectory(atPath: folder + "/tokens", withIntermediateDirectories: true)
        let settings = "directories.tokendir = \(folder)/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
        try Data(settings.utf8).write(to: URL(filePath: folder + "/softhsm2.conf"))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/softhsm2-util")
        process.arguments = ["--init-token", "--free", "--label", "packetfs", "--pin", "1234", "--so-pin", "0000"]
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }

    func unplug() throws {
        try FileManager.default.moveItem(atPath: folder + "/tokens", toPath: folder + "/away")
        try FileManager.default.createDirectory(atPath: folder + "/tokens", withIntermediateDirectories: false)
    }

    func plugIn() throws {
        try FileManager.default.removeItem(atPath: folder + "/tokens")
        try FileManager.default.moveItem(atPath: folder + "/away", toPath: folder + "/tokens")
    }

    /// The number of its keys: each is in a file of its own.
    func objects() throws -> Int {
        try FileManager.default.subpathsOfDirectory(atPath: folder + "/tokens")
            .count { $0.hasSuffix(".object") && !$0.hasSuffix("/token.object") }
    }

    func uri(object: String) -> String {
        "pkcs11:token=packetfs;object=\(object)?module-path=\(Self.modulePath ?? "/no/module")"
    }
}
