import Glibc
import PacketFSTestKit
import Synchronization

@testable import PacketFSPad

/// A disk that loses power at one step: of what was not synced, some or all never happened, or only in part.
///
/// The files are real. What each step changes is kept until a sync makes it last, and is put back at the crash.
final class LossyDisk: PadGate {
    /// What becomes of a step that was not synced.
    enum Fate: Sendable, CaseIterable {
        /// None of them happened.
        case lost
        /// Each happened or not; writes may end after any sector.
        case torn
        /// None, but files have grown: their new ends are zeros.
        case hollow
    }

    private struct State {
        var steps = 0
        var undo: [Undo] = []
        var random: SeededRandom
    }

    private let last: Int
    private let fate: Fate
    private let attic: String
    private let state: Mutex<State>

    /// - Parameters:
    ///   - last: steps that happen before the crash.
    ///   - attic: a folder for files that were removed and may come back.
    init(after last: Int, _ fate: Fate, attic: String, seed: UInt64 = 0) {
        self.last = last
        self.fate = fate
        self.attic = attic
        state = Mutex(State(random: SeededRandom(seed: seed)))
    }

    var count: Int { state.withLock(\.steps) }

    func pass(_ step: PadStep) throws(PadError) {
        let mayPass = state.withLock { state in
            guard state.steps <= last else { return false }
            state.steps += 1
            guard state.steps <= last else {
                crash(&state)
                return false
            }
            settle(step, &state)
            if let undo = Undo(step, attic: attic + "/\(state.steps)") { state.undo.append(undo) }
            return true
        }
        guard mayPass else { throw .crashed }
    }

    private func settle(_ step: PadStep, _ state: inout State) {
        switch step {
        case .sync(let descriptor):
            let inode = Undo.inode(descriptor)
            state.undo.removeAll { $0.inode == inode }
        case .syncFolder(let folder):
            for undo in state.undo where undo.folder == folder { undo.forget() }
            state.undo.removeAll { $0.folder == folder }
        default: return
        }
    }

    private func crash(_ state: inout State) {
        for undo in state.undo.reversed() {
            switch fate {
            case .lost: undo.apply(keeping: 0)
            case .hollow: undo.apply(keeping: 0, grows: true)
            case .torn:
                if state.random.oneIn(3) { continue }
                undo.apply(keeping: state.random.oneIn(2) ? 0 : 512 * UInt64(state.random.draw(0...9)))
            }
        }
        state.undo = []
    }
}

/// A step that can be taken back.
private struct Undo {
    private enum Change {
        case bytes(Int32, offset: UInt64, old: [UInt8], size: Int64)
        case made(String, isFolder: Bool)
        case renamed(String, to: String)
        case removed(String, attic: String)
    }

    private let change: Change

    init?(_ step: PadStep, attic: String) {
        switch step {
        case .write(let file, let offset, let length), .punch(let file, let offset, let length):
            change = Self.bytes(file, offset, length)
        case .truncate(let file, let length):
            change = Self.bytes(file, length, UInt64(max(0, Self.size(file) - Int64(length))))
        case .create(let path): change = .made(path, isFolder: false)
        case .makeFolder(let path): change = .made(path, isFolder: true)
        case .rename(let old, let new): change = .renamed(old, to: new)
        case .remove(let path):
            link(path, attic)
            change = .removed(path, attic: attic)
        case .sync, .syncFolder, .send: return nil
        }
    }

    /// Of the file whose bytes changed.
    var inode: UInt64? {
        if case .bytes(let file, _, _, _) = change { Self.inode(file) } else { nil }
    }

    /// Of the name that changed.
    var folder: String? {
        switch change {
        case .bytes: nil
        case .made(let path, _), .renamed(_, let path), .removed(let path, _):
            path.lastIndex(of: "/").map { String(path[..<$0]) }
        }
    }

    /// - Parameters:
    ///   - keeping: bytes at the front of a write that happened.
    ///   - grows: whether a length that a write brought stays.
    func apply(keeping: UInt64, grows: Bool = false) {
        switch change {
        case .bytes(let file, let offset, let old, let size):
            let grown = Self.size(file)
            let lost = old.dropFirst(Int(min(keeping, UInt64(old.count))))
            _ = Array(lost).withUnsafeBytes {
                pwrite(file, $0.baseAddress, $0.count, off_t(offset) + off_t(old.count - lost.count))
            }
            if keeping == 0 { ftruncate(file, off_t(size)) }
            if grows, grown > size { ftruncate(file, off_t(grown)) }
        case .made(let path, let isFolder): _ = isFolder ? rmdir(path) : unlink(path)
        case .renamed(let old, let new): rename(new, old)
        case .removed(let path, let attic): rename(attic, path)
        }
    }

    /// It lasts.
    func forget() {
        if case .removed(_, let attic) = change { unlink(attic) }
    }

    static func inode(_ file: Int32) -> UInt64 {
        var status = stat()
        fstat(file, &status)
        return UInt64(status.st_ino)
    }

    private static func size(_ file: Int32) -> Int64 {
        var status = stat()
        fstat(file, &status)
        return Int64(status.st_size)
    }

    private static func bytes(_ file: Int32, _ offset: UInt64, _ length: UInt64) -> Change {
        let size = size(file)
        var old = [UInt8](repeating: 0, count: Int(max(0, min(Int64(length), size - Int64(offset)))))
        let count = pread(file, &old, old.count, off_t(offset))
        return .bytes(file, offset: offset, old: Array(old.prefix(max(0, count))), size: size)
    }
}
