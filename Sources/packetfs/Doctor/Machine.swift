import CLinux
import Glibc

/// Where readings of the machine come from: files of the kernel beneath a root, which tests replace by a folder, and the
/// few things that no file tells.
struct Machine {
    /// Longest file that is read, in bytes.
    private static let bound = 1 << 20

    /// A block device by its numbers.
    struct Device: Hashable {
        var major: UInt32
        var minor: UInt32

        init(major: UInt32, minor: UInt32) {
            self.major = major
            self.minor = minor
        }

        /// As Linux packs them: 12 bits and the upper 20 of the major number, 8 bits and the upper 24 of the minor one.
        init(number: UInt64) {
            major = UInt32(truncatingIfNeeded: number >> 8 & 0xfff | number >> 32 & 0xffff_f000)
            minor = UInt32(truncatingIfNeeded: number & 0xff | number >> 12 & 0xffff_ff00)
        }

        var name: String { "\(major):\(minor)" }
    }

    var root = ""
    /// Whether the clock follows a reference; `nil` if the system does not say.
    var isClockSynchronized: () -> Bool? = Machine.clock
    /// Whether the kernel would write a core of this process.
    var isDumpable: () -> Bool = { pfs_process_is_dumpable() != 0 }
    /// The device that a file or folder lies on; `nil` if there is no such thing.
    var device: (_ path: String) -> Device? = Machine.device

    /// A file of the kernel, without the line break at its end; `nil` if there is none or it cannot be read.
    func text(_ path: String) -> String? {
        let file = open(root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < Self.bound, case let count = read(file, &buffer, buffer.count), count > 0 {
            bytes += buffer[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    func number(_ path: String) -> UInt64? {
        text(path).flatMap { UInt64($0) }
    }

    /// The names in a folder, sorted; none if there is no such folder.
    func names(_ path: String) -> [String] {
        guard let folder = opendir(root + path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The lines of a file as words.
    func table(_ path: String) -> [[Substring]] {
        (text(path) ?? "").split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" } }
    }

    private static func clock() -> Bool? {
        let result = pfs_clock_is_synchronized()
        return result < 0 ? nil : result == 1
    }

    private static func device(of path: String) -> Device? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Device(number: UInt64(status.st_dev))
    }
}
