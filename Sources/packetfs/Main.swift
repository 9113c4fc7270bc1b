import ArgumentParser
import PacketFS

@main struct Main: AsyncParsableCommand {
    mutating func run() async throws {
        _ = HomeLocation.standard(environment: [:])
    }
}
