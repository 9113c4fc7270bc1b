import Foundation
import PacketFS
import Testing

@testable import packetfs

@Suite struct SettingsTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/packetfs-settings-\(UUID().uuidString)"

    private func load(_ json: String?, _ variables: [String: String] = [:]) async throws -> Settings {
        try FileManager.default.createDirectory(atPath: folder + "/packetfs", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        if let json { try json.write(toFile: folder + "/packetfs/config.json", atomically: true, encoding: .utf8) }
        let variables = variables.merging(["XDG_CONFIG_HOME": folder]) { first, _ in first }
        return try await Settings.load(file: nil, environment: Environment(variables: variables))
    }

    /// Where the standard file may lie in a folder that is not ours to look into, that is said, and no defect.
    @Test func aStandardFileThatCannotBeReadIsRefused() throws {
        let program = try Program()
        try FileManager.default.createDirectory(atPath: program.folder + "/.config", withIntermediateDirectories: true)
        try program.setMode(0, of: ".config")
        defer { try? program.setMode(0o700, of: ".config") }
        let outcome = try program.run(["init"], through: Program.bound)
        #expect(outcome.code == 3)
        #expect(outcome.error.contains(".config/packetfs/config.json is refused: it cannot be read: Permission denied"))
        #expect(try program.run(["init"], environment: ["HOME": "/dev/null"]).code != 1)
    }

    @Test func nothingIsSetByDefault() async throws {
        #expect(try await load(nil) == Settings())
        #expect(try await load("{}") == Settings())
    }

    @Test func readsEveryKeyOfTheFile() async throws {
        let settings = try await load(
            """
            {"home": "/h", "suite": "xchacha20-poly1305", "padding": "none", "compress": false, "match": false,
             "learn": true, "exclude": ["*.o", "*~"], "connectTimeout": 2.5,
             "allowSecretsInSwap": true,
             "blob": {"hugePages": "try", "transparentHugePages": "require", "numa": "off", "numaNode": 0, "lock": "try"}, "serve": {"listen": "[::]:1",
             "maxConnections": 2, "maxHandshakes": 3, "handshakeTimeout": 4, "stopTimeout": 5, "resumeDays": 6,
             "logLevel": "debug", "metrics": "127.0.0.1:9747"}}
            """
        )
        let unset = Mirror(reflecting: settings).children.filter { "\($0.value)" == "nil" }.compactMap(\.label)
        #expect(unset == [])
        #expect(settings.suite == .xchacha20poly1305 && settings.padding == PaddingRule.none)
        #expect(settings.exclude == ["*.o", "*~"] && settings.connectTimeout == 2.5)
        #expect(settings.listen == "[::]:1" && settings.maxConnections == 2 && settings.stopTimeout == 5)
        #expect(settings.resumeDays == 6)
    }

    @Test func theEnvironmentComesBeforeTheFile() async throws {
        let settings = try await load(
            #"{"home": "/file", "learn": true, "serve": {"maxConnections": 2}}"#,
            ["PACKETFS_HOME": "/env", "PACKETFS_LEARN": "false", "PACKETFS_SERVE_MAX_CONNECTIONS": "7"]
        )
        #expect(settings.home == "/env" && settings.learn == false && settings.maxConnections == 7)
    }

    @Test(arguments: [
        #"{"hom": "/h"}"#, #"{"serve": {"listn": "x"}}"#, "[1]", "", "{", #"{"compress": "maybe"}"#,
        #"{"serve": {"maxConnections": 0}}"#,
        #"{"serve": {"resumeDays": 0}}"#, #"{"serve": {"maxConnections": "many"}}"#, #"{"suite": "rot13"}"#,
        #"{"connectTimeout": -1}"#, #"{"exclude": 3}"#, #"{"home": 3}"#,
    ])
    func refusesTheFile(_ json: String) async {
        await #expect(throws: PacketFSError.self) { try await load(json) }
    }

    /// A name that there is not is a mistake like a value that cannot be, whatever it holds; sections may be empty.
    @Test(arguments: [
        #"{"x": {}}"#, #"{"x": 1}"#, #"{"serve": {"x": {}}}"#, #"{"x": {"y": 1}}"#, #"{"home": {}}"#, #"{"home": 3}"#,
    ])
    func whatIsNoSettingIsUsage(_ json: String) async throws {
        let error = await #expect(throws: PacketFSError.self) { try await load(json) }
        #expect(error?.code == .usage)
        #expect(try await load(#"{"serve": {}, "blob": {}}"#) == Settings())
    }

    @Test(arguments: [
        ["PACKETFS_SUITE": "rot13"], ["PACKETFS_SERVE_MAX_CONNECTIONS": "-1"], ["PACKETFS_CONNECT_TIMEOUT": "soon"],
        ["PACKETFS_SEED": "00"], ["PACKETFS_PEER_KEY": "00"], ["PACKETFS_PASSPHRASE": "x"],
    ])
    func refusesTheEnvironment(_ variables: [String: String]) async {
        let error = await #expect(throws: PacketFSError.self) { try await load(nil, variables) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains(variables.keys.first ?? "?") == true)
    }

    @Test func aNamedFileMustExist() async {
        let error = await #expect(throws: PacketFSError.self) {
            try await Settings.load(file: "/nonexistent/config.json", environment: Environment(variables: [:]))
        }
        #expect(error?.code == .state)
    }

    @Test(arguments: SettingKey.allCases)
    func environmentNamesAreShellNames(_ key: SettingKey) {
        #expect(key.environmentName.allSatisfy { ($0.isASCII && $0.isUppercase) || $0 == "_" })
    }
}
