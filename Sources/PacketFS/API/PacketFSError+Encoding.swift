import PacketFSPlan
import PacketFSWire

extension PacketFSError {
    /// Encodes what this end says: if that breaks a rule of the format, it is no fault of the peer.
    static func encoding<Result>(_ encode: () throws(WireError) -> Result) throws -> Result {
        do throws(WireError) {
            return try encode()
        } catch {
            throw PacketFSError(.internal, "what was to be sent breaks a rule of the format: \(error)")
        }
    }
}

extension DataRecord {
    /// The record's fields and its literals.
    func encoded(by coder: BlockCoder) throws -> (head: [UInt8], tail: [UInt8]) {
        try PacketFSError.encoding { () throws(WireError) in try encodeParts(compress: coder.compressor) }
    }
}
