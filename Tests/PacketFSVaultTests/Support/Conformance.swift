import Crypto
import PacketFSSecrets
import Testing

@testable import PacketFSVault

/// Two empty places of one kind.
struct Bench: Sendable {
    let place: any SeedPlace
    let beside: any SeedPlace
    /// Whether the seed can be taken out again.
    var releases = true
    /// Lives as long as the places.
    /// Whether a seed that is there says which one it is.
    var answers = true
    let keeper: any Sendable
}

/// What every vault must do, whatever it is.
enum Conformance: String, CaseIterable, Sendable {
    case computesTheFunction, answersTheSameOpenedAgain, neverOverwrites, saysWhatIsMissing, destroysAndTakesAnew
    case releasesOrRefuses, leavesOthersAlone, holdsTwoSideBySide, answersManyAtOnce, showsNothing

    func check(_ bench: Bench) async throws {
        let place = bench.place
        defer {
            try? place.destroy()
            try? bench.beside.destroy()
        }
        switch self {
        case .computesTheFunction: try Self.expectFunction(of: place.keep(testSeed(7)), seed: 7)
        case .answersTheSameOpenedAgain:
            _ = try place.keep(testSeed(8))
            try Self.expectFunction(of: place.open(), seed: 8)
        case .neverOverwrites:
            _ = try place.keep(testSeed(1))
            #expect(try place.isTaken())
            #expect(throws: VaultError.alreadyExists) { _ = try place.keep(testSeed(2)) }
            try Self.expectFunction(of: place.open(), seed: 1)
        case .saysWhatIsMissing:
            #expect(try !place.isTaken())
            #expect(throws: VaultError.notFound) { _ = try place.open() }
            #expect(throws: VaultError.notFound) { try place.destroy() }
        case .destroysAndTakesAnew:
            _ = try place.keep(testSeed(3))
            try place.destroy()
            #expect(try !place.isTaken())
            #expect(throws: VaultError.notFound) { _ = try place.open() }
            try Self.expectFunction(of: place.keep(testSeed(4)), seed: 4)
        case .releasesOrRefuses:
            _ = try place.keep(testSeed(5))
            guard bench.releases else {
                #expect(throws: VaultError.notExtractable) { _ = try place.release() }
                return
            }
            let isSame = try place.release().isEqual(to: testSeed(5))
            #expect(isSame)
        case .leavesOthersAlone:
            guard bench.answers else { return }
            _ = try place.keep(testSeed(6))
            func isSeed(_ byte: UInt8) -> SeedTest {
                { vault throws(VaultError) in
                    let expected = try HeldSeed(testSeed(byte)).prf(.identityKey, fields: [])
                    return try vault.prf(.identityKey, fields: []).isEqual(to: expected)
                }
            }
            #expect(throws: VaultError.notFound) { try place.destroy(if: isSeed(7)) }
            #expect(try place.isTaken())
            try place.destroy(if: isSeed(6))
            #expect(try !place.isTaken())
        case .holdsTwoSideBySide:
            _ = try (place.keep(testSeed(1)), bench.beside.keep(testSeed(2)))
            try Self.expectFunction(of: place.open(), seed: 1)
            try Self.expectFunction(of: bench.beside.open(), seed: 2)
        case .answersManyAtOnce:
            let vault = try place.keep(testSeed(9))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { for _ in 0..<8 { try Self.expectFunction(of: vault, seed: 9) } } }
                try await group.waitForAll()
            }
        case .showsNothing:
            let vault = try place.keep(testSeed())
            var dumped = ""
            dump(vault, to: &dumped)
            for text in ["\(vault)", String(reflecting: vault), dumped] {
                #expect(!text.contains("97") && !text.contains("6161") && !text.contains("aaaa"))
            }
            #expect(Mirror(reflecting: vault).children.isEmpty)
        }
    }

    /// One block of HKDF-Expand with the seed as PRK, under two labels, with fields and without.
    private static func expectFunction(of vault: any Vault, seed: UInt8) throws {
        let fields: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 5, count: 300)]
        let psk = try vault.prf(.presharedKey, fields: fields).withUnsafeBytes { Array($0) }
        let identity = try vault.prf(.identityKey, fields: []).withUnsafeBytes { Array($0) }
        let key = [UInt8](repeating: seed, count: 32)
        for (output, info) in [
            (psk, KeyLabel.presharedKey.encoded(fields)), (identity, KeyLabel.identityKey.encoded()),
        ] {
            let expanded = HKDF<SHA256>.expand(pseudoRandomKey: key, info: info, outputByteCount: 32)
            #expect(output == expanded.withUnsafeBytes { Array($0) })
        }
    }
}
