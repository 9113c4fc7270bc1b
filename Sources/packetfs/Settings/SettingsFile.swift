import Foundation
import Glibc
import PacketFS

/// The settings file before its values are read: it must be a JSON object with known names only, so that a misspelt
/// setting is noticed.
enum SettingsFile {
    /// Largest file that is read, in bytes.
    static let maxBytes = 1 << 20

    /// The names that are set in it; `nil` if there is no such file.
    static func keys(in path: String) throws -> Set<String>? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno != ENOENT, errno != ENOTDIR else { return nil }
            throw refusal(path, "it cannot be read: \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let data = (try? handle.read(upToCount: maxBytes + 1)) ?? Data()
        guard data.count <= maxBytes else { throw refusal(path, "it is larger than 1 MiB") }
        guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw refusal(path, "it is not a JSON object")
        }
        let keys = flatten(object, prefix: "")
        let unknown = keys.subtracting(SettingKey.allCases.map(\.rawValue)).sorted()
        if let first = unknown.first { throw refusal(path, "there is no setting '\(first)'", .usage) }
        return keys
    }

    private static func flatten(_ object: [String: Any], prefix: String) -> Set<String> {
        object.reduce(into: []) { keys, item in
            let name = prefix + item.key
            if let inner = item.value as? [String: Any], isSection(name) {
                keys.formUnion(flatten(inner, prefix: name + "."))
            } else {
                keys.insert(name)
            }
        }
    }

    private static func isSection(_ name: String) -> Bool {
        SettingKey.allCases.contains { $0.rawValue.hasPrefix(name + ".") }
    }

    private static func refusal(
        _ path: String, _ reason: String, _ code: PacketFSError.Code = .state
    ) -> PacketFSError {
        PacketFSError(
            code, "the settings file \(path) is refused: \(reason)", hint: "see docs/CLI.md, Settings"
        )
    }
}
