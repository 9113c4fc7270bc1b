/// Names of settings: paths in the JSON file, and in capitals with underscores after `PACKETFS_` in the environment
/// (`serve.maxConnections` is `PACKETFS_SERVE_MAX_CONNECTIONS`).
enum SettingKey: String, CaseIterable {
    case home
    case suite
    case padding
    case compress
    case match
    case learn
    case exclude
    case connectTimeout
    case allowSecretsInSwap
    case hugePages = "blob.hugePages"
    case transparentHugePages = "blob.transparentHugePages"
    case numa = "blob.numa"
    case numaNode = "blob.numaNode"
    case lockBlob = "blob.lock"
    case listen = "serve.listen"
    case maxConnections = "serve.maxConnections"
    case maxHandshakes = "serve.maxHandshakes"
    case handshakeTimeout = "serve.handshakeTimeout"
    case stopTimeout = "serve.stopTimeout"
    case resumeDays = "serve.resumeDays"
    case logLevel = "serve.logLevel"
    case metrics = "serve.metrics"

    /// The name after the prefix in the environment.
    var environmentName: String {
        var name = ""
        for character in rawValue {
            if character == "." {
                name += "_"
            } else {
                name += character.isUppercase ? "_\(character)" : character.uppercased()
            }
        }
        return name
    }
}
