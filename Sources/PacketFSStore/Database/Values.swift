import Foundation
import GRDB
import PacketFSWire

extension Row {
    func bytes(_ column: String) throws -> [UInt8] {
        try withUnsafeData(named: column) { data in
            guard let data else { throw StoreError.corrupted }
            return [UInt8](data)
        }
    }

    func identifier<T: Identifier>(_ column: String, as _: T.Type = T.self) throws -> T {
        guard let identifier = T(try bytes(column)) else { throw StoreError.corrupted }
        return identifier
    }

    /// `nil` for NULL.
    func optionalIdentifier<T: Identifier>(_ column: String, as _: T.Type = T.self) throws -> T? {
        databaseValue(column).isNull ? nil : try identifier(column)
    }

    func text(_ column: String) throws -> String {
        guard let text = String.fromDatabaseValue(databaseValue(column)) else { throw StoreError.corrupted }
        return text
    }

    /// `nil` for NULL.
    func optionalText(_ column: String) throws -> String? {
        databaseValue(column).isNull ? nil : try text(column)
    }

    func integer(_ column: String) throws -> Int64 {
        guard let value = Int64.fromDatabaseValue(databaseValue(column)) else { throw StoreError.corrupted }
        return value
    }

    /// A number that was stored from a type of the given width.
    func number<T: FixedWidthInteger>(_ column: String, as _: T.Type = T.self) throws -> T {
        guard let value = T(exactly: try integer(column)) else { throw StoreError.corrupted }
        return value
    }

    func value<T: RawRepresentable>(
        _ column: String, as _: T.Type = T.self
    ) throws -> T where T.RawValue: FixedWidthInteger {
        guard let value = T(rawValue: try number(column)) else { throw StoreError.corrupted }
        return value
    }

    /// Of an extent, from the columns `address` and `length`.
    func range() throws -> AddressRange {
        let range = AddressRange(address: try number("address"), length: try number("length"))
        guard range.fitsExtent else { throw StoreError.corrupted }
        return range
    }

    private func databaseValue(_ column: String) -> DatabaseValue {
        self[column] as DatabaseValue? ?? .null
    }
}

extension AddressRange {
    /// Whether an extent may lie there.
    var fitsExtent: Bool { 0 < length && length <= Limits.extent && address <= Limits.address }
}

extension Identifier {
    var data: Data { Data(bytes) }

    /// Drawn from the kernel's generator.
    static func random() -> Self {
        var generator = SystemRandomNumberGenerator()
        return Self(unchecked: (0..<byteCount).map { _ in generator.next() })
    }
}
