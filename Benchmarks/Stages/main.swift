// What a transfer consists of, stage by stage, each alone on one core: indexing, planning, rebuilding, and memcpy.
//
//     packetfs-stages OLD NEW FOLDER ROUNDS
//
// OLD and NEW are files; FOLDER is an empty one to work in, best on a RAM disk. Prints one JSON object: bytes a second
// of each round, and the sizes that shares are made of.

import Foundation

let arguments = CommandLine.arguments
guard arguments.count == 5, let rounds = Int(arguments[4]), rounds > 0 else {
    print("usage: packetfs-stages OLD NEW FOLDER ROUNDS")
    exit(64)
}
let bench = try Bench(old: arguments[1], new: arguments[2], folder: arguments[3])
var figures = Figures()
for _ in 0..<rounds { try bench.round(&figures) }
let encoder = JSONEncoder()
encoder.keyEncodingStrategy = .convertToSnakeCase
encoder.outputFormatting = .sortedKeys
print(String(decoding: try encoder.encode(figures), as: UTF8.self))
