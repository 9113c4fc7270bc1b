import Foundation

/// The program on a terminal of its own, which `script` makes, and a person who types.
final class Terminal {
    private let process = Process()
    private let keys = Pipe()
    private let screen = Pipe()
    /// Everything that was shown.
    private(set) var shown = ""

    init(_ program: Program, _ arguments: [String]) throws {
        process.executableURL = URL(filePath: "/usr/bin/script")
        let words = ([Program.path] + arguments).map { "'\($0)'" }
        process.arguments = ["-qefc", words.joined(separator: " "), "/dev/null"]
        process.environment = ["HOME": program.folder, "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"]
        process.currentDirectoryURL = URL(filePath: program.folder)
        process.standardInput = keys
        process.standardOutput = screen
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        if process.isRunning { process.terminate() }
    }

    /// Types a line once the screen ends with `prompt`. False if the program ended before.
    func type(_ line: String, after prompt: String) throws -> Bool {
        while !shown.hasSuffix(prompt) {
            let more = screen.fileHandleForReading.availableData
            guard !more.isEmpty else { return false }
            shown += String(decoding: more, as: UTF8.self)
        }
        try keys.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
        return true
    }

    /// Waits for the end, and returns the exit code.
    func end() -> Int32 {
        shown += String(decoding: screen.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus
    }
}
