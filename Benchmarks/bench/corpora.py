"""The open pairs: two releases each, as their projects published them, fetched by name and version."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys

from . import processes

MOMENT = 1_000_000_000  # all times of a pair: only contents tell old from new
PYTHON = [
    "--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "abi3", "--abi", "none",
    "--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_17_x86_64", "--platform", "manylinux2014_x86_64",
]


@dataclasses.dataclass(frozen=True)
class Release:
    """How to get one: `kind` is wheel, source (from pip) or deb (from apt, version in the package's name)."""

    kind: str
    package: str
    version: str

    def fetch(self, folder):
        """Downloads it and returns the archive."""
        folder.mkdir(parents=True)
        if self.kind == "deb":
            command = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", self.package % self.version]
        else:
            wheel = ["--only-binary=:all:", *PYTHON]
            form = wheel if self.kind == "wheel" else ["--no-binary=:all:"]
            pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
            command = [*pip, *form, "-d", ".", f"{self.package}=={self.version}"]
        processes.run(command, cwd=folder)
        return next(folder.iterdir())

    def unpack(self, archive, folder):
        folder.mkdir()
        if self.kind == "wheel":
            processes.run([sys.executable, "-m", "zipfile", "-e", archive, folder])
        elif self.kind == "source":
            processes.run(["tar", "-C", folder, "--strip-components=1", "--no-same-owner", "-xzf", archive])
        else:
            processes.run(["dpkg-deb", "-x", archive, folder])


PAIRS = {
    "tzdata": ("wheel", "tzdata", "2025.1", "2025.2"),
    "cryptography": ("wheel", "cryptography", "45.0.7", "46.0.0"),
    "awscli": ("wheel", "awscli", "1.40.0", "1.40.1"),
    "botocore": ("wheel", "botocore", "1.38.0", "1.38.1"),
    "django": ("wheel", "Django", "5.1.1", "5.1.2"),
    "numpy": ("wheel", "numpy", "2.2.0", "2.2.1"),
    "plotly": ("wheel", "plotly", "5.24.0", "5.24.1"),
    "grpcio-src": ("source", "grpcio", "1.66.1", "1.66.2"),
    "kernel-cloud": ("deb", "linux-image-6.1.0-%s-cloud-amd64", "54", "55"),
    "scipy": ("wheel", "scipy", "1.15.2", "1.15.3"),
}
SMALL = ("tzdata", "awscli")  # seconds each, with every peer


FORMS = ("tree", "tar")


def pairs(corpora, names=None):
    """The pairs in a folder, of these names if any, the smallest first: NAME/old and NAME/new as trees, NAME/old.tar
    and NAME/new.tar as files. At least one, and all that are named."""
    found = [path for path in corpora.glob("*") if (path / "old").is_dir() and (path / "new.tar").is_file()]
    chosen = [path for path in found if not names or path.name in names]
    missing = set(names or []) - {path.name for path in chosen}
    if missing or not chosen:
        raise processes.Failed(f"no pairs in {corpora}: {', '.join(sorted(missing)) or 'none at all'}")
    return sorted(chosen, key=lambda path: ((path / "new.tar").stat().st_size, path.name))


def sides(folder, form):
    return (folder / "old", folder / "new") if form == "tree" else (folder / "old.tar", folder / "new.tar")


def versions(name):
    """What is paired: package, old version and new version; of a pair that somebody else made, its name alone."""
    if name not in PAIRS:
        return name
    _, package, old, new = PAIRS[name]
    return f"{package.replace('-%s', '')} {old} to {new}"


def fetch(corpora, names):
    """Makes what is missing of the pairs of these names. A release that is not served any more is left out."""
    for name in names:
        folder = corpora / name
        if (folder / "new.tar").is_file() or name not in PAIRS:
            continue
        kind, package, *both = PAIRS[name]
        print(f"fetching {versions(name)}", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            for side, version in zip(("old", "new"), both):
                _make(Release(kind, package, version), folder, side)
        except processes.Failed as failure:
            print(f"{name} is left out: {failure}", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)


def _make(release, folder, side):
    """FOLDER/SIDE and FOLDER/SIDE.tar of a release."""
    archive = release.fetch(folder / f".{side}")
    tree = folder / side
    release.unpack(archive, tree)
    shutil.rmtree(folder / f".{side}")
    level(tree)
    processes.run([
        "tar", "--sort=name", "--format=gnu", f"--mtime=@{MOMENT}", "--owner=0", "--group=0", "--numeric-owner",
        "-C", tree, "-cf", folder / f".{side}.tar", ".",
    ])
    os.rename(folder / f".{side}.tar", folder / f"{side}.tar")


def level(tree):
    """Gives all entries one time, and modes that everybody can read."""
    for folder, names, files in os.walk(tree, topdown=False):
        for path in (pathlib.Path(folder) / name for name in files + names):
            _level_entry(path)
    _level_entry(tree)


def _level_entry(path):
    if not path.is_symlink():
        mode = path.stat().st_mode & 0o7777
        runs = path.is_dir() or mode & 0o111
        path.chmod(mode | (0o755 if runs else 0o644))
    os.utime(path, (MOMENT, MOMENT), follow_symlinks=False)
