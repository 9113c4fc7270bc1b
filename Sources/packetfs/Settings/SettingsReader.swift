import Configuration
import PacketFS

/// Reads typed values. A value of the wrong type is an error, not a value that is missing.
struct SettingsReader {
    let reader: ConfigReader
    let fileKeys: Set<String>
    let variables: [String: String]

    func string(_ key: SettingKey) throws -> String? {
        try value(key, "a text") { try reader.requiredString(forKey: $0) }
    }

    func strings(_ key: SettingKey) throws -> [String]? {
        try value(key, "a list of texts") { try reader.requiredStringArray(forKey: $0) }
    }

    func flag(_ key: SettingKey) throws -> Bool? {
        try value(key, "true or false") { try reader.requiredBool(forKey: $0) }
    }

    /// A whole number from 1 on.
    func count(_ key: SettingKey) throws -> Int? {
        guard let count = try value(key, "a whole number", { try reader.requiredInt(forKey: $0) }) else { return nil }
        guard (1...1_000_000).contains(count) else { throw refusal(key, "a whole number from 1 to 1000000") }
        return count
    }

    /// A NUMA node.
    func node(_ key: SettingKey) throws -> Int? {
        guard let node = try value(key, "a whole number", { try reader.requiredInt(forKey: $0) }) else { return nil }
        guard (0...1022).contains(node) else { throw refusal(key, "a node from 0 to 1022") }
        return node
    }

    /// Seconds, up to a day.
    func seconds(_ key: SettingKey) throws -> Double? {
        guard let time = try value(key, "a number", { try reader.requiredDouble(forKey: $0) }) else { return nil }
        guard (0...86_400).contains(time) else { throw refusal(key, "a number of seconds from 0 to 86400") }
        return time
    }

    /// One of a few words.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: SettingKey) throws -> Choice? {
        guard let text = try string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw refusal(key, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    private func value<Value>(_ key: SettingKey, _ kind: String, _ read: (ConfigKey) throws -> Value) throws -> Value? {
        guard fileKeys.contains(key.rawValue) || variables[key.environmentName] != nil else { return nil }
        do {
            return try read(ConfigKey(key.rawValue))
        } catch {
            throw refusal(key, kind)
        }
    }

    private func refusal(_ key: SettingKey, _ kind: String) -> PacketFSError {
        let isFromEnvironment = variables[key.environmentName] != nil
        let name =
            isFromEnvironment ? Environment.prefix + key.environmentName : "'\(key.rawValue)' in the settings file"
        return PacketFSError(.usage, "\(name) must be \(kind)")
    }
}
