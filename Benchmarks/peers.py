#!/usr/bin/env python3
"""Everybody side by side on the open pairs, and docs/BENCHMARKS.md from it. See README.md in this folder."""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import ROOT, contestants, corpora, machine, ours, page, processes, results, standing, tools  # noqa: E402

import packetfs_pair as pair  # noqa: E402

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "packetfs-bench"
LINKS = (("1M", "600ms"), ("1M", "40ms"), ("10M", "40ms"), ("100M", "40ms"))


class Meeting:
    """One run: what is there already is not measured again."""

    def __init__(self, binary, options):
        self.options, self.binary = options, binary
        self.tools = tools.Tools(options.tools)
        self.results = results.Results(options.results)
        if not options.no_install:
            self.tools.install()
        self.field = [each for each in contestants.field(binary) if self.is_there(each)]
        self.versions = {
            program: self.version(program) for program in dict.fromkeys(each.program for each in self.field)
        }

    def is_there(self, contestant):
        return contestant.program == "packetfs" or self.tools.has(contestant.program)

    def version(self, program):
        return ours.version(self.binary) if program == "packetfs" else self.tools.version(program)

    def run(self):
        self.results.machine = machine.describe(self.binary)
        for folder in self.pairs():
            for contestant in self.field:
                if self.is_wanted(contestant):
                    self.measure(folder, contestant)
        self.measure_links()

    def pairs(self):
        options = self.options
        names = options.pairs or (list(corpora.SMALL) if options.quick else list(corpora.PAIRS))
        options.corpora.mkdir(parents=True, exist_ok=True)
        corpora.fetch(options.corpora, names)
        return corpora.pairs(options.corpora, names)

    def is_wanted(self, contestant):
        named = self.options.peers
        return contestant.name.startswith(tuple(named)) if named else not (self.options.quick and contestant.is_slow)

    def measure(self, folder, contestant):
        place = folder.name, contestant.form, contestant.name, self.versions[contestant.program]
        if self.results.row(*place):
            return
        old, new = corpora.sides(folder, contestant.form)
        with tempfile.TemporaryDirectory(prefix="packetfs-peers-", dir=self.options.ram_disk) as work:
            try:
                figures = contestant.measure(old, new, pathlib.Path(work), self.tools)
                told = f"{figures.bytes:,} bytes, {figures.seconds:.1f} s"
            except (processes.Failed, subprocess.TimeoutExpired) as failure:
                figures = told = str(failure)
        print(f"{folder.name} ({contestant.form}), {contestant.name}: {told}", file=sys.stderr, flush=True)
        self.results.keep(*place, figures)

    def measure_links(self):
        """One pair over links of several rates, as a tar, beside rsync over ssh."""
        folder = self.options.corpora / self.options.link_pair
        if not (folder / "new.tar").is_file():
            return
        for rate, rtt in LINKS:
            if not self.results.link(folder.name, rate, rtt, self.versions["packetfs"]):
                rows = self.over_link(folder, rate, rtt)
                self.results.keep_link(folder.name, rate, rtt, self.versions["packetfs"], rows)

    def over_link(self, folder, rate, rtt):
        print(f"{folder.name} over {rate}bit/s, {rtt}", file=sys.stderr, flush=True)
        with tempfile.NamedTemporaryFile(suffix=".json") as output:
            processes.run([
                ROOT / "scripts" / "bench-link", *corpora.sides(folder, "tar"), "--rate", rate, "--rtt", rtt,
                "--binary", self.binary, "--ram-disk", self.options.ram_disk, "--output", output.name,
            ])
            return json.load(output)["rows"]

    def write_page(self):
        """From all that was ever measured and still holds."""
        folders = corpora.pairs(self.options.corpora)
        rows = {}
        for folder in folders:
            for each in self.field:
                if row := self.results.row(folder.name, each.form, each.name, self.versions[each.program]):
                    rows[folder.name, each.form, each.name] = row
        pairs = [folder.name for folder in folders if any(key[0] == folder.name for key in rows)]
        sizes = {
            (folder.name, form): pair.size_of(corpora.sides(folder, form)[1])[1]
            for folder in folders for form in corpora.FORMS
        }
        whole = standing.Standing(rows, pairs, sizes)
        page.Page(whole, self.field, self.versions, self.kept_links(), self.results.machine).write(ROOT)

    def kept_links(self):
        name, version = self.options.link_pair, self.versions["packetfs"]
        kept = [self.results.link(name, rate, rtt, version) or [] for rate, rtt in LINKS]
        return [row | {"pair": name} for rows in kept for row in rows]


def arguments():
    def names(text):
        return text.split(",")

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=names, help="only these, separated by commas")
    parser.add_argument("--peers", type=names, help="only those whose names begin so, separated by commas")
    parser.add_argument("--quick", action="store_true", help="small pairs and fast peers only")
    parser.add_argument("--link-pair", default="cryptography", help="the pair for slow links (cryptography)")
    parser.add_argument("--corpora", type=pathlib.Path, default=CACHE / "corpora", help="folder of the pairs")
    parser.add_argument("--tools", type=pathlib.Path, default=CACHE / "tools", help="folder of tools from pip")
    parser.add_argument("--results", type=pathlib.Path, default=CACHE / "results.json", help="file of figures")
    parser.add_argument("--no-install", action="store_true", help="only tools that are there take part")
    parser.add_argument("--binary", help="the packetfs to measure; else PACKETFS_BIN, else a release build")
    parser.add_argument("--ram-disk", type=pathlib.Path, default="/dev/shm", help="folder to work in (/dev/shm)")
    options = parser.parse_args()
    for name in ("corpora", "tools", "results"):
        setattr(options, name, getattr(options, name).absolute())
    return options


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ["TMPDIR"] = str(options.ram_disk)
    if options.binary:
        os.environ["PACKETFS_BIN"] = options.binary
    try:
        meeting = Meeting(pair.build_release(), options)
        meeting.run()
        meeting.write_page()
    except (processes.Failed, pair.CommandFailed) as failure:
        print(f"peers: {failure}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
