/// `{"event":"check"}`: one look at the machine.
struct CheckEvent: Encodable {
    let event = "check"
    let subject: String
    let state: String
    let reading: String
    let fix: String?

    init(_ finding: Finding) {
        subject = finding.subject
        state = finding.state.rawValue
        reading = finding.reading
        fix = finding.fix
    }
}

/// What the doctor found, for people: one screen.
enum DoctorText {
    static func lines(_ findings: [Finding]) -> [String] {
        var table = Table(["state", "what", "reading"])
        for finding in findings { table.add([finding.state.rawValue, finding.subject, finding.reading]) }
        let fixes = findings.compactMap { finding in finding.fix.map { "  \(finding.subject): \($0.printable)" } }
        return table.lines + (fixes.isEmpty ? [] : ["", "to mend:"] + fixes)
    }
}
