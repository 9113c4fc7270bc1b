#!/usr/bin/env python3
"""How fast PacketFS moves files on this machine, beside other tools in the same run. See README.md in this folder."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import homes, inputs, machine, pipes, processes, report, ssh  # noqa: E402

import packetfs_pair as pair  # noqa: E402

MEBIBYTE = 1 << 20
# A transfer that learns writes the file, two logs, and indexes and buffers beside them.
WRITES = 4
FILE, OFFSETS = "large file, cold", "large file, offsets only"
SMALL, UNCHANGED = "small files", "small files, unchanged"


class Race:
    """The contestants, each run once per round, so that a noisy minute hits all of them alike."""

    def __init__(self, binary, work, options):
        self.binary, self.work, self.options = binary, work, options
        self.file, self.tree, self.target = work / "source.bin", work / "source", work / "target"
        self.rows = []
        self.server = ssh.Server(work / "ssh")
        self.tls = pipes.TLS(work / "tls")

    def prepare(self):
        inputs.make_file(self.file, self.options.mebibytes * MEBIBYTE)
        if self.options.tree:
            shutil.copytree(self.options.tree, self.tree, symlinks=True)
        else:
            inputs.make_tree(self.tree, self.options.files)
        self.tree_bytes = inputs.tree_size(self.tree)[1]

    def round(self, number):
        self.number = number
        if "file" in self.options.cases:
            self.large_file()
        if "tree" in self.options.cases:
            self.small_files()

    def large_file(self):
        self.packetfs_file()
        self.packetfs_file("--no-learn")
        contestants = [
            ("scp", self.server.scp_file), ("rsync over ssh", self.server.rsync_file),
            ("TLS pipe", self.tls.send_file), ("nc", pipes.Plain().send_file),
        ]
        for name, send in contestants:
            self.clear()
            self.measure(FILE, name, lambda: send(self.file, self.target / "file"), self.file, "file")
        self.clear()
        copy = ["dd", f"if={self.file}", f"of={self.target / 'file'}", "bs=1M"]
        self.measure(OFFSETS, "dd", lambda: processes.run(copy), self.file, "file")

    def packetfs_file(self, *options):
        self.clear()
        with homes.Homes(self.binary, self.work / "homes", self.target) as ends:
            name = " ".join(["packetfs", *options])
            send = lambda: ends.send(self.file, "file", *options)  # noqa: E731
            self.measure(FILE, name, send, self.file, "file", ends.server)
            if not options:
                again = lambda: ends.send(self.file, "second", "--offset-only")  # noqa: E731
                self.measure(OFFSETS, "packetfs --offset-only", again, self.file, "second", ends.server)

    def small_files(self):
        self.clear()
        with homes.Homes(self.binary, self.work / "homes", self.target) as ends:
            send = lambda: ends.send(f"{self.tree}/", "tree")  # noqa: E731
            for case in (SMALL, UNCHANGED):
                self.measure(case, "packetfs", send, self.tree, "tree", ends.server)
        self.clear()
        for case in (SMALL, UNCHANGED):
            send = self.server.rsync_tree
            self.measure(case, "rsync over ssh", lambda: send(self.tree, self.target / "tree"), self.tree, "tree")
        self.clear()
        send = self.tls.send_tree
        self.measure(SMALL, "tar in TLS", lambda: send(self.tree, self.target / "tree"), self.tree, "tree")

    def clear(self):
        shutil.rmtree(self.target, ignore_errors=True)
        self.target.mkdir()

    def measure(self, case, contestant, action, source, name, server=None):
        """Times one transfer, compares its result byte by byte, and keeps the row."""
        idle = machine.wait_until_quiet(self.options.quiet_wait)
        machine.warm(self.work / "warm", WRITES * (self.tree_bytes if source.is_dir() else source.stat().st_size))
        server = server or self.server.process
        used = processes.processor_seconds(server)
        begin = time.monotonic()
        measured = action()
        seconds, sender, receiver = measured or (time.monotonic() - begin, None, None)
        time.sleep(0.1)  # for servers to take leave of their children, whose time counts only then
        used = processes.processor_seconds(server) - used
        compare = ["diff", "-rq", "--no-dereference"] if source.is_dir() else ["cmp", "-s"]
        if subprocess.run([*compare, source, self.target / name], stdout=subprocess.DEVNULL).returncode != 0:
            raise processes.Failed(f"{contestant}, {case}: the result differs from the source")
        row = {
            "case": case, "contestant": contestant, "round": self.number,
            "bytes": self.tree_bytes if source.is_dir() else source.stat().st_size, "seconds": round(seconds, 4),
            "processor_seconds": round(used, 3), "sender_bytes": sender, "receiver_bytes": receiver,
            "idle_before": round(idle, 2),
        }
        self.rows.append(row)
        print(f"round {self.number + 1}: {case}: {contestant}: {seconds:.3f} s", file=sys.stderr, flush=True)


def cases(text):
    names = text.split(",")
    if unknown := [name for name in names if name not in ("file", "tree")]:
        raise argparse.ArgumentTypeError(f"no such case: {', '.join(unknown)}")
    return names


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", help="the packetfs to measure; else PACKETFS_BIN, else a release build")
    parser.add_argument("--quick", action="store_true", help="64 MiB, 2,000 files, one round: does it all still work?")
    parser.add_argument("--rounds", type=int, help="how often everything is run (5)")
    parser.add_argument("--mebibytes", type=int, help="size of the large file (1024)")
    parser.add_argument("--files", type=int, help="number of small files (20000)")
    parser.add_argument("--tree", help="a folder to send instead of the small files that are made")
    parser.add_argument("--cases", type=cases, default="file,tree", help="file, tree or both (file,tree)")
    parser.add_argument("--quiet-wait", type=float, default=10, help="longest wait for an idle machine (10 s)")
    parser.add_argument("--ram-disk", default="/dev/shm", help="folder to work in (/dev/shm)")
    parser.add_argument("--output", help="file for the raw rows, as JSON")
    parser.add_argument("--strict", action="store_true", help="end with 1 if a target is missed")
    options = parser.parse_args()
    defaults = (1, 64, 2_000) if options.quick else (5, 1024, 20_000)
    for name, default in zip(("rounds", "mebibytes", "files"), defaults):
        if getattr(options, name) is None:
            setattr(options, name, default)
    return options


def measure(options):
    if options.binary:
        os.environ["PACKETFS_BIN"] = options.binary
    binary = pair.build_release()
    with tempfile.TemporaryDirectory(prefix="packetfs-bench-", dir=options.ram_disk) as work:
        race = Race(binary, pathlib.Path(work), options)
        try:
            race.prepare()
            for number in range(options.rounds):
                race.round(number)
        finally:
            race.server.stop()
    return {"machine": machine.describe(binary), "rounds": options.rounds, "rows": race.rows}


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        result = measure(options)
    except (processes.Failed, pair.CommandFailed) as failure:
        print(f"speed: {failure}", file=sys.stderr)
        return 2
    if options.output:
        pathlib.Path(options.output).write_text(json.dumps(result, indent=1) + "\n")
    goals, all_met = report.targets(result["rows"])
    print(", ".join(f"{name} {value}" for name, value in result["machine"].items()))
    print(f"\n{report.medians(result['rows'])}\n\n{goals}")
    return 1 if options.strict and not all_met else 0


if __name__ == "__main__":
    sys.exit(main())
