import CGather
import Foundation
import PacketFSBlob
import PacketFSWire

/// Random gather out of a replica, from its file and from memory of each kind: scripts/bench-residency.
@main enum Main {
    private static let sizes = [64, 256, 1024, 4096, 16_384, 65_536]
    /// Bytes that each measurement copies, and descriptors that it follows, at most.
    private static let copied = 1 << 30
    private static let most = 2_000_000
    private static let rounds = 3
    private static let room = 1 << 20

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 3, let gigabytes = Int(arguments[2]), (1...1024).contains(gigabytes) else {
            FileHandle.standardError.write(Data("usage: bench-residency FILE GIB KIND…\n".utf8))
            exit(2)
        }
        let wanted = Set(arguments[3...])
        let length = gigabytes << 30
        let id = LogID(unchecked: [UInt8](repeating: 1, count: LogID.byteCount))
        let log = try Log(file: arguments[1], id: id, create: true)
        try fill(log, length)
        print("random gather out of \(gigabytes) GiB, GB/s; ours is Log.reading, C is memcpy from the same memory")
        print(row(["", ""] + sizes.map { "\($0) B" }))
        if wanted.contains("file") { try measure("file", log, nil, length) }
        for (name, residency) in kinds where wanted.contains(name) {
            do {
                let arena = Arena(residency: residency)
                let begin = ContinuousClock.now
                try arena.hold([AddressRange(address: 0, length: length)], of: log)
                let seconds = (ContinuousClock.now - begin) / .seconds(1)
                let resident = try Log(file: arguments[1], id: id, create: false, arena: arena)
                try measure(name, resident, arena, length)
                print(row([name, "load"] + ["\(String(format: "%.1f", seconds)) s"]))
            } catch BlobError.unattainable {
                print(row([name, "not to be had here"]))
            }
        }
    }

    private static var kinds: [(String, Residency)] {
        var transparent = Residency()
        transparent.transparentHugePages = .require
        var huge = Residency()
        huge.hugePages = .require
        return [("plain", Residency()), ("transparent", transparent), ("huge", huge)]
    }

    private static func measure(_ name: String, _ log: Log, _ arena: Arena?, _ length: Int) throws {
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 4096)
        defer { target.deallocate() }
        target.initializeMemory(as: UInt8.self, repeating: 1)
        var ours: [String] = []
        var theirs: [String] = []
        for size in sizes {
            let offsets = offsets(count: min(most, copied / size), below: length - size)
            ours.append(rate(offsets.count * size) { gather(log, offsets, size, target) })
            let whole = AddressRange(address: 0, length: length)
            let best = arena?.withBytes(of: whole) { bytes in memcpy(bytes, offsets, size, target) }
            theirs.append(best ?? log.withMapped(whole) { memcpy($0, offsets, size, target) })
        }
        print(row([name, "ours"] + ours))
        print(row([name, "C"] + theirs))
    }

    private static func gather(_ log: Log, _ offsets: [UInt64], _ size: Int, _ target: UnsafeMutableRawBufferPointer) {
        var place = 0
        var reading = log.reading()
        for offset in offsets {
            if place + size > room {
                place = 0
                reading = log.reading()
            }
            reading.read(
                AddressRange(address: offset, length: size),
                into: UnsafeMutableRawBufferPointer(rebasing: target[place..<place + size]))
            place += size
        }
    }

    private static func memcpy(
        _ bytes: UnsafeRawBufferPointer, _ offsets: [UInt64], _ size: Int, _ target: UnsafeMutableRawBufferPointer
    ) -> String {
        guard let base = bytes.baseAddress, let into = target.baseAddress else { return "-" }
        return rate(offsets.count * size) {
            cgather(
                base.assumingMemoryBound(to: UInt8.self), offsets, offsets.count, size,
                into.assumingMemoryBound(to: UInt8.self), room)
        }
    }

    /// The best of some rounds, in 10^9 bytes a second.
    private static func rate(_ bytes: Int, _ body: () -> Void) -> String {
        let best =
            (0..<rounds).map { _ in
                let begin = ContinuousClock.now
                body()
                return (ContinuousClock.now - begin) / .seconds(1)
            }.min() ?? .infinity
        return String(format: "%.2f", Double(bytes) / best / 1e9)
    }

    private static func offsets(count: Int, below bound: Int) -> [UInt64] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt64.random(in: 0...UInt64(bound), using: &generator) }
    }

    /// A file of bytes that are not zero: pages of zeros would be shared.
    private static func fill(_ log: Log, _ length: Int) throws {
        guard log.end != UInt64(length) else { return }
        var generator = SystemRandomNumberGenerator()
        let words = (0..<(16 << 20) / 8).map { _ in generator.next() }
        for address in stride(from: 0, to: length, by: 16 << 20) {
            let written = words.withUnsafeBytes { bytes in Result { try log.write(bytes, at: UInt64(address)) } }
            try written.get()
        }
    }

    private static func row(_ cells: [String]) -> String {
        cells.enumerated().map { $1.padding(toLength: $0 == 0 ? 13 : 9, withPad: " ", startingAt: 0) }.joined(
            separator: " ")
    }
}
