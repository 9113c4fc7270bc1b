/// Where a seed lives: `file:`, `keyring:`, `pkcs11:` or `credential:` (`Specs/seeds.md` §3).
package enum VaultURI: Equatable, Sendable {
    /// A name beneath the home's folder of seeds, or an absolute path.
    case file(String)
    /// A key of this name in the kernel's keyring.
    case keyring(KeyRing, String)
    /// A key in a token, by its whole URI (RFC 7512).
    case token(String)
    /// A credential of this name that systemd passes to the process.
    case credential(String)

    /// The keyrings of the kernel that may hold a seed.
    package enum KeyRing: String, CaseIterable, Sendable {
        /// Shared by all sessions of the user; goes with the last process of theirs.
        case user
        /// Of the login session, or of the service, that the process belongs to; where there is none, of all the user's
        /// processes without one.
        case session
    }

    /// What is wrong with a text that is to be one.
    package enum Defect: Equatable, Sendable {
        case scheme
        case filePath
        case keyringName
        case credentialName
        case tokenSyntax
        /// An attribute that RFC 7512 does not know.
        case tokenAttribute
        /// The PIN itself, or where it is: neither belongs into a URI.
        case tokenPIN
        /// Neither `module-path` nor `module-name`, or one that is not absolute.
        case tokenModule
        /// Neither `object` nor `id` says which key.
        case tokenObject
    }

    package static let bound = 4096

    package init(_ text: String) throws(VaultError) {
        guard let colon = text.firstIndex(of: ":"), text.utf8.count <= Self.bound, !text.utf8.contains(0) else {
            throw .badURI(.scheme)
        }
        let rest = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "file":
            guard Self.isName(rest) || (rest.hasPrefix("/") && !rest.hasSuffix("/")) else { throw .badURI(.filePath) }
            self = .file(rest)
        case "keyring":
            let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let ring = KeyRing(rawValue: String(parts[0])), Self.isName(String(parts[1])) else {
                throw .badURI(.keyringName)
            }
            self = .keyring(ring, String(parts[1]))
        case "credential":
            guard Self.isName(rest) else { throw .badURI(.credentialName) }
            self = .credential(rest)
        case "pkcs11":
            _ = try TokenURI(text)
            self = .token(text)
        default: throw .badURI(.scheme)
        }
    }

    package var text: String {
        switch self {
        case .file(let name): "file:" + name
        case .keyring(let ring, let name): "keyring:\(ring.rawValue)/\(name)"
        case .token(let uri): uri
        case .credential(let name): "credential:" + name
        }
    }

    /// One path component of 1 to 255 letters, digits, `-`, `_`, `.` of ASCII that does not begin with a dot.
    private static func isName(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && !text.hasPrefix(".")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
