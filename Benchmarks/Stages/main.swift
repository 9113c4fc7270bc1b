// What a transfer consists of, stage by stage, each alone on one core: indexing, planning, rebuilding, and memcpy.
//
//     packetfs-stages OLD NEW FOLDER ROUNDS EFFORT
//
// OLD and NEW are files; FOLDER is an empty one to work in, best on a RAM disk. Prints one JSON object: bytes a second
// of each round, and the sizes that shares are made of. EFFORT is fast or max.

import Foundation
import PacketFSPlan

let arguments = CommandLine.arguments
guard arguments.count == 6, let rounds = Int(arguments[4]), rounds > 0,
    let effort = PlanEffort.allCases.first(where: { "\($0)" == arguments[5] })
else {
    print("usage: packetfs-stages OLD NEW FOLDER ROUNDS EFFORT")
    exit(64)
}
let bench = try Bench(old: arguments[1], new: arguments[2], folder: arguments[3], effort: effort)
var figures = Figures()
for _ in 0..<rounds { try bench.round(&figures) }
let encoder = JSONEncoder()
encoder.keyEncodingStrategy = .convertToSnakeCase
encoder.outputFormatting = .sortedKeys
print(String(decoding: try encoder.encode(figures), as: UTF8.self))
