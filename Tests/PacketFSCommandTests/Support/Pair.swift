import Foundation
import Testing

/// Two homes that share a seed; `b` serves, and lets `a` write and read in the folder `there`.
final class Pair {
    let program: Program
    private(set) var server: RunningProgram
    private(set) var address: String
    private let options: [String]

    var there: String { program.folder + "/there" }

    /// `serving`: further options of the server.
    init(serving options: [String] = []) throws {
        program = try Program()
        try FileManager.default.createDirectory(atPath: program.folder + "/there", withIntermediateDirectories: true)
        for home in ["a", "b"] { _ = try program.run(["init", "--home", home]) }
        _ = try program.run(["peer", "new", "b", "--export", "seed", "--home", "a"])
        _ = try program.run(["peer", "import", "seed", "--name", "a", "--home", "b", "--allow", "put,get:there"])
        self.options = options
        (server, address) = try Self.serve(program, options)
        try reach(at: address)
    }

    func stopServer() {
        server.signal(SIGTERM)
        #expect(server.outcome().code == 0)
    }

    /// Starts another server after the first one, which remembers no more than what is on disk.
    ///
    /// - Parameter options: instead of those of the first one.
    func startServer(serving options: [String]? = nil) throws {
        (server, address) = try Self.serve(program, options ?? self.options)
        try reach(at: address)
    }

    private static func serve(_ program: Program, _ options: [String]) throws -> (RunningProgram, String) {
        let server = try program.started(["serve", "--listen", "127.0.0.1:0", "--home", "b", "--json"] + options)
        let listening = try #require(server.wait(for: "listening"))
        return (server, try #require(listening["address"] as? String))
    }

    /// Lets `a` reach `b` at another address, such as a relay's.
    func reach(at address: String) throws {
        _ = try program.run(["peer", "set", "b", "--address", address, "--home", "a"])
    }

    /// Runs a command of `a`.
    func run(_ arguments: [String]) throws -> Program.Outcome {
        try program.run(arguments + ["--home", "a"])
    }

    /// A new file of random bytes in the folder of both.
    func write(_ count: Int, to name: String) throws {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<(count + 7) / 8).map { _ in generator.next() }
        let path = program.folder + "/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try words.withUnsafeBytes { try Data($0.prefix(count)).write(to: URL(filePath: path)) }
    }

    func areEqual(_ first: String, _ second: String) -> Bool {
        FileManager.default.contentsEqual(atPath: program.folder + "/" + first, andPath: program.folder + "/" + second)
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: program.folder + "/" + name)
    }
}
