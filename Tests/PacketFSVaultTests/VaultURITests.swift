import Testing

@testable import PacketFSVault

@Suite("Vault URI")
struct VaultURITests {
    @Test(arguments: [
        "file:abc.seed", "file:/media/key/ship.seed", "keyring:user/packetfs-1", "keyring:session/a_b.c",
        "credential:packetfs.harbour", "pkcs11:token=t;object=o?module-path=/m.so",
        "pkcs11:id=%01%ff;slot-id=3?module-name=softhsm2",
        "pkcs11:manufacturer=a%20b;model=m;serial=1;token=t;object=o;type=secret-key?module-path=/m.so",
        "pkcs11:library-manufacturer=a;library-description=b;library-version=1.2;object=o?module-path=/m.so",
        "pkcs11:slot-description=a;slot-manufacturer=b;object=%e2%9a%93?module-path=/m.so",
    ])
    func `is read and written`(text: String) throws {
        #expect(try VaultURI(text).text == text)
    }

    @Test(
        arguments: [
            ("", .scheme), ("file", .scheme), ("http://x", .scheme), ("FILE:a", .scheme), ("file:a\u{0}", .scheme),
            ("file:", .filePath), ("file:a/b", .filePath), ("file:../a", .filePath), ("file:.a", .filePath),
            ("file:/a/", .filePath), ("file:a b", .filePath),
            ("keyring:user", .keyringName), ("keyring:user/", .keyringName), ("keyring:group/a", .keyringName),
            ("keyring:user/a/b", .keyringName), ("keyring:session/ä", .keyringName),
            ("credential:", .credentialName), ("credential:../x", .credentialName), ("credential:a/b", .credentialName),
            ("pkcs11:token=%zz;object=o?module-path=/m", .tokenSyntax), ("pkcs11:token", .tokenSyntax),
            ("pkcs11:object=o;x-mine=1?module-path=/m", .tokenAttribute),
            ("pkcs11:object=o;colour=red?module-path=/m", .tokenAttribute),
            ("pkcs11:object=o?module-path=/m&pin-value=1234", .tokenPIN),
            ("pkcs11:object=o?module-path=/m&pin-source=file:/pin", .tokenPIN),
            ("pkcs11:token=t;object=o", .tokenModule), ("pkcs11:object=o?module-path=m.so", .tokenModule),
            ("pkcs11:token=t?module-path=/m", .tokenObject),
            ("pkcs11:object=o;type=private?module-path=/m", .tokenObject),
        ] as [(String, VaultURI.Defect)])
    func `what is none is refused`(text: String, defect: VaultURI.Defect) {
        #expect(throws: VaultError.badURI(defect)) { _ = try VaultURI(text) }
    }

    @Test
    func `a longer one than the bound is refused`() throws {
        let path = "file:/" + String(repeating: "a", count: VaultURI.bound - 6)
        #expect(try VaultURI(path).text == path)
        #expect(throws: VaultError.badURI(.scheme)) { _ = try VaultURI(path + "a") }
    }

    @Test
    func `a key beside another has its token and its module`() throws {
        let text = "pkcs11:token=t%20t;serial=9;id=%01;object=old?module-path=/m.so"
        let sibling = try TokenURI(TokenURI.sibling(of: text, labelled: "new"))
        #expect(sibling.module == .path("/m.so"))
        #expect(sibling.attributes.count == 1)
        #expect(sibling.attributes.first?.value == Array("new".utf8))
        let whole = try TokenURI.sibling(of: text, labelled: "new")
        #expect(whole.contains("token=t%20t") && whole.contains("serial=9"))
    }
}
