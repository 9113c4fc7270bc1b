import Foundation

/// Numbers of bytes, for people.
enum ByteCount {
    private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]

    /// Three to four digits and a binary unit, such as `13.1 MiB`.
    static func text(_ bytes: UInt64) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var value = Double(bytes)
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return String(format: value < 99.95 ? "%.1f %@" : "%.0f %@", value, units[unit])
    }

    /// Reads `4096`, `500K`, `1.5GiB` or `2 TB`; every unit is a power of 1024. `nil` if it is no such number, or one
    /// above 2^60.
    static func parse(_ text: String) -> UInt64? {
        let trimmed = text.trimmingCharacters(in: .whitespaces).uppercased()
        let digits = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = trimmed.dropFirst(digits.count).trimmingCharacters(in: .whitespaces)
        let names = ["", "K", "M", "G", "T", "P"]
        let stem =
            unit.hasSuffix("IB") ? String(unit.dropLast(2)) : unit.hasSuffix("B") ? String(unit.dropLast()) : unit
        guard let power = names.firstIndex(of: stem), let value = Double(digits), digits.first != "." else {
            return nil
        }
        let bytes = value * Double(UInt64(1) << (10 * UInt64(power)))
        guard bytes <= Double(UInt64(1) << 60), power > 0 || !digits.contains(".") else { return nil }
        return UInt64(bytes)
    }

    /// Wire bytes as a share of the bytes moved, such as `3.1%`; a dash if nothing was moved.
    static func ratio(_ wire: UInt64, of bytes: UInt64) -> String {
        guard bytes > 0 else { return "-" }
        let percent = Double(wire) / Double(bytes) * 100
        return String(format: percent < 9.995 ? "%.2f%%" : "%.1f%%", percent)
    }

    /// Seconds as `0:07`, `12:30` or `3:05:10`.
    static func time(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 360_000 else { return "-:--" }
        let whole = Int(max(0, seconds).rounded(.up))
        let minutes = String(format: whole < 3600 ? "%d:" : "%02d:", whole / 60 % 60)
        return (whole < 3600 ? "" : "\(whole / 3600):") + minutes + String(format: "%02d", whole % 60)
    }
}
