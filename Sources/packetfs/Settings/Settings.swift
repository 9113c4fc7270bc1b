import Configuration
import PacketFS
import SystemPackage

/// Settings out of the environment and the settings file, in this order; options of a command come before both. What
/// is not set is `nil`.
struct Settings: Sendable, Equatable {
    var home: String?
    var suite: Suite?
    var padding: PaddingRule?
    var compress: Bool?
    var match: Bool?
    var learn: Bool?
    var exclude: [String]?
    var connectTimeout: Double?
    var allowSecretsInSwap: Bool?
    var hugePages: BlobResidency.Effort?
    var transparentHugePages: BlobResidency.Effort?
    var numa: BlobResidency.Effort?
    var numaNode: Int?
    var lockBlob: BlobResidency.Effort?
    var listen: String?
    var maxConnections: Int?
    var maxHandshakes: Int?
    var handshakeTimeout: Double?
    var stopTimeout: Double?
    var resumeDays: Int?
    var logLevel: String?
    var metrics: String?

    /// Loads them. A file that was named must exist; the one in the standard place may be missing. Throws `usage` or
    /// `state` with the name of the setting that cannot be used.
    static func load(file: String?, environment: Environment) async throws -> Settings {
        let variables = try environment.settings()
        let named = file ?? variables["CONFIG"]
        let path = try named.map(LocalPath.absolute) ?? environment.standardSettingsFile
        let keys = try SettingsFile.keys(in: path)
        if named != nil, keys == nil {
            throw PacketFSError(.state, "there is no settings file \(path)", hint: "check --config and PACKETFS_CONFIG")
        }
        var providers: [any ConfigProvider] = [EnvironmentVariablesProvider(environmentVariables: variables)]
        if keys != nil { providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(path))) }
        let reader = ConfigReader(providers: providers)
        return try Settings(SettingsReader(reader: reader, fileKeys: keys ?? [], variables: variables))
    }

    private init(_ reader: SettingsReader) throws {
        home = try reader.string(.home)
        suite = try reader.choice(.suite)
        padding = try reader.choice(.padding)
        compress = try reader.flag(.compress)
        match = try reader.flag(.match)
        learn = try reader.flag(.learn)
        exclude = try reader.strings(.exclude)
        connectTimeout = try reader.seconds(.connectTimeout)
        allowSecretsInSwap = try reader.flag(.allowSecretsInSwap)
        hugePages = try reader.choice(.hugePages)
        transparentHugePages = try reader.choice(.transparentHugePages)
        numa = try reader.choice(.numa)
        numaNode = try reader.node(.numaNode)
        lockBlob = try reader.choice(.lockBlob)
        listen = try reader.string(.listen)
        maxConnections = try reader.count(.maxConnections)
        maxHandshakes = try reader.count(.maxHandshakes)
        handshakeTimeout = try reader.seconds(.handshakeTimeout)
        stopTimeout = try reader.seconds(.stopTimeout)
        resumeDays = try reader.count(.resumeDays)
        logLevel = try reader.string(.logLevel)
        metrics = try reader.string(.metrics)
    }

    /// Nothing set.
    init() {}
}
