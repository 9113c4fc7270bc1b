internal import CP11Kit
internal import Glibc

/// A `pkcs11:` URI (RFC 7512), parsed whole by p11-kit: which module, which token, which key.
///
/// `@unchecked Sendable`: nothing changes it once it is made.
package final class TokenURI: @unchecked Sendable {
    private let uri: OpaquePointer

    /// What names the module.
    enum ModuleName: Hashable, Sendable {
        /// An absolute path.
        case path(String)
        /// The name that p11-kit's configuration gives it.
        case name(String)
    }

    let module: ModuleName

    init(_ text: String) throws(VaultError) {
        guard let uri = p11_kit_uri_new() else { throw .system(ENOMEM) }
        let parsed = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri)
        do {
            guard parsed == P11_KIT_URI_OK.rawValue else { throw VaultError.badURI(.tokenSyntax) }
            guard p11_kit_uri_any_unrecognized(uri) == 0 else { throw VaultError.badURI(.tokenAttribute) }
            guard p11_kit_uri_get_pin_value(uri) == nil, p11_kit_uri_get_pin_source(uri) == nil else {
                throw VaultError.badURI(.tokenPIN)
            }
            module = try Self.module(of: uri)
            try Self.requireKey(uri)
        } catch let error as VaultError {
            p11_kit_uri_free(uri)
            throw error
        } catch {
            preconditionFailure("only vault errors are thrown here")
        }
        self.uri = uri
    }

    deinit {
        p11_kit_uri_free(uri)
    }

    private static func module(of uri: OpaquePointer) throws(VaultError) -> ModuleName {
        if let path = p11_kit_uri_get_module_path(uri).map({ String(cString: $0) }) {
            guard path.hasPrefix("/") else { throw .badURI(.tokenModule) }
            return .path(path)
        }
        guard let name = p11_kit_uri_get_module_name(uri) else { throw .badURI(.tokenModule) }
        return .name(String(cString: name))
    }

    /// The URI must say which key, and may not say that it is anything but a secret one.
    private static func requireKey(_ uri: OpaquePointer) throws(VaultError) {
        guard p11_kit_uri_get_attribute(uri, CKA_LABEL) != nil || p11_kit_uri_get_attribute(uri, CKA_ID) != nil else {
            throw .badURI(.tokenObject)
        }
        guard let kind = p11_kit_uri_get_attribute(uri, CKA_CLASS) else { return }
        let value = kind.pointee.pValue?.loadUnaligned(as: CK_OBJECT_CLASS.self)
        guard value == CKO_SECRET_KEY else { throw .badURI(.tokenObject) }
    }

    func matches(_ module: CK_INFO) -> Bool {
        withUnsafePointer(to: module) { p11_kit_uri_match_module_info(uri, $0) != 0 }
    }

    func matches(_ slot: CK_SLOT_INFO, _ number: CK_SLOT_ID) -> Bool {
        let wanted = p11_kit_uri_get_slot_id(uri)
        guard wanted == CK_SLOT_ID.max || wanted == number else { return false }
        return withUnsafePointer(to: slot) { p11_kit_uri_match_slot_info(uri, $0) != 0 }
    }

    func matches(_ token: CK_TOKEN_INFO) -> Bool {
        withUnsafePointer(to: token) { p11_kit_uri_match_token_info(uri, $0) != 0 }
    }

    /// `CKA_LABEL` and `CKA_ID`, where they are given.
    var attributes: [(type: CK_ATTRIBUTE_TYPE, value: [UInt8])] {
        [CKA_LABEL, CKA_ID].compactMap { type in
            guard let found = p11_kit_uri_get_attribute(uri, type)?.pointee else { return nil }
            return (type, Array(UnsafeRawBufferPointer(start: found.pValue, count: Int(found.ulValueLen))))
        }
    }

    /// The URI of a key beside this one, in the same token.
    package static func sibling(of text: String, labelled label: String) throws(VaultError) -> String {
        let other = try TokenURI(text)
        var bytes = Array(label.utf8)
        let formatted = bytes.withUnsafeMutableBytes { bytes -> UnsafeMutablePointer<CChar>? in
            var attribute = CK_ATTRIBUTE(
                type: CKA_LABEL, pValue: bytes.baseAddress, ulValueLen: CK_ULONG(bytes.count))
            var text: UnsafeMutablePointer<CChar>?
            guard p11_kit_uri_clear_attribute(other.uri, CKA_ID) == P11_KIT_URI_OK.rawValue,
                p11_kit_uri_set_attribute(other.uri, &attribute) == P11_KIT_URI_OK.rawValue,
                p11_kit_uri_format(other.uri, P11_KIT_URI_FOR_ANY, &text) == P11_KIT_URI_OK.rawValue
            else { return nil }
            return text
        }
        guard let formatted else { throw .system(ENOMEM) }
        defer { free(formatted) }
        return String(cString: formatted)
    }
}
