import PacketFSWire
import Testing

/// What describes a file's contents does not print itself.
@Suite struct RedactionTests {
    private static let blueprint = LeafBlueprint(
        descriptors: [.copy(address: 424_242, length: 31_337), .literal(length: 5)],
        contexts: [AddressRange(address: 515_151, length: 9)], coding: .raw, literals: Array("hello".utf8),
        tag: [UInt8](repeating: 77, count: 16))

    @Test func aDescriptorShowsNothing() { check(Self.blueprint.descriptors[0], "Descriptor") }
    @Test func aListOfDescriptorsShowsNothing() { check(Self.blueprint.descriptors, "Descriptor") }
    @Test func aBlueprintShowsNothing() { check(Self.blueprint, "LeafBlueprint") }
    @Test func whatIsWithinADeflateStreamShowsNothing() {
        let opened = OpenedBlueprint(
            bases: [], packings: [], descriptors: Self.blueprint.descriptors, coding: .raw,
            literals: Array("hello".utf8))
        check(opened, "OpenedBlueprint")
    }

    private func check(_ value: some Any, _ name: String) {
        var dumped = ""
        dump(value, to: &dumped)
        for shown in ["\(value)", String(describing: value), String(reflecting: value), dumped] {
            #expect(shown.contains(name))
            for secret in ["424242", "31337", "515151", "104", "77"] { #expect(!shown.contains(secret)) }
        }
    }
}
