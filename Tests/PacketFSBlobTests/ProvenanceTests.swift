import PacketFSBlob
import PacketFSWire
import Testing

@Suite("Provenance")
struct ProvenanceTests {
    private let provenance = {
        var provenance = Provenance()
        provenance.note(AddressRange(address: 10, length: 10), entries: 3...3)
        provenance.note(AddressRange(address: 20, length: 5), entries: 3...3)
        provenance.note(AddressRange(address: 25, length: 5), entries: 4...9)
        provenance.note(AddressRange(address: 40, length: 1), entries: 1...1)
        return provenance
    }()

    @Test(
        arguments: [
            (0, 10, nil), (0, 11, 3...3), (19, 6, 3...3), (24, 2, 3...9), (29, 11, 4...9), (29, 12, 1...9),
            (30, 10, nil), (41, 100, nil),
        ] as [(UInt64, Int, ClosedRange<Int>?)])
    func filesOfARange(address: UInt64, length: Int, entries: ClosedRange<Int>?) {
        #expect(provenance.entries(in: AddressRange(address: address, length: length)) == entries)
    }
}
