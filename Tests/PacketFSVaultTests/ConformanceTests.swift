import Foundation
import PacketFSVault
import Testing

@testable import PacketFSVault

/// The same rules for every vault.
@Suite("Vaults")
struct ConformanceTests {
    @Test(arguments: Conformance.allCases)
    func `a file under its mode alone`(rule: Conformance) async throws {
        let scratch = try Scratch()
        func place(_ name: String) -> FilePlace {
            FilePlace(path: scratch.path(name), sealing: .modeAlone, ask: nil)
        }
        try await rule.check(Bench(place: place("a"), beside: place("b"), keeper: scratch.path("")))
    }

    @Test(arguments: Conformance.allCases)
    func `a file under a passphrase`(rule: Conformance) async throws {
        let scratch = try Scratch()
        func place(_ name: String) -> FilePlace {
            FilePlace(path: scratch.path(name), sealing: .passphrase, ask: Answers("tulip").ask, cost: .least)
        }
        try await rule.check(
            Bench(place: place("a"), beside: place("b"), answers: false, keeper: scratch.path("")))
    }

    @Test(
        .enabled(if: Keyrings.isThere, "skipped: this kernel, or this sandbox, has no keyrings"),
        arguments: Conformance.allCases, VaultURI.KeyRing.allCases)
    func `a key in the kernel's keyring`(rule: Conformance, ring: VaultURI.KeyRing) async throws {
        func place() -> KeyringPlace {
            KeyringPlace(ring: ring, name: "packetfs-test-\(UUID().uuidString)", seconds: 0)
        }
        try await rule.check(Bench(place: place(), beside: place(), keeper: ring))
    }

    @Test(
        .enabled(if: SoftHSM.isThere, "skipped: SoftHSM2 is not installed (scripts/bootstrap --tests)"),
        arguments: Conformance.allCases)
    func `a key in a token`(rule: Conformance) async throws {
        let hsm = try #require(SoftHSM.shared)
        func place() -> TokenPlace {
            let uri = SoftHSM.uri(token: "conformance", object: UUID().uuidString)
            return TokenPlace(uri: uri, ask: Answers(SoftHSM.pin).ask)
        }
        try await rule.check(Bench(place: place(), beside: place(), releases: false, keeper: hsm))
    }

    /// The test is systemd, and passes what was written.
    @Test(arguments: Conformance.allCases)
    func `a credential of systemd`(rule: Conformance) async throws {
        let scratch = try Scratch()
        func place(_ name: String) -> CredentialPlace {
            CredentialPlace(name: name, folder: scratch.folder.path, outlet: scratch.path(name))
        }
        try await rule.check(Bench(place: place("a"), beside: place("b"), keeper: scratch.path("")))
    }
}

extension SealedFile.Cost {
    static let least = SealedFile.Cost(passes: 1, kibibytes: 8 << 10)
}

enum Keyrings {
    static let isThere: Bool = {
        do {
            _ = try KeyringPlace(ring: .session, name: "packetfs-test", seconds: 0).isTaken()
            return true
        } catch {
            return false
        }
    }()
}
