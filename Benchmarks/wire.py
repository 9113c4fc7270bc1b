#!/usr/bin/env python3
"""Bytes on the wire from one release to the next, beside rsync with zstd. See README.md in this folder."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import corpora, ours, processes, report, rsync  # noqa: E402

import packetfs_pair as pair  # noqa: E402


def measure(options):
    binary = pair.build_release()
    rows = []
    for folder in corpora.pairs(pathlib.Path(options.corpora), options.pairs):
        for form in options.forms:
            old, new = corpora.sides(folder, form)
            with tempfile.TemporaryDirectory(prefix="packetfs-wire-", dir=options.ram_disk) as work:
                theirs, _ = rsync.transfer(old, new, pathlib.Path(work))
            os.environ["TMPDIR"] = options.ram_disk
            row = ours.session(binary, old, new, "--effort", "max")
            row |= {"pair": folder.name, "form": form, "rsync_bytes": theirs}
            rows.append(row)
            print(f"{folder.name} ({form}): {row['session_bytes']:,}, rsync {theirs:,}", file=sys.stderr, flush=True)
    return rows


def printed(rows):
    lines = [
        [
            row["pair"], row["form"], f"{row['new_bytes']:,}", f"{row['session_bytes']:,}", f"{row['sealed_bytes']:,}",
            f"{row['rsync_bytes']:,}", f"{row['session_bytes'] / row['rsync_bytes']:.3f}",
            f"{row['plan_seconds']:.2f}", f"{row['total_seconds']:.2f}",
        ]
        for row in rows
    ]
    header = ["pair", "form", "bytes", "packetfs", "of it data plane", "rsync -z", "ratio", "plan s", "total s"]
    return report.table(header, lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", help="folder of pairs: NAME/old, NAME/new, NAME/old.tar, NAME/new.tar")
    parser.add_argument("--binary", help="the packetfs to measure; else PACKETFS_BIN, else a release build")
    parser.add_argument("--pairs", type=lambda text: text.split(","), help="only these, separated by commas")
    parser.add_argument("--forms", type=lambda text: text.split(","), default=corpora.FORMS, help="tree, tar or both")
    parser.add_argument("--ram-disk", default="/dev/shm", help="folder to work in (/dev/shm)")
    parser.add_argument("--output", help="file for the rows, as JSON")
    options = parser.parse_args()
    if options.binary:
        os.environ["PACKETFS_BIN"] = options.binary
    try:
        rows = measure(options)
    except (processes.Failed, pair.CommandFailed, subprocess.SubprocessError) as failure:
        print(f"wire: {failure}", file=sys.stderr)
        return 2
    if options.output:
        pathlib.Path(options.output).write_text(json.dumps(rows, indent=1) + "\n")
    print(printed(rows))
    behind = [f"{row['pair']} ({row['form']})" for row in rows if row["session_bytes"] >= row["rsync_bytes"]]
    if behind:
        print(f"wire: not below rsync: {', '.join(behind)}", file=sys.stderr)
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main())
