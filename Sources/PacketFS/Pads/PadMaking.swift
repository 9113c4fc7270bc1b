import PacketFSPad
import PacketFSWire

/// Making pads, which needs no home: it may be done on a machine that is not on any network.
public enum PadMaking {
    /// Fills a new pad file.
    ///
    /// - Parameters:
    ///   - file: path of the pad, which must not exist.
    ///   - size: bytes of both halves together, at least 8,192; rounded down to whole blocks.
    ///   - source: `system`, a device such as `/dev/hwrng`, or a plain file.
    /// - Throws: `source` for one that cannot be read, ends too soon, or fails a health test.
    public static func create(_ file: String, size: UInt64, source: String) throws -> PadSourceInfo {
        try inWords { PadSourceInfo(try PadMaker().create(file, size: size, source: source).source) }
    }

    /// Makes the copies of both sides, to be carried to their machines by hand and imported there, and destroys the
    /// whole pad.
    public static func split(_ file: String, into one: String, and other: String) throws {
        try inWords { try PadMaker().split(file, into: (one, other)) }
    }

    private static func inWords<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw PacketFSError(explaining: error) }
    }
}
