#!/usr/bin/env python3
"""Seconds that a transfer takes over a slow link, beside rsync over ssh. See README.md in this folder."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import homes, link, machine, processes, report, ssh  # noqa: E402

import packetfs_pair as pair  # noqa: E402

PLAIN_BYTES = 100_000
TCP_ROUND_TRIPS = 1  # its handshake, which nobody can do without
MOST_ROUND_TRIPS = 3  # that a session of ours may take beside that and its bytes


class Course:
    """One link, and the same change sent over it by each contestant. OLD is there beforehand."""

    def __init__(self, binary, work, options):
        self.binary, self.work, self.options = binary, work, options
        self.target = work / "target"
        self.is_folder = os.path.isdir(options.new)
        self.rows = []

    def run(self):
        plain = link.plain_transfer(PLAIN_BYTES, self.options.rate, self.options.rtt)
        self.keep("plain socket", plain)
        for _ in range(self.options.rounds):
            self.packetfs()
            self.rsync()

    def packetfs(self):
        self.clear()
        options = ["--padding", self.options.padding, *(["--delete"] if self.is_folder else [])]
        with homes.Homes(self.binary, self.work / "homes", self.target, *options[:2]) as ends:
            if self.options.old:
                ends.send(self.named(self.options.old), "payload", *options)

            def send(slow):
                ends.sender.run("peer", "set", "receiver", "--address", slow.address)
                return ends.send(self.named(self.options.new), "payload", *options)[0]

            self.keep("packetfs", self.through(ends.serving.address, send))

    def rsync(self):
        self.clear()
        if self.options.old:
            subprocess.run(["cp", "-a", self.options.old, self.target / "payload"], check=True)
        server = ssh.Server(self.work / "ssh")
        options = ["-z", "--zc=zstd", *(["-c", "--delete"] if self.is_folder else ["-I"])]

        def send(slow):
            begin = time.monotonic()
            server.rsync(self.named(self.options.new), self.target / "payload", *options, port=slow.port)
            return time.monotonic() - begin

        try:
            self.keep("rsync over ssh", self.through(f"127.0.0.1:{server.port}", send))
        finally:
            server.stop()
            shutil.rmtree(self.work / "ssh")

    def through(self, address, send):
        passage = link.through(address, self.options.rate, self.options.rtt, send)
        if not pair.same_trees(self.options.new, self.target / "payload"):
            raise processes.Failed("the result differs from the source")
        return passage

    def named(self, path):
        return f"{path}/" if self.is_folder else path

    def clear(self):
        shutil.rmtree(self.target, ignore_errors=True)
        self.target.mkdir()

    def keep(self, contestant, passage):
        rate, rtt = self.options.rate, self.options.rtt
        row = {
            "contestant": contestant, "rate": rate, "rtt": rtt, "seconds": round(passage.seconds, 3),
            "up_bytes": passage.up, "down_bytes": passage.down,
            "least_seconds": round(passage.least_seconds(rate), 3),
            "round_trips": round(passage.round_trips(rate, rtt), 2),
        }
        self.rows.append(row)
        print(f"{contestant}: {passage.seconds:.3f} s", file=sys.stderr, flush=True)


def printed(rows):
    header = ["contestant", "bytes up", "bytes down", "seconds", "bytes / rate", "round trips beside"]
    return report.table(header, [
        [
            row["contestant"], f"{row['up_bytes']:,}", f"{row['down_bytes']:,}", f"{row['seconds']:.3f}",
            f"{row['least_seconds']:.3f}", f"{row['round_trips']:.2f}",
        ]
        for row in rows
    ])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", nargs="?", help="what the receiver has already; left out: nothing")
    parser.add_argument("new", help="what is sent: a file or a folder, as OLD is")
    parser.add_argument("--rate", type=link.bits_per_second, default="1M", help="bits a second, each way (1M)")
    parser.add_argument("--rtt", type=link.seconds, default="600ms", help="the round trip (600ms)")
    parser.add_argument("--rounds", type=int, default=1, help="how often each contestant runs (1)")
    parser.add_argument("--padding", default="none", help="ours: none or padme (none)")
    parser.add_argument("--binary", help="the packetfs to measure; else PACKETFS_BIN, else a release build")
    parser.add_argument("--ram-disk", default="/dev/shm", help="folder to work in (/dev/shm)")
    parser.add_argument("--output", help="file for the rows, as JSON")
    parser.add_argument("--strict", action="store_true", help="end with 1 if we take more round trips than allowed")
    options = parser.parse_args()
    options.old, options.new = (os.path.abspath(path) if path else None for path in (options.old, options.new))
    for path in filter(None, (options.old, options.new)):
        if not os.path.exists(path) or os.path.isdir(path) != os.path.isdir(options.new):
            parser.error("OLD and NEW must be two files or two folders")
    return options


def measure(options):
    if options.binary:
        os.environ["PACKETFS_BIN"] = options.binary
    binary = pair.build_release()
    with tempfile.TemporaryDirectory(prefix="packetfs-link-", dir=options.ram_disk) as work:
        course = Course(binary, pathlib.Path(work), options)
        course.run()
    return {"machine": machine.describe(binary), "rows": course.rows}


def main():
    options = arguments()
    try:
        result = measure(options)
    except (processes.Failed, pair.CommandFailed, OSError) as failure:
        print(f"link: {failure}", file=sys.stderr)
        return 2
    if options.output:
        pathlib.Path(options.output).write_text(json.dumps(result, indent=1) + "\n")
    print(printed(result["rows"]))
    ours = max(row["round_trips"] for row in result["rows"] if row["contestant"] == "packetfs") - TCP_ROUND_TRIPS
    print(f"\npacketfs: {ours:.2f} round trips beside its bytes and TCP's handshake, {MOST_ROUND_TRIPS} at most")
    return 1 if options.strict and ours > MOST_ROUND_TRIPS else 0


if __name__ == "__main__":
    sys.exit(main())
