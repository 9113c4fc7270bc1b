#!/usr/bin/env python3
"""Memory of both processes, and the index's share, while the blob grows. See README.md in this folder."""

import argparse
import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import homes, inputs, machine, processes, report  # noqa: E402

import packetfs_pair as pair  # noqa: E402

GIBIBYTE = 1 << 30


def grow(binary, work, sizes, piece):
    """Sends random files of `piece` bytes until the blob has each of the sizes; one row for each."""
    source, target = work / "source.bin", work / "target"
    target.mkdir()
    rows, blob = [], 0
    with homes.Homes(binary, work / "homes", target) as ends:
        while sizes:
            inputs.make_file(source, piece)
            seconds, sender, receiver = ends.send(source, "file")
            blob += piece
            print(f"{blob / GIBIBYTE:g} GiB: {seconds:.1f} s", file=sys.stderr, flush=True)
            if blob < sizes[0]:
                continue
            sizes = [size for size in sizes if size > blob]
            rows.append({
                "blob_bytes": blob, "seconds": round(seconds, 3), "sender_bytes": sender, "receiver_bytes": receiver,
                "index_bytes": index_bytes(ends.sender.folder),
            })
    return rows


def index_bytes(home):
    """Bytes on disk of the sender's index: its file has holes until it is full."""
    return sum(path.stat().st_blocks * 512 for path in home.rglob("*index*") if path.is_file())


def printed(rows):
    return report.table(["blob GiB", "index / blob", "sender MB", "receiver MB", "s for the last piece"], [
        [
            f"{row['blob_bytes'] / GIBIBYTE:g}", f"{100 * row['index_bytes'] / row['blob_bytes']:.2f} %",
            f"{row['sender_bytes'] / 1e6:.0f}", f"{row['receiver_bytes'] / 1e6:.0f}", f"{row['seconds']:.1f}",
        ]
        for row in rows
    ])


def main():
    def sizes(text):
        return sorted(int(float(each) * GIBIBYTE) for each in text.split(","))

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gibibytes", type=sizes, default="1,4", help="sizes of the blob, such as 1,4,16 (1,4)")
    parser.add_argument("--piece", type=float, default=1, help="GiB that each transfer adds (1)")
    parser.add_argument("--binary", help="the packetfs to measure; else PACKETFS_BIN, else a release build")
    parser.add_argument("--folder", help="folder with room for twice the blob and two pieces (the temporary one)")
    parser.add_argument("--output", type=pathlib.Path, help="file for the rows, as JSON")
    options = parser.parse_args()
    if options.binary:
        os.environ["PACKETFS_BIN"] = options.binary
    try:
        binary = pair.build_release()
        with tempfile.TemporaryDirectory(prefix="packetfs-growth-", dir=options.folder) as work:
            rows = grow(binary, pathlib.Path(work), options.gibibytes, int(options.piece * GIBIBYTE))
    except (processes.Failed, pair.CommandFailed) as failure:
        print(f"growth: {failure}", file=sys.stderr)
        return 2
    if options.output:
        options.output.write_text(json.dumps({"machine": machine.describe(binary), "rows": rows}, indent=1) + "\n")
    print(printed(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
