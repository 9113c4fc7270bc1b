internal import Glibc
internal import PacketFSSecrets
package import PacketFSWire

/// Makes pads, and the two copies of one that are carried to its two machines.
package struct PadMaker {
    private let calls: PadFileCalls

    package init(gate: any PadGate = OpenPadGate()) {
        calls = PadFileCalls(gate: gate)
    }

    /// Fills a new file at `path` from `source`: `system`, a device or a plain file.
    ///
    /// Throws `unhealthy`, `sourceTooShort` or `zeros` for a source that is not fit, `badSize` for fewer bytes than one
    /// block in each half; no file is left then.
    package func create(_ path: String, size: UInt64, source: String) throws(PadError) -> PadHeader {
        let blocks = size / PadLayout.block / 2
        guard (1...Limits.padBlocks).contains(blocks) else { throw .badSize }
        let reader = try SourceReader(source)
        let parties = [PartyID.random(), .random()].sorted()
        let header = PadHeader(
            pad: .random(), lower: parties[0], higher: parties[1], holder: .nobody, source: reader.source,
            blocks: blocks)
        try make(path, header: header, checks: BlockChecks(key: .random())) { buffer, _, _, tests throws(PadError) in
            try reader.fill(buffer)
            // The system's generator is computed: what these tests look for cannot happen to it.
            if header.source.kind != .system { try tests.take(UnsafeRawBufferPointer(buffer)) }
        }
        return header
    }

    /// Makes the copies of both sides out of a whole pad, and destroys that one. Goes on where a crash ended it: a copy
    /// that has its name is whole.
    package func split(_ whole: String, into copies: (lower: String, higher: String)) throws(PadError) {
        let pad = try PadFile(whole, calls: calls)
        // Locked until it is gone: nobody else splits it meanwhile.
        defer { withExtendedLifetime(pad) {} }
        guard pad.header.holder == .nobody else { throw .wrongHolder }
        var made: [String] = []
        do throws(PadError) {
            for (path, holder) in [(copies.lower, PadHolder.lower), (copies.higher, .higher)] {
                guard !isCopy(path, of: pad, holder) else { continue }
                try copy(pad, to: path, holder: holder)
                made.append(path)
            }
        } catch {
            if error != .crashed { for path in made { try erase(path) } }
            throw error
        }
        try erase(whole)
    }

    private func isCopy(_ path: String, of pad: PadFile, _ holder: PadHolder) -> Bool {
        var header = pad.header
        header.holder = holder
        return (try? PadFile(path, calls: calls))?.header == header
    }

    /// Brings a carried copy to `path`, reading and checking every block of it.
    func take(_ pad: PadFile, to path: String) throws(PadError) {
        guard pad.header.holder != .nobody else { throw .wrongHolder }
        guard try !pad.file.isSparse() else { throw .sparse }
        try copy(pad, to: path, holder: pad.header.holder)
    }

    /// Overwrites a file with zeros, and removes it. Its first block goes when all others are gone: until then a crash
    /// leaves a file that still says which pad it is of.
    package func erase(_ path: String) throws(PadError) {
        let file = try PrivateFile(path, O_RDWR)
        try eraseBody(of: file)
        try eraseHead(of: file, at: path)
    }

    /// Overwrites all but the first block.
    func eraseBody(of file: PrivateFile) throws(PadError) {
        let size = try file.size()
        try calls.erase(file, min(size, PadLayout.block)..<size)
    }

    /// Overwrites the first block, and removes the file.
    func eraseHead(of file: PrivateFile, at path: String) throws(PadError) {
        try calls.erase(file, 0..<min(file.size(), PadLayout.block))
        try calls.remove(path)
    }

    private func copy(_ pad: PadFile, to path: String, holder: PadHolder) throws(PadError) {
        var header = pad.header
        header.holder = holder
        try make(path, header: header, checks: pad.checks) { buffer, half, block, _ throws(PadError) in
            try pad.read(half: half, from: block, into: buffer)
        }
    }

    private typealias Fill = (
        _ buffer: UnsafeMutableRawBufferPointer, _ half: Int, _ block: UInt64, _ tests: inout HealthTests
    ) throws(PadError) -> Void

    /// Writes a pad under a temporary name and gives it its own once it is durable, so that no half-filled file is ever
    /// taken for a pad.
    private func make(_ path: String, header: PadHeader, checks: BlockChecks, _ fill: Fill) throws(PadError) {
        guard access(path, F_OK) != 0 else { throw .alreadyExists }
        let buffer = try SecretBuffer.ofBlocks(PadFile.chunk)
        let temporary = TemporaryName.beside(path)
        try eraseLeftover(temporary)
        let file = try calls.create(temporary)
        try file.lock()
        do throws(PadError) {
            try write(file, header: header, checks: checks, buffer, fill)
            try calls.sync(file)
            try calls.renameNew(temporary, to: path)
        } catch {
            if error != .crashed { try erase(temporary) }
            throw error
        }
    }

    /// Destroys what crashes left in a folder, under whatever name it was to have; what somebody still makes stays.
    package func eraseLeftovers(in folder: String) throws(PadError) {
        for name in try Folder.names(in: folder) where TemporaryName.isOne(name) {
            do throws(PadError) { try eraseLeftover(folder + "/" + name) } catch {
                guard error == .busy else { throw error }
            }
        }
    }

    /// Destroys what a crash left, if anything; of a file that has its own name already, this one alone. Throws `busy`
    /// while somebody makes or reads it.
    func eraseLeftover(_ path: String) throws(PadError) {
        guard access(path, F_OK) == 0 else { return }
        let leftover: PrivateFile
        do throws(PadError) { leftover = try PrivateFile(path, O_RDWR) } catch .notAPlainFile {
            return try calls.remove(path)
        }
        defer { withExtendedLifetime(leftover) {} }
        try leftover.lock()
        try erase(path)
    }

    private func write(
        _ file: PrivateFile, header: PadHeader, checks: BlockChecks, _ buffer: SecretBuffer, _ fill: Fill
    ) throws(PadError) {
        let layout = PadLayout(blocks: header.blocks)
        var tests = HealthTests()
        for half in 0...1 {
            for part in PadFile.parts(of: 0..<header.blocks) {
                let bytes = buffer.part(0..<part.count * Limits.padBlock)
                try fill(bytes, half, part.lowerBound, &tests)
                for (index, block) in part.enumerated() {
                    let whole = UnsafeRawBufferPointer(
                        rebasing: bytes[index * Limits.padBlock..<(index + 1) * Limits.padBlock])
                    guard !ZeroRun.isIn(whole) else { throw .zeros(half: half, block: block) }
                }
                let values = checks.values(of: UnsafeRawBufferPointer(bytes), half: half, from: part.lowerBound)
                try calls.write(
                    UnsafeRawBufferPointer(bytes), to: file, at: layout.offset(half: half, block: part.lowerBound))
                try calls.write(values, to: file, at: layout.checkOffset(half: half, block: part.lowerBound))
            }
        }
        let head = try header.block(checks: checks)
        defer { withExtendedLifetime((head, buffer)) {} }
        try calls.write(UnsafeRawBufferPointer(head.bytes), to: file, at: 0)
    }
}

extension Identifier {
    /// Drawn from the system's generator.
    static func random() -> Self {
        var generator = SystemRandomNumberGenerator()
        return Self(unchecked: (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}

extension SecretKey<PadCheck> {
    /// Drawn from the system's generator.
    static func random() -> SecretKey {
        var generator = SystemRandomNumberGenerator()
        return .random(using: &generator)
    }
}
