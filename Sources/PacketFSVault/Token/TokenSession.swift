internal import CP11Kit
internal import PacketFSSecrets
internal import Synchronization

/// A session with one token, whose user is logged in.
final class TokenSession: Sendable {
    private let module: TokenModule
    private let handle: CK_SESSION_HANDLE

    /// Tokens that refused a PIN: each further try could be the last that they allow.
    private static let refused = Mutex<Set<TokenKey>>([])

    private struct TokenKey: Hashable {
        let module: ObjectIdentifier
        let slot: CK_SLOT_ID
    }

    /// Opens a session with the token that the URI means.
    init(_ uri: TokenURI, isWriting: Bool, ask: SecretAsking?) throws(VaultError) {
        let module = try TokenModule.named(uri.module)
        self.module = module
        handle = try module.alone { functions throws(VaultError) -> CK_SESSION_HANDLE in
            let (slot, token) = try module.slot(for: uri)
            var handle: CK_SESSION_HANDLE = 0
            let flags = CKF_SERIAL_SESSION | (isWriting ? CKF_RW_SESSION : 0)
            try check(functions.C_OpenSession?(slot, flags, nil, nil, &handle))
            do throws(VaultError) {
                let key = TokenKey(module: ObjectIdentifier(module), slot: slot)
                try Self.unlock(handle, token, key, functions, ask)
            } catch {
                _ = functions.C_CloseSession?(handle)
                throw error
            }
            return handle
        }
    }

    deinit {
        try? module.alone { functions throws(VaultError) in _ = functions.C_CloseSession?(handle) }
    }

    private static func unlock(
        _ handle: CK_SESSION_HANDLE, _ token: CK_TOKEN_INFO, _ key: TokenKey, _ functions: CK_FUNCTION_LIST,
        _ ask: SecretAsking?
    ) throws(VaultError) {
        guard token.flags & CKF_LOGIN_REQUIRED != 0, try !isLoggedIn(handle, functions) else { return }
        guard !refused.withLock({ $0.contains(key) }) else { throw .wrongSecret }
        do throws(VaultError) {
            try logIn(handle, token, functions, ask)
        } catch {
            if error == .wrongSecret { _ = refused.withLock { $0.insert(key) } }
            throw error
        }
    }

    /// All sessions of a process with one token are logged in together.
    private static func isLoggedIn(
        _ handle: CK_SESSION_HANDLE, _ functions: CK_FUNCTION_LIST
    ) throws(VaultError) -> Bool {
        var info = CK_SESSION_INFO()
        try check(functions.C_GetSessionInfo?(handle, &info))
        return info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS
    }

    private static func logIn(
        _ handle: CK_SESSION_HANDLE, _ token: CK_TOKEN_INFO, _ functions: CK_FUNCTION_LIST, _ ask: SecretAsking?
    ) throws(VaultError) {
        guard token.flags & CKF_USER_PIN_LOCKED == 0 else { throw .tokenLocked }
        // The token has a keypad of its own.
        if token.flags & CKF_PROTECTED_AUTHENTICATION_PATH != 0 {
            return try check(functions.C_Login?(handle, CKU_USER, nil, 0))
        }
        guard let pin = ask?(.pin(token: token.name)), !pin.isEmpty else { throw .secretNeeded }
        try pin.withUnsafeBytes { bytes throws(VaultError) in
            let bytes = UnsafeMutablePointer(mutating: bytes.assumingMemoryBound(to: UInt8.self).baseAddress)
            try check(functions.C_Login?(handle, CKU_USER, bytes, CK_ULONG(pin.count)))
        }
    }

    /// The one object with these attributes, or `nil`.
    func find(_ attributes: borrowing TokenAttributes) throws(VaultError) -> CK_OBJECT_HANDLE? {
        try module.alone { functions throws(VaultError) in
            try attributes.withTemplate { template, count throws(VaultError) in
                try check(functions.C_FindObjectsInit?(handle, template, count))
            }
            defer { _ = functions.C_FindObjectsFinal?(handle) }
            var objects: [CK_OBJECT_HANDLE] = [0, 0]
            var count: CK_ULONG = 0
            try check(functions.C_FindObjects?(handle, &objects, 2, &count))
            guard count < 2 else { throw .ambiguous }
            return count == 1 ? objects[0] : nil
        }
    }

    func create(_ attributes: borrowing TokenAttributes) throws(VaultError) -> CK_OBJECT_HANDLE {
        try module.alone { functions throws(VaultError) in
            var object: CK_OBJECT_HANDLE = 0
            try attributes.withTemplate { template, count throws(VaultError) in
                try check(functions.C_CreateObject?(handle, template, count, &object))
            }
            return object
        }
    }

    func destroy(_ object: CK_OBJECT_HANDLE) throws(VaultError) {
        try module.alone { functions throws(VaultError) in try check(functions.C_DestroyObject?(handle, object)) }
    }

    func flag(_ type: CK_ATTRIBUTE_TYPE, of object: CK_OBJECT_HANDLE) throws(VaultError) -> Bool {
        try module.alone { functions throws(VaultError) in
            var value: CK_BBOOL = 0
            try withUnsafeMutablePointer(to: &value) { value throws(VaultError) in
                var attribute = CK_ATTRIBUTE(type: type, pValue: value, ulValueLen: 1)
                try check(functions.C_GetAttributeValue?(handle, object, &attribute, 1))
            }
            return value != 0
        }
    }

    /// HMAC-SHA256 of `message` under a key of the token, into `output`.
    func hmac(
        _ message: [UInt8], under object: CK_OBJECT_HANDLE, into output: UnsafeMutableRawBufferPointer
    ) throws(VaultError) {
        try module.alone { functions throws(VaultError) in
            var mechanism = CK_MECHANISM(mechanism: CKM_SHA256_HMAC, pParameter: nil, ulParameterLen: 0)
            try check(functions.C_SignInit?(handle, &mechanism, object))
            var message = message
            var count = CK_ULONG(output.count)
            let target = output.assumingMemoryBound(to: UInt8.self).baseAddress
            try check(functions.C_Sign?(handle, &message, CK_ULONG(message.count), target, &count))
            guard count == CK_ULONG(output.count) else { throw .moduleUnusable }
        }
    }
}

extension CK_TOKEN_INFO {
    /// The label.
    fileprivate var name: String { withUnsafeBytes(of: label, Self.text) }

    var serial: String { withUnsafeBytes(of: serialNumber, Self.text) }

    /// Texts are padded with spaces.
    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        let end = bytes.lastIndex { $0 != UInt8(ascii: " ") && $0 != 0 }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
