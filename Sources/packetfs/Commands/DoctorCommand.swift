import ArgumentParser
import PacketFS

struct DoctorCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what holds on this machine, and the line that mends what does not.",
        discussion: """
            Looks at what keeps secrets out of swap and core dumps, at the disks and files of the home, and at what a \
            blob that stays in memory needs. Changes nothing. Ends with 20 if something puts secrets or the home at \
            risk, with 0 if there is advice only.

            Examples:
              packetfs doctor
              packetfs doctor --json
            """
    )

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let findings = Doctor(machine: Machine(), location: context.location).findings()
        findings.forEach { context.output.event(CheckEvent($0)) }
        if !context.output.isJSON { DoctorText.lines(findings).forEach(context.output.output.write) }
        let problems = findings.filter { $0.state == .problem }
        guard problems.isEmpty else {
            throw PacketFSError(
                .unfit, "this machine is not fit: " + problems.map(\.subject).joined(separator: ", "),
                hint: "run the lines above as root, then packetfs doctor again")
        }
    }
}
