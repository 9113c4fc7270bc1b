import CFuzz
import Foundation

/// `fuzz --list`, `fuzz --seeds TARGET FOLDER` or `fuzz TARGET …`, where what follows is libFuzzer's. `scripts/fuzz` runs it.
///
/// The compiler's own `main` is libFuzzer's where that is linked, so this one has the name under which SwiftPM looks for it.
@_cdecl("fuzz_main")
public func main(_ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32 {
    let words = (0..<Int(count)).map { arguments[$0].map { String(cString: $0) } ?? "" }
    switch words.dropFirst().first {
    case "--list":
        for target in Target.all { print(target.name) }
        return 0
    case "--seeds" where words.count == 4:
        return writeSeeds(of: words[2], to: words[3])
    case let name?:
        guard let target = (Target.all + [Target.broken]).first(where: { $0.name == name }) else {
            return refuse("no target \(name)")
        }
        Target.chosen = target
        return drive(words)
    case nil:
        return refuse("a target is missing")
    }
}

private func refuse(_ reason: String) -> Int32 {
    FileHandle.standardError.write(Data("fuzz: \(reason); --list shows the targets\n".utf8))
    return 2
}

private func writeSeeds(of name: String, to folder: String) -> Int32 {
    guard let target = Target.all.first(where: { $0.name == name }) else { return refuse("no target \(name)") }
    do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let seeds = try target.seeds()
        guard !seeds.isEmpty else { return refuse("nothing to begin with for \(name)") }
        for (index, seed) in seeds.enumerated() {
            try Data(seed).write(to: URL(filePath: "\(folder)/seed-\(index)"))
        }
        return 0
    } catch {
        return refuse("\(error)")
    }
}

/// Gives everything but the target's name to libFuzzer. It keeps what it is given.
private func drive(_ words: [String]) -> Int32 {
    var rest = ([words[0]] + words.dropFirst(2)).map { strdup($0) } + [nil]
    var count = Int32(rest.count - 1)
    return rest.withUnsafeMutableBufferPointer { buffer in
        var base = buffer.baseAddress
        return LLVMFuzzerRunDriver(&count, &base) { bytes, size in
            Target.chosen?.take(UnsafeRawBufferPointer(start: bytes, count: size))
            return 0
        }
    }
}
