internal import Glibc

/// Lists a folder's names, sorted by their bytes.
enum FolderReader {
    /// Takes the descriptor, and closes it after `body`. Throws the system's error number, `E2BIG` above `bound` names.
    static func withNames<Result>(
        in descriptor: Int32, atMost bound: Int, _ body: ([[UInt8]]) -> Result
    ) throws(SystemError) -> Result {
        guard let stream = fdopendir(descriptor) else {
            defer { close(descriptor) }
            throw SystemError(errno)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = name(of: entry)
            guard name != [UInt8(ascii: ".")], name != [UInt8(ascii: "."), UInt8(ascii: ".")] else { continue }
            guard names.count < bound else { throw SystemError(E2BIG) }
            names.append(name)
        }
        guard errno == 0 else { throw SystemError(errno) }
        names.sort(by: precedes)
        return body(names)
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        let start = UnsafeRawPointer(entry) + offset
        return [UInt8](UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self))))
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                guard let first = left.baseAddress, let second = right.baseAddress else {
                    return left.count < right.count
                }
                let order = memcmp(first, second, min(left.count, right.count))
                return order < 0 || (order == 0 && left.count < right.count)
            }
        }
    }
}

/// A system call's error number.
struct SystemError: Error, Equatable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
}
