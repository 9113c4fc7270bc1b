/// A host, by name or number, and a TCP port.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host`, `host:port`, `[v6]`, `[v6]:port`, or a bare IPv6 address; without `defaultPort` the port must be
    /// there. Throws `invalidAddress`.
    package init(parsing text: String, defaultPort: Int? = nil) throws(TransportError) {
        let (host, port) = try Self.split(text)
        guard Self.isPlain(host) else { throw .invalidAddress }
        self.host = String(host)
        if let port {
            self.port = try Self.number(port)
        } else if let defaultPort {
            self.port = defaultPort
        } else {
            throw .invalidAddress
        }
    }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func split(_ text: String) throws(TransportError) -> (host: Substring, port: Substring?) {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .invalidAddress }
            let host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard host.contains(":") else { throw .invalidAddress }
            if rest.isEmpty { return (host, nil) }
            guard rest.hasPrefix(":") else { throw .invalidAddress }
            return (host, rest.dropFirst())
        }
        guard let colon = text.firstIndex(of: ":") else { return (text[...], nil) }
        let rest = text[text.index(after: colon)...]
        // Several colons without brackets can only be an IPv6 address.
        return rest.contains(":") ? (text[...], nil) : (text[..<colon], rest)
    }

    private static func isPlain(_ host: Substring) -> Bool {
        !host.isEmpty && host.utf8.count <= 255
            && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !#"/[]@\"#.utf8.contains($0) }
    }

    private static func number(_ text: Substring) throws(TransportError) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text),
            (0...65_535).contains(port)
        else { throw .invalidAddress }
        return port
    }
}
