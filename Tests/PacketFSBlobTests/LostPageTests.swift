import Glibc
import PacketFSWire
import Testing

@testable import PacketFSBlob

/// Pages of a mapped file that it lost, or its disk cannot give: the system says the same of both.
@Suite struct LostPageTests {
    private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))

    @Test func thoseOfALogAreZeros() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            let log = try scratch.log()
            let bytes = randomBytes(8 * Self.page)
            try log.write(bytes, at: 0)
            log.withMapped(AddressRange(address: 0, length: bytes.count)) { mapped in
                for kept in [7 * Self.page, 3 * Self.page, 0] {
                    #expect(truncate(scratch.file("log"), kept) == 0)
                    #expect(mapped[..<kept].elementsEqual(bytes[..<kept]))
                    #expect(mapped[kept...].allSatisfy { $0 == 0 })
                }
            }
        }
    }

    @Test func logsComeAndGo() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            try scratch.log().write([1], at: 0)
            let first = AddressRange(address: 0, length: 1)
            for _ in 0..<10_000 {
                let log = try Log(file: scratch.file("log"), id: someLog(1), create: false)
                #expect(log.withMapped(first) { $0.first } == 1)
            }
            let log = try Log(file: scratch.file("log"), id: someLog(1), create: false)
            log.withMapped(first) { mapped in
                #expect(truncate(scratch.file("log"), 0) == 0)
                #expect(mapped.first == 0)
            }
        }
    }

    @Test func thoseOfOtherFilesEndTheProcess() async {
        await #expect(processExitsWith: .signal(SIGBUS)) {
            let scratch = try Scratch()
            try scratch.log().write([1], at: 0)
            let log = try Log(file: scratch.file("log"), id: someLog(1), create: false)
            log.withMapped(AddressRange(address: 0, length: 1)) { #expect($0.first == 1) }
            let file = open(scratch.file("log"), O_RDONLY)
            let mapped = mmap(nil, Self.page, PROT_READ, MAP_SHARED, file, 0)
            #expect(truncate(scratch.file("log"), 0) == 0)
            #expect(mapped?.load(as: UInt8.self) == 0)
        }
    }

    @Test func aSignalThatIsSentEndsTheProcess() async {
        await #expect(processExitsWith: .signal(SIGBUS)) {
            let scratch = try Scratch()
            let log = try scratch.log()
            try log.write([1], at: 0)
            log.withMapped(AddressRange(address: 0, length: 1)) { _ in _ = kill(getpid(), SIGBUS) }
            while true { sleep(1) }
        }
    }
}
