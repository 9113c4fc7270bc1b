"""Who is measured side by side: each with its command lines, as they are run and as the page shows them."""

import collections
import dataclasses
import shlex

import packetfs_pair as pair

from . import ROOT, ours, processes, rsync

HELPER = ROOT / "Benchmarks" / "bench" / "hdiffpatch_files.py"


@dataclasses.dataclass(frozen=True)
class Figures:
    """One contestant on one pair. Seconds by the clock are those of both ends, one after the other for patches.
    `parts` has what else is told: of ours, the sealed bytes of the data plane and the planning seconds."""

    bytes: int
    seconds: float
    encode_cpu: float
    decode_cpu: float
    parts: dict = dataclasses.field(default_factory=dict)


class Places(collections.defaultdict):
    """What the braces of a command line stand for: what was given, else a file in the folder of the run."""

    def __init__(self, work, **given):
        super().__init__(**given)
        self.work = work

    def __missing__(self, name):
        return str(self.work / name)


@dataclasses.dataclass(frozen=True)
class Patch:
    """A program that makes a patch from OLD to NEW with both at hand, and one that applies it: commands with {old},
    {new}, {out}, {size} of OLD, and files of their own in braces. `sent` are the files that would travel."""

    name: str
    form: str
    program: str
    encode: tuple
    decode: tuple
    sent: tuple = ("patch",)
    is_slow: bool = False

    def commands(self):
        return [*self.encode, *self.decode]

    def encoding(self, old, new, work):
        return self._run(self.encode, self._places(old, new, work))

    def measure(self, old, new, work, tools):
        places = self._places(old, new, work, hdiffpatch=tools.python)
        made = self._run(self.encode, places)
        applied = self._run(self.decode, places)
        if not pair.same_trees(new, places["out"]):
            raise processes.Failed(f"{self.name} did not make {new.parent.name}/{new.name}")
        sent = sum((work / name).stat().st_size for name in self.sent)
        return Figures(sent, made.seconds + applied.seconds, made.processor_seconds, applied.processor_seconds)

    @staticmethod
    def _places(old, new, work, **others):
        return Places(work, old=str(old), new=str(new), size=str(old.stat().st_size), helper=HELPER, **others)

    @staticmethod
    def _run(commands, places):
        total = processes.Used(0, 0)
        for command in commands:
            total += processes.measured([word.format_map(places) for word in shlex.split(command)])
        return total


class Rsync:
    name, program, is_slow = "rsync -z", "rsync", False

    def __init__(self, form):
        self.form = form

    def commands(self):
        return [shlex.join([*rsync.command(self.form == "tree"), "{new}", "{old}"])]

    def measure(self, old, new, work, _):
        """Both ends run at once, on this machine; their processor time is not told apart."""
        size, used = rsync.transfer(old, new, work)
        return Figures(size, used.seconds, used.processor_seconds, 0.0)


class PacketFS:
    """Whole sessions: what is compared with patches are the sealed bytes alone, with rsync all of them."""

    program, is_slow = "packetfs", False

    def __init__(self, binary, form, *options):
        self.binary, self.form, self.options = binary, form, options
        self.name = " ".join(["packetfs", *options])

    def commands(self):
        return [shlex.join(["scripts/bench-pair", "{old}", "{new}", *self.options])]

    def measure(self, old, new, *_):
        told = ours.session(self.binary, old, new, *self.options)
        parts = {"sealed_bytes": told["sealed_bytes"], "plan_seconds": told["plan_seconds"]}
        return Figures(
            told["session_bytes"], told["total_seconds"], told["sender_processor_seconds"],
            told["receiver_processor_seconds"], parts)


def zstd(level, *, is_slow=False):
    return Patch(
        f"zstd {level} --patch-from", "tar", "zstd",
        (f"zstd -q -f -T1 {level} --long=31 --patch-from={{old}} {{new}} -o {{patch}}",),
        ("zstd -q -f -d --long=31 --patch-from={old} {patch} -o {out}",), is_slow=is_slow)


def hdiffz(name, form, options, *, is_slow=False):
    return Patch(
        name, form, "hdiffz", (f"hdiffz -f -d -p-1 {options} {{old}} {{new}} {{patch}}",),
        (f"hpatchz {'-f ' if form == 'tar' else ''}{{old}} {{patch}} {{out}}",), is_slow=is_slow)


LZMA = "-SD -c-lzma2-9-256m"
PATCHES = (
    zstd("-3"),
    zstd("-19", is_slow=True),
    zstd("--ultra -22", is_slow=True),
    Patch(
        "xdelta3 -9", "tar", "xdelta3",
        ("xdelta3 -e -9 -S lzma -W 16777216 -B {size} -f -s {old} {new} {patch}",),
        ("xdelta3 -d -B {size} -f -s {old} {patch} {out}",)),
    Patch(
        "rdiff, zstd -19", "tar", "rdiff",
        (
            "rdiff -f signature {old} {signature}", "rdiff -f delta {signature} {new} {delta}",
            "zstd -q -f -19 -T1 {delta} -o {patch}",
        ),
        ("zstd -q -f -d {patch} -o {unpacked}", "rdiff -f patch {old} {unpacked} {out}"),
        sent=("signature", "patch"), is_slow=True),
    Patch("bsdiff", "tar", "bsdiff", ("bsdiff {old} {new} {patch}",), ("bspatch {old} {out} {patch}",), is_slow=True),
    Patch(
        "hdiffpatch, lzma2", "tar", "hdiffpatch", ("{hdiffpatch} {helper} diff {old} {new} {patch}",),
        ("{hdiffpatch} {helper} apply {old} {patch} {out}",), is_slow=True),
    hdiffz("hdiffz -s64, zstd -3", "tar", "-s-64 -c-zstd-3-24"),
    hdiffz("hdiffz -m6, lzma2", "tar", f"-m-6 {LZMA}"),
    hdiffz("hdiffz -m1, lzma2", "tar", f"-m-1 -block-0 {LZMA}", is_slow=True),
    hdiffz("hdiffz -m6, lzma2", "tree", f"-m-6 {LZMA}"),
)
EFFORTS = ("fast", "max")


def field(binary):
    """Everybody, ours first. A build that knows no efforts takes part with its defaults alone."""
    efforts = [("--effort", effort) for effort in EFFORTS] if ours.has_option(binary, "effort") else []
    sessions = [PacketFS(binary, form, *options) for form in ("tar", "tree") for options in [(), *efforts]]
    return [*sessions, Rsync("tar"), Rsync("tree"), *PATCHES]
