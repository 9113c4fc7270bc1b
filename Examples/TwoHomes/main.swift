// Two homes on one machine: one serves, the other sends it a folder twice. The second time, nearly nothing crosses.
//
//     swift run two-homes FOLDER

import Foundation
import PacketFS

let arguments = CommandLine.arguments
guard arguments.count == 2 else {
    print("usage: two-homes FOLDER")
    exit(64)
}
let work = FileManager.default.temporaryDirectory.appendingPathComponent("two-homes-\(UUID().uuidString)").path
defer { try? FileManager.default.removeItem(atPath: work) }
let inbox = work + "/inbox"
try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true)

// 1. Two homes, and a seed that both have. Between machines, the file is carried by hand.
let office = try Home.create(at: HomeLocation(folder: work + "/office"))
let ship = try Home.create(at: HomeLocation(folder: work + "/ship"))
let made = try office.newPeer("ship", exportingTo: work + "/ship.peer")
let taken = try ship.importPeer(
    from: work + "/ship.peer", as: "office", grants: [Grant(root: inbox, verbs: [.put])])
print("fingerprints: \(made.fingerprint ?? "-") \(taken.fingerprint ?? "-")")

// 2. The ship serves on a port that the system chooses.
var options = ServerOptions()
options.listen = "127.0.0.1:0"
let (events, feed) = AsyncStream.makeStream(of: ServerEvent.self)
let server = Server(home: ship, options: options) { feed.yield($0) }
let serving = Task { try await server.run() }
for await case .listening(let address) in events {
    _ = try office.updatePeer("ship", address: address)
    break
}

// 3. The office sends; progress is an asynchronous sequence.
for round in 1...2 {
    for try await event in office.send([arguments[1]], to: PeerPath(peer: "ship", path: "")) {
        switch event {
        case .progress: break
        case .warning(let warning): print("\(warning.path): \(warning.reason)")
        case .finished(let summary):
            print("round \(round): \(summary.treeBytes) bytes of files, \(summary.wireBytes) bytes on the wire")
        }
    }
}
serving.cancel()
