import Foundation
import PacketFS
import Testing

@testable import packetfs

/// The doctor at machines that are written down as files.
@Suite struct DoctorTests {
    /// A healthy machine: `[path: content]`.
    private static let healthy = [
        "/proc/self/status": "Name:\tpacketfs\nCapEff:\t0000000000000000\n",
        "/proc/self/limits": """
        Limit                     Soft Limit           Hard Limit           Units
        Max core file size        0                    0                    bytes
        Max locked memory         67108864             67108864             bytes
        """,
        "/proc/sys/kernel/core_pattern": "core\n",
        "/proc/sys/kernel/keys/maxkeys": "200\n",
        "/proc/sys/kernel/osrelease": "6.1.0-cloud-amd64\n",
        "/proc/swaps": "Filename\tType\tSize\tUsed\tPriority\n/dev/dm-1 partition 8 0 -2\n/dev/zram0 partition 8 0 5\n",
        "/sys/class/block/dm-1/dm/uuid": "CRYPT-PLAIN-swap\n",
        "/sys/dev/block/253:0/dm/uuid": "LVM-abc\n",
        "/sys/dev/block/253:0/slaves/dm-2/dev": "253:2\n",
        "/sys/class/block/dm-2/dm/uuid": "CRYPT-LUKS2-def\n",
        "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages": "2048\n",
        "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages": "2000\n",
        "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages": "0\n",
        "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
        "/sys/devices/system/node/node0/cpulist": "0-1\n",
    ]

    private let folder = FileManager.default.temporaryDirectory.path + "/packetfs-doctor-\(UUID().uuidString)"

    private func findings(
        _ changes: [String: String?] = [:], clock: Bool? = true, isDumpable: Bool = false, blob: Int = 1 << 20,
        mode: Int = 0o600
    ) throws -> [String: Finding] {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var files = Self.healthy
        for (path, content) in changes { files[path] = content }
        for (path, content) in files {
            let file = URL(filePath: folder + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try content.write(to: file, atomically: false, encoding: .utf8)
        }
        let location = HomeLocation(folder: folder + "/home")
        for part in [location.state, location.data] {
            try FileManager.default.createDirectory(
                atPath: part, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        _ = FileManager.default.createFile(
            atPath: location.state + "/store", contents: nil, attributes: [.posixPermissions: mode])
        // The own log stays in its file.
        for (log, size) in [("0011/replica.log", blob), ("0011/own.log", 5 << 20), ("0022/replica.log", 1)] {
            let file = URL(filePath: location.data + "/blob/" + log)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            _ = FileManager.default.createFile(
                atPath: file.path, contents: Data(count: size), attributes: [.posixPermissions: 0o600])
        }
        let machine = Machine(
            root: folder, isClockSynchronized: { clock }, isDumpable: { isDumpable },
            device: { _ in Machine.Device(major: 253, minor: 0) })
        let found = Doctor(machine: machine, location: location).findings()
        return Dictionary(uniqueKeysWithValues: found.map { ($0.subject, $0) })
    }

    @Test func aHealthyMachineHasNothingToMend() throws {
        let findings = try findings()
        #expect(findings.count == 12)
        for finding in findings.values { #expect(finding.state == .ok && finding.fix == nil, "\(finding)") }
    }

    @Test(arguments: [
        ("5.8.0", Finding.State.ok), ("5.10.1-rc2", .ok), ("7.0", .ok), ("5.7.19-generic", .advice),
        ("4.19.0", .advice),
    ])
    func aKernelThatHidesWhatADiskLost(_ release: String, _ state: Finding.State) throws {
        #expect(try findings(["/proc/sys/kernel/osrelease": release])["kernel"]?.state == state)
    }

    @Test(arguments: [("65536", Finding.State.problem), ("8388608", .advice), ("67108864", .ok), ("unlimited", .ok)])
    func theMemlockLimit(_ limit: String, _ state: Finding.State) throws {
        let limits = "Max core file size 0 0 bytes\nMax locked memory \(limit) unlimited bytes\n"
        let finding = try #require(try findings(["/proc/self/limits": limits])["locked memory"])
        #expect(finding.state == state)
        #expect((finding.fix != nil) == (state != .ok))
    }

    @Test func aPrivilegedProcessHasNoLimit() throws {
        let changes = [
            "/proc/self/limits": "Max locked memory 0 0 bytes\n", "/proc/self/status": "CapEff:\t0000000000004000\n",
        ]
        #expect(try findings(changes)["locked memory"]?.state == .ok)
    }

    @Test func coresThatAreOn() throws {
        let limits = "Max core file size 0 unlimited bytes\nMax locked memory unlimited unlimited bytes\n"
        let finding = try #require(try findings(["/proc/self/limits": limits])["core dumps"])
        #expect(finding.state == .problem && finding.fix?.contains("core_pattern") == true)
        let readable = try #require(try findings(isDumpable: true)["core dumps"])
        #expect(readable.state == .problem && readable.reading.contains("may read the memory"))
        let piped = try findings(["/proc/sys/kernel/core_pattern": "|/usr/lib/handler %p"])["core dumps"]
        #expect(piped?.state == .ok && piped?.reading.contains("handler") == true)
    }

    @Test(arguments: [
        ("/dev/sda2 partition 8 0 -2", Finding.State.advice), ("/dev/dm-1 partition 8 0 -2", .ok),
        ("/dev/zram0 partition 8 0 5", .ok), ("/swapfile file 8 0 -2", .ok), ("", .ok),
    ])
    func swap(_ line: String, _ state: Finding.State) throws {
        // The file lies on the encrypted disk.
        let finding = try #require(try findings(["/proc/swaps": "Filename Type Size Used Priority\n" + line])["swap"])
        #expect(finding.state == state)
        if state != .ok { #expect(finding.fix?.hasPrefix("swapoff /dev/sda2") == true) }
    }

    @Test func disksThatAreNotEncrypted() throws {
        // One of two devices below is not.
        let findings = try findings(["/sys/dev/block/253:0/slaves/sdb/dev": "8:16"])
        #expect(findings["disk of the home"]?.state == .advice && findings["swap"]?.state == .ok)
        let plain = try self.findings(["/sys/dev/block/253:0/slaves/dm-2/dev": nil])
        #expect(plain["disk of the blob"]?.state == .advice)
    }

    @Test func filesThatOthersMayRead() throws {
        let finding = try #require(try findings(mode: 0o640)["files of the home"])
        #expect(finding.state == .problem)
        #expect(finding.reading.contains("state/store") && finding.fix?.contains("chmod") == true)
    }

    @Test func pagesForTheBlob() throws {
        let free = "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"
        let large = try #require(try findings([free: "4"], blob: 9 << 20)["huge pages"])
        #expect(large.state == .advice && large.fix?.contains("vm.nr_hugepages = 6'") == true)
        let never = try findings(["/sys/kernel/mm/transparent_hugepage/enabled": "always madvise [never]"])
        #expect(never["transparent huge pages"]?.fix == "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled")
        let nodes = try findings(["/sys/devices/system/node/node1/cpulist": "2-3"])["NUMA"]
        #expect(nodes?.reading.contains("node0, node1") == true)
    }

    @Test func clockAndKeyring() throws {
        #expect(try findings(clock: false)["clock"]?.fix == "timedatectl set-ntp true")
        #expect(try findings(clock: nil)["clock"]?.state == .unknown)
        #expect(try findings(["/proc/sys/kernel/keys/maxkeys": nil])["keyring"]?.state == .advice)
    }

    @Test func anUnreadableMachineIsUnknownAndNoProblem() throws {
        let nothing = Self.healthy.mapValues { _ in String?.none }
        for finding in try findings(nothing).values { #expect(finding.state != .problem, "\(finding)") }
    }

    @Test func theProgramSaysWhatItFoundAndHowBad() throws {
        let program = try Program()
        _ = try program.run(["init", "--home", "h"])
        let outcome = try program.run(["doctor", "--home", "h", "--json"])
        let checks = outcome.events.filter { $0["event"] as? String == "check" }
        #expect(checks.count == 12)
        let problems = checks.filter { $0["state"] as? String == "problem" }
        #expect(outcome.code == (problems.isEmpty ? 0 : 20))
        #expect(try program.run(["doctor", "--home", "h"]).output.contains("locked memory"))
        let file = try #require(
            FileManager.default.contentsOfDirectory(atPath: program.folder + "/h/state").first { $0 != "seeds" })
        chmod(program.folder + "/h/state/" + file, 0o644)
        #expect(try program.run(["doctor", "--home", "h", "--json"]).code == 20)
    }

    @Test(.enabled(if: RefusedCall.isPossible))
    func whatTheKernelRefusesKeepsTheRestFromNothing() throws {
        let program = try Program()
        let outcome = try program.run(
            ["doctor", "--home", "h", "--json"],
            through: ["prlimit", "--core=0:unlimited"] + RefusedCall.limitOfCores.starter)
        #expect(outcome.code == 20)
        #expect(outcome.error.contains("packetfs: warning: not all that keeps memory out of core dumps"))
        let check = try #require(outcome.events.first { $0["subject"] as? String == "core dumps" })
        let reading = try #require(check["reading"] as? String)
        #expect(reading.contains("the limit could not be set to 0") && !reading.contains("may read the memory"))
    }

    /// A process without the right to lock memory, and without a limit that allows some.
    @Test(.enabled(if: geteuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0))
    func nothingSecretIsTouchedWithoutLockedMemory() throws {
        let poor = ["setpriv", "--bounding-set=-ipc_lock", "prlimit", "--memlock=0:0"]
        let program = try Program()
        _ = try program.run(["init", "--home", "h"])
        for arguments in [
            ["peer", "new", "x", "--export", "seed", "--home", "h"],
            ["pad", "create", "p", "--size", "1M", "--source", "system"],
        ] {
            let refused = try program.run(arguments + ["--json"], through: poor)
            #expect(refused.code == 13)
            #expect(
                refused.events.last?["hint"] as? String
                    == "packetfs doctor says how to raise it; --allow-secrets-in-swap does without")
            #expect(try program.run(arguments + ["--allow-secrets-in-swap"], through: poor).code == 0)
        }
        #expect(try program.run(["doctor", "--home", "h", "--json"], through: poor).code == 20)
    }
}
