#!/usr/bin/env python3
"""What one more version costs when the blob has many, beside when it has the last one alone; and once its files stand
elsewhere. See README.md in this folder."""

import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import corpora, machine, processes, report  # noqa: E402

import packetfs_pair as pair  # noqa: E402

PACKAGE = "urllib3"
VERSIONS = "2.0.3,2.0.4,2.0.5,2.0.6,2.0.7,2.1.0,2.2.0,2.2.1,2.2.2,2.2.3,2.3.0"
MOST = 1.01  # times what it costs with the last version alone
SLACK = 64  # bytes: tags and addresses vary by so many


def fetch(package, versions, work):
    """One tree for each version, ascending."""
    trees = []
    for version in versions:
        release = corpora.Release("wheel", package, version)
        trees.append(work / version)
        release.unpack(release.fetch(work / f".{version}"), trees[-1])
        corpora.level(trees[-1])
    return trees


def moved(tree, target):
    """The same files, each in a folder and under a name that it never had."""
    files = sorted(path for path in tree.rglob("*") if path.is_file())
    for number, path in enumerate(files):
        place = target / f"part{number % 7}" / f"item{len(files) - number}"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)
    corpora.level(target)
    return target


def cost(binary, trees, work, options):
    """Sealed bytes of the last of the trees, each sent to a place of its own between two fresh homes."""
    destination = work / "destination"
    destination.mkdir()
    sender, receiver = pair.make_pair(binary, work / "homes", destination)
    with pair.Serving(receiver, "--padding", "none") as serving:
        sender.run("peer", "set", "receiver", "--address", serving.address)
        for number, tree in enumerate(trees):
            summary = sender.transfer("send", f"{tree}/", f"receiver:{number}", "--padding", "none", *options)
            if not pair.same_trees(tree, destination / str(number)):
                raise processes.Failed(f"{tree.name} did not arrive as it is")
    shutil.rmtree(destination)
    shutil.rmtree(work / "homes")
    return summary["data_plane_bytes"]


def measure(binary, options, work):
    trees = fetch(options.package, options.versions, work)
    elsewhere = moved(trees[-1], work / "moved")
    sealed = ["--effort", options.effort]
    (work / "homes").mkdir()
    rows = {}
    for name, sent in [
        ("with the last version alone", trees[-2:]), (f"with {len(trees) - 1} versions", trees),
        ("with itself, its files elsewhere", [trees[-1], elsewhere]), ("with nothing", trees[-1:]),
    ]:
        (work / "homes").mkdir(exist_ok=True)
        rows[name] = cost(binary, sent, work, sealed)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", default=PACKAGE, help=f"package of PyPI ({PACKAGE})")
    parser.add_argument("--versions", type=lambda text: text.split(","), default=VERSIONS, help="ascending, by commas")
    parser.add_argument("--effort", default="auto", help="fast, auto or max (auto)")
    parser.add_argument("--binary", help="the packetfs to measure; else PACKETFS_BIN, else a release build")
    parser.add_argument("--output", type=pathlib.Path, help="file for the figures, as JSON")
    parser.add_argument("--strict", action="store_true", help="end with 1 if more versions cost more")
    options = parser.parse_args()
    if options.binary:
        os.environ["PACKETFS_BIN"] = options.binary
    try:
        binary = pair.build_release()
        with tempfile.TemporaryDirectory(prefix="packetfs-versions-") as work:
            rows = measure(binary, options, pathlib.Path(work))
    except (processes.Failed, pair.CommandFailed) as failure:
        print(f"versions: {failure}", file=sys.stderr)
        return 2
    if options.output:
        options.output.write_text(json.dumps({"machine": machine.describe(binary), "rows": rows}, indent=1) + "\n")
    print(report.table([f"{options.package} {options.versions[-1]}", "sealed bytes"], [
        [name, f"{count:,}"] for name, count in rows.items()
    ]))
    alone, many, *_ = rows.values()
    return 1 if options.strict and many > alone * MOST + SLACK else 0


if __name__ == "__main__":
    sys.exit(main())
