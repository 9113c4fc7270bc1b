import Testing

@testable import packetfs

@Suite struct ByteCountTests {
    @Test(arguments: [
        ("0", 0), ("4096", 4096), ("500K", 512_000), ("1.5GiB", 1_610_612_736), ("2 TB", 2_199_023_255_552),
        ("1k", 1024),
    ])
    func reads(_ text: String, _ bytes: UInt64) {
        #expect(ByteCount.parse(text) == bytes)
    }

    @Test(arguments: ["", "G", "-1", "1.5", ".5G", "1.2.3M", "12X", "1e9", "NaN", "9999999P", "1 2M", "０"])
    func refuses(_ text: String) {
        #expect(ByteCount.parse(text) == nil)
    }

    @Test(arguments: [
        (UInt64(0), "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_048_575, "1.0 MiB"), (104_857_600, "100 MiB"),
        (.max, "16384 PiB"),
    ])
    func shows(_ bytes: UInt64, _ text: String) {
        #expect(ByteCount.text(bytes) == text)
    }

    @Test(arguments: [(0.0, "0:00"), (6.2, "0:07"), (750, "12:30"), (11_110, "3:05:10"), (.infinity, "-:--")])
    func showsTimes(_ seconds: Double, _ text: String) {
        #expect(ByteCount.time(seconds) == text)
    }

    @Test func showsRatios() {
        #expect(ByteCount.ratio(5, of: 0) == "-")
        #expect(ByteCount.ratio(31, of: 1000) == "3.10%")
        #expect(ByteCount.ratio(1031, of: 1000) == "103.1%")
    }
}
