"""The demonstration that scripts/demo starts."""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import packetfs_pair as pair

SMALLEST, LARGEST = 100 << 20, 400 << 20
COLUMNS = ("step", "files", "bytes", "wire bytes", "ratio", "seconds", "repaired", "identical")


def toolchain_tree():
    """The folder of the Swift toolchain with the most files, of those of a bounded size: every machine that can build
    this has one."""
    info = subprocess.run(["swift", "-print-target-info"], check=True, stdout=subprocess.PIPE, text=True)
    resources = pathlib.Path(json.loads(info.stdout)["paths"]["runtimeResourcePath"])
    folders = [folder for parent in (resources, resources.parent) for folder in parent.iterdir() if folder.is_dir()]
    sizes = {folder: pair.size_of(folder) for folder in sorted(folders)}
    fitting = [folder for folder in sizes if SMALLEST <= sizes[folder][1] <= LARGEST]
    if not fitting:
        sys.exit("demo: the Swift toolchain has no folder of 100 to 400 MiB")
    return max(fitting, key=lambda folder: sizes[folder][0])


def copy_of(tree, work):
    """A copy with its links, modes and times, which can be changed."""
    copy = work / "tree"
    subprocess.run(["cp", "-a", "--", str(tree), str(copy)], check=True)
    subprocess.run(["chmod", "-R", "u+w", "--", str(copy)], check=True)
    return copy


def change(tree):
    """Edits, renames, deletes, and inserts in the middle of the largest file."""
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    by_size = sorted(files, key=lambda path: path.stat().st_size)
    edited, renamed, deleted, largest = by_size[len(files) // 2], by_size[-2], by_size[len(files) // 3], by_size[-1]
    with edited.open("ab") as file:
        file.write(b"\nedited by the demonstration\n")
    renamed.rename(renamed.with_name("renamed-" + renamed.name))
    deleted.unlink()
    content = largest.read_bytes()
    middle = len(content) // 2 + 17
    largest.write_bytes(content[:middle] + random.Random(1).randbytes(5000) + content[middle:])


def damage(receiver):
    """Overwrites 40 places of the receiver's blob, and returns how many."""
    logs = sorted(receiver.folder.joinpath("data").rglob("*"), key=lambda path: path.lstat().st_blocks)
    log = [path for path in logs if path.is_file()][-1]
    spots = random.Random(2)
    size = log.stat().st_blocks * 512
    with log.open("r+b") as file:
        for _ in range(40):
            file.seek(spots.randrange(max(1, size - 1000)))
            file.write(spots.randbytes(1000))
    return 40


def row(step, tree, summary, identical):
    files, size = pair.size_of(tree)
    ratio = f"{summary['wire_bytes'] / size * 100:.2f}%"
    seconds = f"{summary['wall_seconds']:.1f}"
    repaired = str(summary["leaves_repaired"])
    return (step, f"{files:,}", f"{size:,}", f"{summary['wire_bytes']:,}", ratio, seconds, repaired, identical)


def show(rows):
    rows = [COLUMNS, *((*row[:-1], "yes" if row[-1] else "NO") for row in rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for cells in rows:
        first = cells[0].ljust(widths[0])
        print("  ".join([first, *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))]))


def run(work):
    binary = pair.build_release()
    source = toolchain_tree()
    print(f"demo: the tree is a copy of {source}", flush=True)
    tree = copy_of(source, work)
    received = work / "received"
    received.mkdir()
    sender, receiver = pair.make_pair(binary, work, received)
    rows = []

    def move(step, name):
        print(f"demo: {step}", flush=True)
        summary = sender.transfer("send", "--delete", f"{tree}/", f"receiver:{name}")
        rows.append(row(step, tree, summary, pair.same_trees(tree, received / name)))

    with pair.Serving(receiver) as serving:
        sender.run("peer", "set", "receiver", "--address", serving.address)
        move("first transfer", "current")
        change(tree)
        move("changed tree", "current")
        print(f"demo: damaging {damage(receiver)} places of the receiver's blob", flush=True)
        move("new place, damaged blob", "second")
    print()
    show(rows)
    return all(row[-1] for row in rows)


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="packetfs demo "))
    try:
        return 0 if run(work) else 1
    except pair.CommandFailed as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
