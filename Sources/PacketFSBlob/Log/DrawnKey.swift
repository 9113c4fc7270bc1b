import Glibc

/// A key of this home alone: drawn once, kept in a private file.
package enum DrawnKey {
    package static let length = 32

    /// The key in the file at `path`, which is made if it is missing. A file of another length is one whose writing was
    /// cut short, and is filled anew: nothing that is kept needs the key that it was made with.
    package static func load(file path: String) throws(BlobError) -> [UInt8] {
        let file = try PrivateFile(path: path, create: true)
        let found = read(file)
        if found.count == length { return found }
        var random = SystemRandomNumberGenerator()
        let key = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        guard ftruncate(file.descriptor, 0) == 0 else { throw BlobError(errno: errno) }
        try key.withOutcome { bytes throws(BlobError) in
            try FileBytes.write(bytes, to: file.descriptor, at: 0)
        }
        guard fsync(file.descriptor) == 0 else { throw BlobError(errno: errno) }
        try FileBytes.syncFolder(of: path)
        return key
    }

    /// What the file holds, as far as it can tell a key from anything longer.
    private static func read(_ file: borrowing PrivateFile) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length + 1) { buffer, count in
            count = FileBytes.read(from: file.descriptor, at: 0, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` for a body that throws `BlobError`.
    fileprivate func withOutcome(_ body: (UnsafeRawBufferPointer) throws(BlobError) -> Void) throws(BlobError) {
        let outcome = withUnsafeBytes { bytes in
            Result { () throws(BlobError) in try body(bytes) }
        }
        try outcome.get()
    }
}
