import ArgumentParser

struct ExitCodesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exit-codes",
        abstract: "List the exit codes.",
        discussion: lines.joined(separator: "\n")
    )

    static var lines: [String] {
        var table = Table(["code", "name", "meaning"], right: [0])
        for row in ExitStatus.table { table.add(["\(row.code)", row.name, row.meaning]) }
        return table.lines
    }

    func run() {
        Self.lines.forEach(Console.output.write)
    }
}
