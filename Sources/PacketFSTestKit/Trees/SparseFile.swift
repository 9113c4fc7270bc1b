import Foundation
import Glibc

/// A file that is mostly holes, such as a log.
package struct SparseFile {
    /// `SEEK_DATA` and `SEEK_HOLE`, macros that Swift does not see.
    private static let (seekData, seekHole) = (Int32(3), Int32(4))

    private let path: String

    package init(_ path: String) {
        self.path = path
    }

    /// Bytes that it takes on the disk.
    package var allocated: Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_blocks) * 512 : 0
    }

    /// The address of the first byte that is not zero, and that `isChosen`.
    package func firstByte(where isChosen: (UInt64) -> Bool = { _ in true }) throws -> UInt64? {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var end: off_t = 0
        while true {
            let start = lseek(file.fileDescriptor, end, Self.seekData)
            guard start >= 0 else { return nil }
            end = lseek(file.fileDescriptor, start, Self.seekHole)
            try file.seek(toOffset: UInt64(start))
            let bytes = [UInt8](try file.read(upToCount: Int(end - start)) ?? Data())
            for (offset, byte) in bytes.enumerated() where byte != 0 {
                let address = UInt64(start) + UInt64(offset)
                if isChosen(address) { return address }
            }
        }
    }
}
