import CP11Kit
import Foundation
import PacketFSSecrets
import PacketFSTestKit
import Testing

@testable import PacketFSVault

@Suite(
    "Token place", .enabled(if: SoftHSM.isThere, "skipped: SoftHSM2 is not installed (scripts/bootstrap --tests)"))
struct TokenPlaceTests {
    private func place(_ token: String, _ answers: Answers, object: String = UUID().uuidString) -> TokenPlace {
        TokenPlace(uri: SoftHSM.uri(token: token, object: object), ask: answers.ask)
    }

    init() throws {
        _ = try #require(SoftHSM.shared, "SoftHSM2 is there, and its tokens could not be made")
    }

    @Test
    func `the seed is sensitive, cannot be extracted, and serves no other purpose`() throws {
        let answers = Answers(SoftHSM.pin)
        let place = place("confined", answers, object: "key")
        _ = try place.keep(testSeed())
        let uri = try TokenURI(place.uri)
        let session = try TokenSession(uri, isWriting: false, ask: answers.ask)
        var attributes = TokenAttributes()
        attributes.add(CKA_LABEL, Array("key".utf8))
        let key = try #require(try session.find(attributes))
        for type in [CKA_SENSITIVE, CKA_SIGN, CKA_PRIVATE, CKA_TOKEN] { #expect(try session.flag(type, of: key)) }
        for type in [CKA_EXTRACTABLE, CKA_VERIFY, CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP, CKA_DERIVE] {
            #expect(try !session.flag(type, of: key))
        }
        #expect(throws: VaultError.self) { _ = try session.flag(CKA_VALUE, of: key) }
        try place.destroy()
    }

    @Test
    func `the seed is in locked memory on its way to the token`() throws {
        var attributes = TokenAttributes()
        testSeed().withUnsafeBytes { attributes.add(CKA_VALUE, $0) }
        let map = try attributes.withTemplate { template, _ in
            try? MemoryMap(of: template?.pointee.pValue.map { UnsafeRawPointer($0) })
        }
        #expect(try #require(map).flags.isSuperset(of: ["lo", "dd", "wf"]))
    }

    @Test
    func `a key that could leave its token is refused`() throws {
        let answers = Answers(SoftHSM.pin)
        let place = place("extractable", answers, object: "loose")
        let session = try TokenSession(TokenURI(place.uri), isWriting: true, ask: answers.ask)
        var attributes = TokenAttributes()
        attributes.add(CKA_CLASS, CKO_SECRET_KEY)
        attributes.add(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
        attributes.add(CKA_TOKEN, true)
        attributes.add(CKA_EXTRACTABLE, true)
        attributes.add(CKA_SIGN, true)
        attributes.add(CKA_LABEL, Array("loose".utf8))
        attributes.add(CKA_VALUE, [UInt8](repeating: 1, count: 32))
        let key = try session.create(attributes)
        #expect(throws: VaultError.notConfined) { _ = try place.open() }
        try session.destroy(key)
    }

    @Test
    func `a wrong PIN is tried once and never again`() {
        let wrong = Answers("9999")
        #expect(throws: VaultError.wrongSecret) { _ = try place("wrong pin", wrong).open() }
        #expect(wrong.questions == [.pin(token: "wrong pin")])
        #expect(throws: VaultError.wrongSecret) { _ = try place("wrong pin", wrong).open() }
        #expect(wrong.questions.count == 1)
    }

    @Test
    func `a module is one, however it is named, and so are its tokens`() throws {
        let answers = Answers(SoftHSM.pin)
        let place = place("confined", answers)
        func otherwise(_ place: TokenPlace, _ answers: Answers) -> TokenPlace {
            TokenPlace(uri: place.uri.replacing("/softhsm/", with: "/softhsm/../softhsm/"), ask: answers.ask)
        }
        _ = try place.keep(testSeed())
        #expect(otherwise(place, answers).uri != place.uri)
        #expect(throws: Never.self) { _ = try otherwise(place, answers).open() }
        try place.destroy()
        // A PIN that was refused is refused under any name.
        let wrong = Answers("9999")
        for place in [self.place("misnamed", wrong), otherwise(self.place("misnamed", wrong), wrong)] {
            #expect(throws: VaultError.wrongSecret) { _ = try place.open() }
        }
        #expect(wrong.questions.count == 1)
    }

    @Test
    func `without anybody to ask there is no PIN`() {
        let nobody = Answers(nil)
        #expect(throws: VaultError.secretNeeded) { _ = try place("nobody", nobody).open() }
        #expect(throws: VaultError.secretNeeded) {
            _ = try TokenPlace(uri: SoftHSM.uri(token: "nobody", object: "x"), ask: nil).open()
        }
    }

    @Test
    func `tokens that cannot be told apart, or are not there, are refused`() {
        let answers = Answers(SoftHSM.pin)
        #expect(throws: VaultError.ambiguous) { _ = try place("twin", answers).open() }
        #expect(throws: VaultError.unreachable) { _ = try place("elsewhere", answers).open() }
        #expect(throws: VaultError.unreachable) { try place("elsewhere", answers).destroy() }
        #expect(throws: VaultError.unreachable) {
            let uri = SoftHSM.uri(token: "conformance", object: "x").replacing("pkcs11:", with: "pkcs11:serial=00;")
            _ = try TokenPlace(uri: uri, ask: answers.ask).open()
        }
        #expect(answers.questions.isEmpty)
    }

    @Test
    func `a key that is not found is gone from its own token alone`() throws {
        let (here, there) = (place("confined", Answers(nil)), place("extractable", Answers(nil)))
        #expect(try here.isGone(from: here.holder()) && !here.isGone(from: there.holder()))
        #expect(here.isGone(from: nil) && !place("elsewhere", Answers(nil)).isGone(from: nil))
    }

    @Test
    func `a module that is none is refused`() throws {
        let scratch = try Scratch()
        let path = try scratch.write([0x7f, 0x45, 0x4c, 0x46], to: "module.so")
        for module in [path, "/no/module.so", "/usr/lib/x86_64-linux-gnu/libsodium.so.23"] {
            let uri = "pkcs11:token=a;object=b?module-path=\(module)"
            #expect(throws: VaultError.moduleUnusable) { _ = try TokenPlace(uri: uri, ask: nil).open() }
        }
    }
}
