import Glibc
import PacketFSVault

/// A file of a seed that somebody named, and what is to be done with it.
struct SeedFileUse {
    enum Deed: String {
        case read
        case made
        case destroyed
    }

    let path: String
    let deed: Deed

    init(_ path: String, _ deed: Deed) {
        self.path = path
        self.deed = deed
    }

    /// Runs `body`, whose errors are about this file.
    func naming<Result: ~Copyable>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as VaultError {
            throw PacketFSError(error, using: self)
        }
    }

    fileprivate func failed(_ number: Int32) -> String {
        "'\(path)' cannot be \(deed.rawValue): \(String(cString: strerror(number)))"
    }
}

extension PacketFSError {
    /// `file`: the one that the error is about, if somebody named it.
    init(_ error: VaultError, using file: SeedFileUse? = nil) {
        let name = file.map { "'\($0.path)'" } ?? "the file of a seed"
        switch error {
        case .notFound:
            let hint = file == nil ? Self.restore : nil
            self.init(.state, file?.failed(ENOENT) ?? "there is no seed in that vault", hint: hint, cause: error)
        case .unreachable:
            self.init(
                .state, "what that vault lies in is not there", hint: "plug in the token, or mount the stick",
                cause: error)
        case .alreadyExists:
            let what = file == nil ? "something" : name
            self.init(.state, "\(what) is there already; seeds are never overwritten", cause: error)
        case .readableByOthers:
            self.init(.state, "\(name) is open to other users", hint: "chmod it to 0600", cause: error)
        case .foreignOwner: self.init(.state, "\(name) belongs to another user", cause: error)
        case .notAPlainFile: self.init(.state, "\(name) is a link, a folder or a device", cause: error)
        case .malformed:
            let what = file == nil ? "that" : name
            let hint = file == nil ? Self.restore : nil
            self.init(.state, "\(what) is no seed, or it was damaged", hint: hint, cause: error)
        case .unknownVersion:
            self.init(.state, "\(name) is of a newer PacketFS", hint: "upgrade this one", cause: error)
        case .costOutOfBounds:
            self.init(
                .state, "the sealed file asks for more, or less, work than any that PacketFS writes", cause: error)
        case .sameParties: self.init(.peer, "the file names the same party twice", cause: error)
        case .badURI(let defect): self.init(.usage, "that names no vault: \(defect.words)", cause: error)
        case .secretNeeded:
            self.init(
                .state, "the vault needs a passphrase or a PIN, and none was given",
                hint: "run it on a terminal, or give a file descriptor with --secret-fd", cause: error)
        case .wrongSecret: self.init(.state, "the passphrase or the PIN is wrong", cause: error)
        case .expired: self.init(.state, "the time of the key in the keyring is over", hint: Self.restore, cause: error)
        case .noCredentials:
            self.init(
                .state, "systemd passed no credentials", hint: "run it in the unit, with ImportCredential=",
                cause: error)
        case .notOurs:
            self.init(
                .usage, "systemd fills that vault from a file", hint: "name the file with --credential-file",
                cause: error)
        case .notExtractable:
            self.init(.refused, "the seed is in a token, which does not give it away", hint: Self.anew, cause: error)
        case .notConfined:
            self.init(.refused, "the key in the token could be read out of it", hint: Self.anew, cause: error)
        case .ambiguous:
            self.init(
                .usage, "more than one token, or key, fits the URI", hint: "add serial=, slot-id= or id=", cause: error)
        case .tokenLocked: self.init(.state, "the token is locked, or its PIN is not set", cause: error)
        case .moduleUnusable: self.init(.state, "the PKCS#11 module cannot be used", cause: error)
        case .token(let number):
            self.init(.state, "the token refused (CKR 0x\(String(number, radix: 16)))", cause: error)
        case .system(let number):
            let vault = "the vault cannot be used: \(String(cString: strerror(number)))"
            self.init(.state, file?.failed(number) ?? vault, cause: error)
        }
    }

    private static let restore = "`packetfs seed restore` takes it out of a backup"
    private static let anew = "`packetfs seed rotate` makes a new one"
}

extension VaultURI.Defect {
    fileprivate var words: String {
        switch self {
        case .scheme: "it begins with file:, keyring:, pkcs11: or credential:"
        case .filePath: "file: takes a name or an absolute path"
        case .keyringName: "keyring: takes user/NAME or session/NAME"
        case .credentialName: "credential: takes a name"
        case .tokenSyntax: "it is not as RFC 7512 has it"
        case .tokenAttribute: "it has an attribute that is not in RFC 7512"
        case .tokenPIN: "a PIN, or where it is, does not belong into a URI"
        case .tokenModule: "module-path= (absolute) or module-name= must say which module"
        case .tokenObject: "object= or id= must say which key, and it must be a secret key"
        }
    }
}
