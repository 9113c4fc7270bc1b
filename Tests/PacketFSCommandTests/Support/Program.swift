import Foundation

/// The program that was built beside these tests, in a folder of its own and out of reach of anybody's settings.
final class Program {
    struct Outcome {
        var code: Int32
        var output: String
        var error: String

        var events: [[String: Any]] {
            output.split(separator: "\n").compactMap { Program.event(String($0)) }
        }
    }

    /// With a space, as many people's folders have one.
    let folder = FileManager.default.temporaryDirectory.path + "/packetfs program \(UUID().uuidString)"
    private var running: [Process] = []

    static var path: String {
        let tests = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appending(path: "packetfs").path
    }

    /// What starts the program so that modes of files bind it, whoever runs the tests: root passes over them.
    static var bound: [String] {
        geteuid() == 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []
    }

    /// Sets the mode of a file in the folder.
    func setMode(_ mode: Int, of name: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder + "/" + name)
    }

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        for process in running where process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs it to its end, started by another program if there is one. `input` is what it reads on descriptor 0; nothing
    /// if `nil`.
    func run(
        _ arguments: [String], input: String? = nil, environment: [String: String] = [:], through starter: [String] = []
    ) throws -> Outcome {
        try started(arguments, input: input, environment: environment, through: starter).outcome()
    }

    /// Starts it, and lets it run.
    func started(
        _ arguments: [String], input: String? = nil, environment: [String: String] = [:], through starter: [String] = []
    ) throws -> RunningProgram {
        let process = Process()
        let command = starter + [Self.path] + arguments
        process.executableURL = URL(filePath: starter.isEmpty ? Self.path : "/usr/bin/env")
        process.arguments = starter.isEmpty ? arguments : command
        // What break-defences takes away is missing there, too.
        let undefended = ProcessInfo.processInfo.environment.filter { $0.key == "UNDEFENDED" }
        process.environment = ["HOME": folder, "PATH": "/usr/bin:/bin"].merging(undefended) { $1 }
            .merging(environment) { $1 }
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardInput = try input.map(Self.pipe) ?? FileHandle.nullDevice
        let program = try RunningProgram(process)
        running.append(process)
        return program
    }

    /// A pipe with a text that fits into it.
    private static func pipe(_ text: String) throws -> Any {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try pipe.fileHandleForWriting.close()
        return pipe
    }

    static func event(_ line: String) -> [String: Any]? {
        try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }
}

/// One run of it.
final class RunningProgram {
    /// Seconds that a test waits for a program before it kills it, and fails.
    private static let patience = 180.0

    private let process: Process
    private let output = Pipe()
    private let error = Pipe()
    private var read = Data()
    /// Events that came while others were waited for.
    private var passed: [[String: Any]] = []

    init(_ process: Process) throws {
        self.process = process
        process.standardOutput = output
        process.standardError = error
        try process.run()
    }

    /// Of the process.
    var number: pid_t { process.processIdentifier }

    func signal(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    private func patiently<R>(_ body: () -> R) -> R {
        let number = process.processIdentifier
        let end = DispatchWorkItem { kill(number, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience, execute: end)
        defer { end.cancel() }
        return body()
    }

    /// Waits for an event of this kind that has a field; `nil` if the program ended before.
    func wait(for event: String, where isRight: ([String: Any]) -> Bool = { _ in true }) -> [String: Any]? {
        patiently { next(event, where: isRight) }
    }

    private func next(_ event: String, where isRight: ([String: Any]) -> Bool) -> [String: Any]? {
        if let index = passed.firstIndex(where: { $0["event"] as? String == event && isRight($0) }) {
            return passed.remove(at: index)
        }
        while true {
            while let end = read.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: read[..<end], as: UTF8.self)
                read = Data(read[read.index(after: end)...])
                guard let found = Program.event(line) else { continue }
                if found["event"] as? String == event, isRight(found) { return found }
                passed.append(found)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { return nil }
            read += more
        }
    }

    /// Waits for its end.
    func outcome() -> Program.Outcome {
        patiently(ended)
    }

    private func ended() -> Program.Outcome {
        read += output.fileHandleForReading.readDataToEndOfFile()
        let errors = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Program.Outcome(
            code: process.terminationStatus, output: String(decoding: read, as: UTF8.self),
            error: String(decoding: errors, as: UTF8.self)
        )
    }
}
