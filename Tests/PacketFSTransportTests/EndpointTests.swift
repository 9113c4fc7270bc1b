import PacketFSTransport
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("example.org:80", "example.org", 80), ("10.0.0.1:0", "10.0.0.1", 0), ("[::1]:4860", "::1", 4860),
        ("[fe80::1%eth0]:65535", "fe80::1%eth0", 65535),
    ])
    func parses(_ text: String, _ host: String, _ port: Int) throws {
        let endpoint = try Endpoint(parsing: text)
        #expect(endpoint == Endpoint(host: host, port: port))
        #expect(endpoint.description == text)
    }

    @Test(arguments: [("example.org", "example.org"), ("[::1]", "::1"), ("::1", "::1"), ("2001:db8::1", "2001:db8::1")])
    func takesTheDefaultPort(_ text: String, _ host: String) throws {
        #expect(try Endpoint(parsing: text, defaultPort: 7) == Endpoint(host: host, port: 7))
        #expect(throws: TransportError.invalidAddress) { try Endpoint(parsing: text) }
    }

    @Test(arguments: [
        "", ":", ":80", "a:", "a:b", "a:-1", "a:+1", "a:65536", "a:99999999999999999999", "[::1", "[::1]80", "[::1]:",
        "[]:80", "[a]:80", "a b:80", "a\u{0}:80", "a/b:80", "u@h:80", "a:8 0", "a:٣", "]:80",
    ])
    func refuses(_ text: String) {
        #expect(throws: TransportError.invalidAddress) { try Endpoint(parsing: text, defaultPort: 1) }
    }
}
