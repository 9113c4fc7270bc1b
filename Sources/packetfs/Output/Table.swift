/// Rows of text in columns; the columns named in `right` are aligned to the right.
struct Table {
    private var rows: [[String]]
    private let right: Set<Int>

    init(_ header: [String], right: Set<Int> = []) {
        rows = [header]
        self.right = right
    }

    /// Adds a row; what could harm a terminal is escaped.
    mutating func add(_ cells: [String]) {
        rows.append(cells.map(\.printable))
    }

    /// The lines, without spaces at their ends.
    var lines: [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { pad(row[$0], to: widths[$0], right: right.contains($0)) }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    private func pad(_ cell: String, to width: Int, right: Bool) -> String {
        let space = String(repeating: " ", count: width - cell.count)
        return right ? space + cell : cell + space
    }
}
