#!/usr/bin/env python3
"""What pads cost on this machine: keystream mode beside the plain cipher suite, and sealing beside the limits of memory
and disk, in the same run. See README.md in this folder."""

import argparse
import ctypes
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import homes, inputs, machine, processes, report  # noqa: E402

import packetfs_pair as pair  # noqa: E402

MEBIBYTE = 1 << 20
MODES = [[], ["--protection", "stream-cipher"], ["--protection", "keystream", "--pad", "pad"]]
LEAST = 0.7  # of the plain suite's rate


class Race:
    def __init__(self, binary, work, options):
        self.binary, self.work, self.options = binary, work, options
        self.source, self.target = work / "source.bin", work / "target"
        self.size = options.mebibytes * MEBIBYTE
        self.rows = []
        inputs.make_file(self.source, self.size)

    def pads(self, sender, receiver=None):
        """A pad of which each half covers the source, for both ends."""
        names = [str(self.work / name) for name in ("whole", "one", "other")]
        size = 2 * (self.size + self.size // 5 + 4 * MEBIBYTE)
        sender.run("pad", "create", names[0], "--size", str(size), "--source", "system")
        sender.run("pad", "split", *names)
        sender.run("pad", "import", names[1], "--name", "pad")
        if receiver:
            receiver.run("pad", "import", names[2], "--name", "pad")
        else:
            os.unlink(names[2])

    def round(self, number):
        for mode in MODES:
            shutil.rmtree(self.target, ignore_errors=True)
            self.target.mkdir()
            with homes.Homes(self.binary, self.work / "homes", self.target) as ends:
                if "keystream" in mode:
                    self.pads(ends.sender, ends.receiver)
                used = processes.processor_seconds(ends.server)
                seconds = self.measure(lambda: ends.send(self.source, "file", *mode)[0])
                used = processes.processor_seconds(ends.server) - used
            self.compare(self.target / "file")
            self.note(number, mode[1] if mode else "aead", seconds, used)
        shutil.rmtree(self.target)
        self.seal(number)

    def seal(self, number):
        folder = self.work / "sealing"
        home = pair.Home(self.binary, folder)
        self.pads(home)
        message = str(self.work / "message")
        command = ("pad", "seal", str(self.source), "--pad", "pad", "--message", message)
        self.note(number, "pad seal", self.measure(lambda: self.timed(lambda: home.run(*command))))
        os.unlink(message)
        shutil.rmtree(folder)
        self.note(number, "write and sync", self.measure(lambda: self.timed(self.write)))
        self.note(number, "memcpy", self.measure(self.copy))

    def write(self):
        """What the disk takes of one such file."""
        piece = self.source.read_bytes()[: 4 * MEBIBYTE]
        with open(self.work / "written", "wb") as file:
            for _ in range(0, self.size, len(piece)):
                file.write(piece)
            os.fsync(file.fileno())
        os.unlink(self.work / "written")

    def copy(self):
        """What memory takes, over buffers that were touched before."""
        one, other = (ctypes.create_string_buffer(64 * MEBIBYTE) for _ in range(2))
        ctypes.memset(one, 1, len(one))
        ctypes.memset(other, 1, len(other))
        return self.timed(lambda: [ctypes.memmove(one, other, len(one)) for _ in range(0, self.size, len(one))])

    def timed(self, action):
        begin = time.monotonic()
        action()
        return time.monotonic() - begin

    def measure(self, action):
        machine.wait_until_quiet(self.options.quiet_wait)
        machine.warm(self.work / "warm", 3 * self.size)
        return action()

    def compare(self, arrived):
        if arrived.stat().st_size != self.size:
            raise processes.Failed("the result differs from the source")
        processes.run(["cmp", "-s", self.source, arrived])

    def note(self, number, name, seconds, used=None):
        self.rows.append({"round": number, "name": name, "seconds": seconds, "used": used})
        print(f"round {number + 1}: {name}: {seconds:.3f} s", file=sys.stderr, flush=True)


def show(rows, size):
    lines = []
    for name in dict.fromkeys(row["name"] for row in rows):
        group = [row for row in rows if row["name"] == name]
        seconds = statistics.median(row["seconds"] for row in group)
        used = "" if group[0]["used"] is None else f"{statistics.median(row['used'] for row in group):.2f}"
        lines.append([name, f"{seconds:.3f}", f"{size / seconds / 1e6:,.0f}", used])
    print(report.table(["what", "median s", "MB/s", "CPU s"], lines))


def ratio(rows):
    """Of the rates of keystream mode and the plain suite, the median over rounds."""
    taken = {(row["round"], row["name"]): row["seconds"] for row in rows}
    rounds = {row["round"] for row in rows}
    return statistics.median(taken[number, "aead"] / taken[number, "keystream"] for number in rounds)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", help="the packetfs to measure; else PACKETFS_BIN, else a release build")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is run (3)")
    parser.add_argument("--mebibytes", type=int, default=1024, help="size of the file (1024)")
    parser.add_argument("--quiet-wait", type=float, default=10, help="longest wait for an idle machine (10 s)")
    parser.add_argument("--folder", default="/dev/shm", help="folder to work in (/dev/shm)")
    parser.add_argument("--strict", action="store_true", help="end with 1 if the target is missed")
    return parser.parse_args()


def main():
    options = arguments()
    if options.binary:
        os.environ["PACKETFS_BIN"] = options.binary
    try:
        binary = pair.build_release()
        with tempfile.TemporaryDirectory(prefix="packetfs-pads-", dir=options.folder) as work:
            race = Race(binary, pathlib.Path(work), options)
            for number in range(options.rounds):
                race.round(number)
    except (processes.Failed, pair.CommandFailed) as failure:
        print(f"pads: {failure}", file=sys.stderr)
        return 2
    show(race.rows, race.size)
    found = ratio(race.rows)
    print(f"\nkeystream mode has {found:.2f} of the rate of the plain suite; target {LEAST}")
    return 1 if options.strict and found < LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
