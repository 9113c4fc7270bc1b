import PacketFSWire

/// A nameless file for what waits: it bounds memory, and is gone with the process. Made when first needed.
final class ScratchFile {
    private let calls: FileCalls
    private let folder: Folder?
    private let name: Name?
    private var file: OpenFile?

    /// `name` is used, for a moment, where the file system has no nameless files.
    init(in folder: Folder?, name: Name?, calls: FileCalls) {
        self.folder = folder
        self.name = name
        self.calls = calls
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(RebuildError) {
        do throws(FileFault) {
            try calls.write(bytes, to: opened(), at: offset)
        } catch {
            throw error.fatal ?? .unusableDestination(error.number)
        }
    }

    /// Reads exactly the buffer; throws `inputOutput` if the bytes are not there.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(RebuildError) {
        do throws(FileFault) {
            guard try opened().read(into: buffer, at: offset) == buffer.count else { throw .system(5) }
        } catch {
            throw error.fatal ?? .inputOutput
        }
    }

    private func opened() throws(FileFault) -> OpenFile {
        if let file { return file }
        guard let folder, let name else { throw .system(2) }
        let made = try calls.createScratch(name, in: folder)
        file = made
        return made
    }
}
