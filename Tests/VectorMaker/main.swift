import Foundation

/// Writes the project's own vectors: `vector-maker INPUTS OUTPUT`. The same sources give the same files.
enum VectorMaker {
    static func run(inputs: URL, output: URL) throws {
        let makers: [() throws -> VectorFile] = [
            { try HandshakeVectors.file(answers: inputs.appending(path: "answers.json")) }, FrameVectors.file,
            IntegrityVectors.file, KeyVectors.file, ControlVectors.file, RecordVectors.file, ManifestVectors.file,
            BlueprintVectors.file, ModelVectors.file,
            { try RebuildVectors.file(frames: inputs.appending(path: "frames.json")) }, BlobVectors.file,
            SeedVectors.file, SessionVectors.file, PadVectors.file, KeystreamVectors.file,
        ]
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        for make in makers {
            let file = try make()
            try Data(file.text.utf8).write(to: output.appending(path: "\(file.name).json"))
            print("\(file.name): \(file.valid.count) valid, \(file.invalid.count) invalid")
        }
    }
}

let arguments = CommandLine.arguments.dropFirst().map { URL(fileURLWithPath: $0) }
guard arguments.count == 2 else {
    FileHandle.standardError.write(Data("usage: vector-maker INPUTS OUTPUT\n".utf8))
    exit(2)
}
do {
    try VectorMaker.run(inputs: arguments[0], output: arguments[1])
} catch {
    FileHandle.standardError.write(Data("vector-maker: \(error)\n".utf8))
    exit(1)
}
