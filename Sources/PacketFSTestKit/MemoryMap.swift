/// What the kernel says of this process's memory.
package struct MemoryMap {
    /// The two-letter flags of `VmFlags`: `lo` locked, `dd` left out of dumps, `wf` wiped on fork, `ht` huge pages.
    package let flags: Set<String>
    private let fields: [String: Int]

    /// The mapping that holds `address`; `nil` if none does.
    package init?(of address: UnsafeRawPointer?) throws {
        let number = UInt(bitPattern: address)
        let text = try KernelFile.text("/proc/self/smaps")
        var isInside = false
        var flags: Set<String> = []
        var fields: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            if let range = Self.range(line) {
                if isInside { break }
                isInside = range.contains(number)
            } else if isInside, line.hasPrefix("VmFlags:") {
                flags = Set(line.dropFirst(8).split(separator: " ").map(String.init))
            } else if isInside, let (name, value) = Self.field(line) {
                fields[name] = value
            }
        }
        guard !flags.isEmpty else { return nil }
        self.flags = flags
        self.fields = fields
    }

    /// A field such as `Locked`, in bytes.
    package subscript(_ name: String) -> Int { fields[name] ?? 0 }

    /// Locked memory of the whole process, in bytes.
    package static func lockedBytes() throws -> Int {
        try KernelFile.text("/proc/self/status").split(separator: "\n").compactMap { field($0) }.first {
            $0.name == "VmLck"
        }?
        .value ?? 0
    }

    private static func range(_ line: Substring) -> Range<UInt>? {
        let ends = line.prefix { $0 != " " }.split(separator: "-")
        guard ends.count == 2, let lower = UInt(ends[0], radix: 16), let upper = UInt(ends[1], radix: 16) else {
            return nil
        }
        return lower..<upper
    }

    private static func field(_ line: Substring) -> (name: String, value: Int)? {
        let words = line.split(separator: " ", omittingEmptySubsequences: true).flatMap { $0.split(separator: "\t") }
        guard let name = words.first, name.hasSuffix(":"), words.count == 3, words[2] == "kB", let size = Int(words[1])
        else { return nil }
        return (String(name.dropLast()), size << 10)
    }
}
