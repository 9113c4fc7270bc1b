internal import CP11Kit
internal import Synchronization

/// A PKCS#11 module, loaded and initialised once, for the life of the process, whatever names it goes by.
///
/// `@unchecked Sendable`: the table of functions is the module's and constant.
final class TokenModule: @unchecked Sendable {
    typealias Functions = UnsafeMutablePointer<CK_FUNCTION_LIST>

    private let functions: Functions
    /// One thread at a time is in the module: a token logs out with the last session that closes, which must not come
    /// between another thread's look at its state and its use.
    private let turn = Mutex(())

    private static let loaded = Mutex<[TokenURI.ModuleName: TokenModule]>([:])

    static func named(_ name: TokenURI.ModuleName) throws(VaultError) -> TokenModule {
        let result = loaded.withLock { loaded -> Result<TokenModule, VaultError> in
            if let module = loaded[name] { return .success(module) }
            guard let functions = load(name) else { return .failure(.moduleUnusable) }
            if let module = loaded.values.first(where: { $0.functions == functions }) {
                loaded[name] = module
                return .success(module)
            }
            guard p11_kit_module_initialize(functions) == CKR_OK else { return .failure(.moduleUnusable) }
            let module = TokenModule(functions: functions)
            loaded[name] = module
            return .success(module)
        }
        return try result.get()
    }

    /// Unmanaged: p11-kit puts no code of its own between us and the module.
    private static func load(_ name: TokenURI.ModuleName) -> Functions? {
        let flags = Int32(P11_KIT_MODULE_UNMANAGED)
        switch name {
        case .path(let path): return p11_kit_module_load(path, flags)
        case .name(let name):
            guard let modules = p11_kit_modules_load(nil, flags) else { return nil }
            return p11_kit_module_for_name(modules, name)
        }
    }

    private init(functions: Functions) {
        self.functions = functions
    }

    /// Runs `body` while no other thread is in the module. It must not be nested.
    func alone<R>(_ body: (CK_FUNCTION_LIST) throws(VaultError) -> R) throws(VaultError) -> R {
        let result = turn.withLock { _ -> Result<R, VaultError> in
            do throws(VaultError) {
                return .success(try body(functions.pointee))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The one slot whose token the URI means, with the token's description. For use in `alone`.
    func slot(for uri: TokenURI) throws(VaultError) -> (CK_SLOT_ID, CK_TOKEN_INFO) {
        var info = CK_INFO()
        try check(functions.pointee.C_GetInfo?(&info))
        guard uri.matches(info) else { throw .unreachable }
        var found: (CK_SLOT_ID, CK_TOKEN_INFO)?
        for slot in try slots() {
            var slotInfo = CK_SLOT_INFO()
            var token = CK_TOKEN_INFO()
            guard functions.pointee.C_GetSlotInfo?(slot, &slotInfo) == CKR_OK, uri.matches(slotInfo, slot),
                functions.pointee.C_GetTokenInfo?(slot, &token) == CKR_OK, uri.matches(token)
            else { continue }
            // A token that was never initialised holds nothing.
            guard token.flags & CKF_TOKEN_INITIALIZED != 0 else { continue }
            guard found == nil else { throw .ambiguous }
            found = (slot, token)
        }
        guard let found else { throw .unreachable }
        return found
    }

    func serial(of uri: TokenURI) throws(VaultError) -> String {
        try alone { _ throws(VaultError) in try slot(for: uri).1.serial }
    }

    private func slots() throws(VaultError) -> [CK_SLOT_ID] {
        var count: CK_ULONG = 0
        try check(functions.pointee.C_GetSlotList?(1, nil, &count))
        guard count <= 1024 else { throw .moduleUnusable }
        var slots = [CK_SLOT_ID](repeating: 0, count: Int(count))
        try check(functions.pointee.C_GetSlotList?(1, &slots, &count))
        return Array(slots.prefix(Int(count)))
    }
}

/// Throws what a function of a module says; `nil` stands for one that the module does not have.
func check(_ result: CK_RV?) throws(VaultError) {
    switch result {
    case CKR_OK: return
    case nil: throw .moduleUnusable
    case CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE: throw .wrongSecret
    case CKR_PIN_LOCKED, CKR_PIN_EXPIRED, CKR_USER_PIN_NOT_INITIALIZED: throw .tokenLocked
    case CKR_TOKEN_NOT_PRESENT, CKR_DEVICE_REMOVED, CKR_SLOT_ID_INVALID: throw .unreachable
    case let other?: throw .token(UInt(other))
    }
}
