import Foundation
import PacketFSSecrets
import Testing

@testable import PacketFSVault

@Suite("Credential place")
struct CredentialPlaceTests {
    private func written(mode: Int) throws -> (Scratch, CredentialPlace) {
        let scratch = try Scratch()
        let place = CredentialPlace(name: "seed", folder: scratch.folder.path, outlet: scratch.path("seed"))
        _ = try place.keep(testSeed())
        try scratch.setMode(mode, of: "seed")
        return (scratch, CredentialPlace(name: "seed", folder: scratch.folder.path, outlet: nil))
    }

    @Test(arguments: [0o400, 0o600, 0o440])
    func `what systemd passes is read`(mode: Int) throws {
        let (scratch, place) = try written(mode: mode)
        let isSame = try place.release().isEqual(to: testSeed())
        #expect(isSame && scratch.names == ["seed"])
    }

    @Test(arguments: [0o444, 0o404, 0o460, 0o644, 0o410])
    func `a file that more people can reach is no credential`(mode: Int) throws {
        let (scratch, place) = try written(mode: mode)
        #expect(throws: VaultError.readableByOthers) { _ = try place.open() }
        #expect(scratch.names == ["seed"])
    }

    @Test
    func `without systemd there is none, and nobody but systemd puts one there`() throws {
        let place = CredentialPlace(name: "seed", folder: nil, outlet: nil)
        #expect(throws: VaultError.noCredentials) { _ = try place.open() }
        #expect(throws: VaultError.notOurs) { _ = try place.keep(testSeed()) }
        #expect(throws: VaultError.notOurs) { _ = try place.isTaken() }
        try place.destroy()
    }
}
