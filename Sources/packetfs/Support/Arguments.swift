public import ArgumentParser
public import PacketFS

extension Suite: ExpressibleByArgument {}

extension PaddingRule: ExpressibleByArgument {}

extension Effort: ExpressibleByArgument {}

/// A number of bytes with a unit, such as `20G`.
struct ByteCountArgument: ExpressibleByArgument {
    var bytes: UInt64

    init?(argument: String) {
        guard let bytes = ByteCount.parse(argument) else { return nil }
        self.bytes = bytes
    }
}

/// `PATH… PEER:PATH`: the sources of a transfer and where they go.
enum SourcesAndPeer {
    static func split(_ arguments: [String]) throws -> (sources: [String], destination: PeerPath) {
        guard let last = arguments.last, arguments.count > 1 else {
            throw ValidationError("Name at least one source and a destination PEER:PATH.")
        }
        guard let destination = PeerPath(last) else {
            throw ValidationError("The last argument must be PEER:PATH, and '\(last)' is not.")
        }
        let sources = Array(arguments.dropLast())
        guard !sources.contains("") else { throw ValidationError("A source is empty.") }
        return (sources, destination)
    }
}
