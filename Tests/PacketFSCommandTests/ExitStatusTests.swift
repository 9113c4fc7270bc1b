import PacketFS
import Testing

@testable import packetfs

@Suite struct ExitStatusTests {
    @Test func eachErrorHasACodeOfItsOwn() {
        let codes = PacketFSError.Code.allCases.map(ExitStatus.code)
        #expect(Set(codes).count == codes.count)
        #expect(!codes.contains(0))
        #expect(codes.allSatisfy { (1...125).contains($0) || $0 == 130 })
    }

    @Test func namedOnesStay() {
        #expect(ExitStatus.code(for: .usage) == 2)
        #expect(ExitStatus.code(for: .partial) == 23)
        #expect(ExitStatus.code(for: .interrupted) == 130)
    }

    @Test func theTableIsWholeAndInOrder() {
        let table = ExitStatus.table
        #expect(table.map(\.code) == table.map(\.code).sorted())
        #expect(Set(table.map(\.name)) == Set(PacketFSError.Code.allCases.map(\.rawValue) + ["success"]))
    }

    @Test func theTableFitsATerminal() {
        #expect(ExitCodesCommand.lines.count == ExitStatus.table.count + 1)
        #expect(ExitCodesCommand.lines.allSatisfy { $0.count < 80 })
    }
}
