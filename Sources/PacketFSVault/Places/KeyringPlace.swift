internal import CLinux
internal import Glibc
internal import PacketFSSecrets

/// A seed in the kernel's keyring, as a key of type `user` that its possessors alone can reach.
///
/// It is in no file, and gone with the next start of the machine, with its keyring, or when its time is over.
struct KeyringPlace: SeedPlace {
    let ring: VaultURI.KeyRing
    let name: String
    let seconds: UInt32

    func open() throws(VaultError) -> any Vault {
        HeldSeed(try release())
    }

    func release() throws(VaultError) -> SecretKey<Seed> {
        try SecretKey { (seed: UnsafeMutableRawBufferPointer) throws(VaultError) in
            let count = try checked(pfs_keyring_read(ring.number, name, seed.baseAddress, seed.count))
            guard count == seed.count else { throw .malformed }
        }
    }

    func keep(_ seed: borrowing SecretKey<Seed>) throws(VaultError) -> any Vault {
        try seed.withUnsafeBytes { bytes throws(VaultError) in
            _ = try checked(Int64(pfs_keyring_add(ring.number, name, bytes.baseAddress, bytes.count, seconds)))
        }
        return try open()
    }

    func isTaken() throws(VaultError) -> Bool {
        do {
            _ = try checked(pfs_keyring_read(ring.number, name, nil, 0))
            return true
        } catch .notFound, .expired {
            return false
        }
    }

    /// A key whose time is over is destroyed already.
    func destroy(if isMeant: SeedTest) throws(VaultError) {
        do throws(VaultError) {
            guard try isMeant(open()) else { throw .notFound }
            _ = try checked(Int64(pfs_keyring_remove(ring.number, name)))
        } catch .expired {
        } catch .malformed {
            throw .notFound
        }
    }

    func holder() throws(VaultError) -> String? {
        String(try checked(Int64(pfs_keyring_serial(ring.number))))
    }

    /// With its keyring a key is gone, too.
    func isGone(from holder: String?) -> Bool {
        guard let holder = holder.flatMap({ Int32($0) }) else { return true }
        return holder == pfs_keyring_serial(ring.number) || pfs_keyring_is_there(holder) == 0
    }

    private func checked(_ result: Int64) throws(VaultError) -> Int {
        switch result {
        case 0...: return Int(result)
        case Int64(-EKEYEXPIRED): throw .expired
        case Int64(-ENOKEY), Int64(-EKEYREVOKED): throw .notFound
        default: throw VaultError(Int32(-result))
        }
    }
}

extension VaultURI.KeyRing {
    fileprivate var number: Int32 {
        switch self {
        case .user: pfs_keyring_of_user()
        case .session: pfs_keyring_of_session()
        }
    }
}
