import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFSPad

@Suite("Health tests")
struct HealthTestsTests {
    private func run(_ bytes: [UInt8]) throws {
        var tests = HealthTests()
        try bytes.withUnsafeBytes { try tests.take($0) }
    }

    /// Bytes in which neighbours differ and no value is frequent.
    private func fit(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 / 256) } }

    @Test func theCutoffsAreThoseOfTheDocumentation() {
        #expect(HealthTests.repetitionCutoff == 8)
        #expect(HealthTests.proportionCutoff == 35)
    }

    @Test func sevenEqualSamplesPassAndEightDoNot() throws {
        try run(fit(600) + [UInt8](repeating: 9, count: 7) + [8])
        #expect(throws: PadError.unhealthy(.repetitionCount, sample: 607)) {
            try run(fit(600) + [UInt8](repeating: 9, count: 8))
        }
        #expect(throws: PadError.unhealthy(.repetitionCount, sample: 7)) { try run([UInt8](repeating: 0, count: 8)) }
    }

    @Test func aFrequentSampleFailsItsWindow() throws {
        var window = fit(512).map { $0 == 7 ? 8 : $0 }
        for index in 0..<34 { window[index * 15] = 7 }
        try run(window)
        window[511] = 7
        #expect(throws: PadError.unhealthy(.adaptiveProportion, sample: 511)) { try run(window) }
    }

    @Test func noisePasses() throws {
        var generator = SeededRandom(seed: 11)
        try run((0..<1 << 18).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    @Test func runsOfZerosAreSeenWhereverTheyLie() {
        for start in stride(from: 0, through: Limits.padBlock - 32, by: 8) {
            var block = [UInt8](repeating: 1, count: Limits.padBlock)
            for index in start..<start + 32 { block[index] = 0 }
            #expect(block.withUnsafeBytes(ZeroRun.isIn), "\(start)")
            block[start + 31] = 1
            #expect(!block.withUnsafeBytes(ZeroRun.isIn), "\(start)")
        }
    }
}
