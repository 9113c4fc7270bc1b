internal import CP11Kit
internal import PacketFSSecrets

/// A seed in a PKCS#11 token, which computes the function itself: the seed cannot be read out of it again.
struct TokenPlace: SeedPlace {
    let uri: String
    let ask: SecretAsking?

    func open() throws(VaultError) -> any Vault {
        let uri = try TokenURI(uri)
        let session = try TokenSession(uri, isWriting: false, ask: ask)
        guard let key = try session.find(Self.attributes(of: uri)) else { throw .notFound }
        return try TokenSeed(session: session, key: key).confined()
    }

    func keep(_ seed: borrowing SecretKey<Seed>) throws(VaultError) -> any Vault {
        let uri = try TokenURI(uri)
        let session = try TokenSession(uri, isWriting: true, ask: ask)
        guard try session.find(Self.attributes(of: uri)) == nil else { throw .alreadyExists }
        var attributes = Self.attributes(of: uri)
        attributes.add(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
        for (type, value) in Self.confinement { attributes.add(type, value) }
        seed.withUnsafeBytes { attributes.add(CKA_VALUE, $0) }
        return try TokenSeed(session: session, key: session.create(attributes)).confined()
    }

    func isTaken() throws(VaultError) -> Bool {
        let uri = try TokenURI(uri)
        return try TokenSession(uri, isWriting: false, ask: ask).find(Self.attributes(of: uri)) != nil
    }

    func destroy(if isMeant: SeedTest) throws(VaultError) {
        let uri = try TokenURI(uri)
        let session = try TokenSession(uri, isWriting: true, ask: ask)
        guard let key = try session.find(Self.attributes(of: uri)) else { throw .notFound }
        guard try isMeant(TokenSeed(session: session, key: key)) else { throw .notFound }
        try session.destroy(key)
    }

    /// The token that the URI means, which may fit another one next time.
    func holder() throws(VaultError) -> String? {
        let uri = try TokenURI(uri)
        return try TokenModule.named(uri.module).serial(of: uri)
    }

    /// Whether both look for the same key in the same token.
    static func isSame(_ one: String, _ other: String) throws(VaultError) -> Bool {
        let keys = (try TokenURI(one).attributes, try TokenURI(other).attributes)
        guard keys.0.elementsEqual(keys.1, by: ==) else { return false }
        return try TokenPlace(uri: one, ask: nil).holder() == TokenPlace(uri: other, ask: nil).holder()
    }

    func release() throws(VaultError) -> SecretKey<Seed> {
        throw .notExtractable
    }

    /// A key that stays in the token, and signs.
    private static let confinement: [(CK_ATTRIBUTE_TYPE, Bool)] = [
        (CKA_PRIVATE, true), (CKA_SENSITIVE, true), (CKA_EXTRACTABLE, false), (CKA_SIGN, true), (CKA_VERIFY, false),
        (CKA_ENCRYPT, false), (CKA_DECRYPT, false), (CKA_WRAP, false), (CKA_UNWRAP, false), (CKA_DERIVE, false),
    ]

    /// What says which key it is.
    private static func attributes(of uri: TokenURI) -> TokenAttributes {
        var attributes = TokenAttributes()
        attributes.add(CKA_CLASS, CKO_SECRET_KEY)
        attributes.add(CKA_TOKEN, true)
        for (type, value) in uri.attributes { attributes.add(type, value) }
        return attributes
    }
}

/// A seed that a token holds and computes with.
final class TokenSeed: Vault {
    private let session: TokenSession
    private let key: CK_OBJECT_HANDLE

    init(session: TokenSession, key: CK_OBJECT_HANDLE) {
        self.session = session
        self.key = key
    }

    /// Refuses a key that could leave the token.
    func confined() throws(VaultError) -> TokenSeed {
        guard try session.flag(CKA_SENSITIVE, of: key), try !session.flag(CKA_EXTRACTABLE, of: key) else {
            throw .notConfined
        }
        return self
    }

    func prf<P: KeyPurpose>(_ label: SeedLabel<P>, fields: [[UInt8]]) throws(VaultError) -> SecretKey<P> {
        let message = label.label.encoded(fields) + [1]
        return try SecretKey<P> { (output: UnsafeMutableRawBufferPointer) throws(VaultError) in
            try session.hmac(message, under: key, into: output)
        }
    }
}

extension TokenSeed: CustomStringConvertible, CustomReflectable {
    var description: String { "TokenSeed" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
