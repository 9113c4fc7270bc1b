#!/usr/bin/env python3
"""Indexing, planning and rebuilding by themselves, on one core, beside memcpy and zstd --patch-from, for each effort. See
README.md in this folder."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import contestants, corpora, machine, processes, report  # noqa: E402

import packetfs_pair as pair  # noqa: E402

LEAST_INDEXING, LEAST_PLANNING, LEAST_DECODING, MOST_INDEX = 300e6, 300e6, 0.4, 0.05
LEAST_INDEX = 4096  # bytes that an index may always have


def stages(binary, old, new, rounds, effort, work):
    """What packetfs-stages prints, with medians for its rates."""
    used = processes.measured([binary, old, new, work, rounds, effort])
    told = json.loads(used.output)
    return {name: statistics.median(value) if isinstance(value, list) else value for name, value in told.items()}


def zstd_rate(old, new, rounds, work):
    """Bytes of NEW for each second of the processor that zstd -3 --patch-from takes."""
    contestant = contestants.zstd("-3")
    seconds = [contestant.encoding(old, new, work).processor_seconds for _ in range(rounds)]
    return new.stat().st_size / statistics.median(seconds)


def measure(binary, folder, options):
    old, new = corpora.sides(folder, "tar")
    with tempfile.TemporaryDirectory(prefix="packetfs-stages-", dir=options.ram_disk) as work:
        zstd = zstd_rate(old, new, options.rounds, pathlib.Path(work))
        for effort in options.efforts:
            row = stages(binary, old, new, options.rounds, effort, pathlib.Path(work))
            yield row | {"pair": folder.name, "effort": effort, "zstd": zstd}
    print(f"{folder.name}: done", file=sys.stderr, flush=True)


def printed(rows):
    header = [
        "pair", "effort", "index MB/s", "index / blob", "plan MB/s", "zstd -3 MB/s", "plan bytes", "memcpy MB/s",
        "decode MB/s", "decode / memcpy", "resident MB/s", "resident / memcpy", "to file MB/s", "write MB/s",
    ]
    return report.table(header, [
        [
            row["pair"], row["effort"], f"{row['indexing'] / 1e6:,.0f}",
            f"{100 * row['index_bytes'] / row['log_bytes']:.2f} %", f"{row['planning'] / 1e6:,.0f}", f"{row['zstd'] / 1e6:,.0f}", f"{row['record_bytes']:,}",
            f"{row['copying'] / 1e6:,.0f}",
            f"{row['decoding'] / 1e6:,.0f}", f"{row['decoding'] / row['copying']:.2f}",
            f"{row['decoding_resident'] / 1e6:,.0f}", f"{row['decoding_resident'] / row['copying']:.2f}",
            f"{row['rebuilding'] / 1e6:,.0f}", f"{row['writing'] / 1e6:,.0f}",
        ]
        for row in rows
    ])


def missed(row):
    """What a pair falls short of."""
    if row["indexing"] < LEAST_INDEXING:
        yield "indexing is slower than 300 MB/s"
    if row["index_bytes"] > max(LEAST_INDEX, MOST_INDEX * row["log_bytes"]):
        yield "the index is larger than 5% of the blob"
    if row["effort"] == "fast" and row["planning"] < row["zstd"]:
        yield "planning is slower than zstd -3 --patch-from"
    if row["effort"] == "fast" and row["planning"] < LEAST_PLANNING:
        yield "planning is slower than 300 MB/s"
    if row["decoding"] < LEAST_DECODING * row["copying"]:
        yield "rebuilding in memory is slower than 0.4 of memcpy"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=pathlib.Path, help="folder of pairs: NAME/old.tar, NAME/new.tar")
    parser.add_argument("--pairs", type=lambda text: text.split(","), help="only these, separated by commas")
    parser.add_argument(
        "--efforts", type=lambda text: text.split(","), default=contestants.EFFORTS, help="fast, max or both")
    parser.add_argument("--rounds", type=int, default=5, help="how often each stage runs; medians count (5)")
    parser.add_argument("--binary", type=pathlib.Path, help="packetfs-stages; else a release build of it")
    parser.add_argument("--ram-disk", default="/dev/shm", help="folder to work in (/dev/shm)")
    parser.add_argument("--output", type=pathlib.Path, help="file for the rows, as JSON")
    parser.add_argument("--strict", action="store_true", help="end with 1 if a target is missed")
    options = parser.parse_args()
    try:
        binary = options.binary or pair.build_product("packetfs-stages")
        folders = corpora.pairs(options.corpora, options.pairs)
        rows = [row for folder in folders for row in measure(binary, folder, options)]
    except (processes.Failed, pair.CommandFailed, subprocess.SubprocessError) as failure:
        print(f"stages: {failure}", file=sys.stderr)
        return 2
    if options.output:
        options.output.write_text(json.dumps(rows, indent=1) + "\n")
    print(f"processor {machine.describe(binary)['processor']}\n\n{printed(rows)}")
    short = [f"{row['pair']}, {row['effort']}: {why}" for row in rows for why in missed(row)]
    print("\n".join(["", *short]) if short else "\nEvery target is met.")
    return 1 if options.strict and short else 0


if __name__ == "__main__":
    sys.exit(main())
