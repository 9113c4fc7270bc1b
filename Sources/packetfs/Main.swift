import ArgumentParser
import Configuration
import PacketFS

@main struct Main: ParsableCommand { mutating func run() throws { print("x") } }
