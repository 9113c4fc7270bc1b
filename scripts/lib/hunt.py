"""One hunt: two homes whose secrets are known, the commands that run in them, and the search of all that they leave."""

import base64
import json
import os
import pathlib
import random
import re
import secrets
import shutil
import string
import subprocess
import sys
import urllib.request

import dumps
import hunted
from canary import Canaries

LIBRARIES = pathlib.Path(__file__).resolve().parent
SOFTHSM = [pathlib.Path(folder) / "softhsm/libsofthsm2.so" for folder in ("/usr/lib", "/usr/lib64")]
# Bytes of random data at the end of a pad's file (Specs/pads.md §3).
DRAWN = 1 << 20
# The defence that leaves all memory out of cores: with it there would be nothing to search.
MEMORY = "corefilter"
KINDS = {".core": "cores", ".cmdline": "argument lists", ".environ": "environments"}


class Hunt:
    """`cores` is a folder for what is large; `undefended` names the defences that every program is to lack."""

    def __init__(self, program, folder, cores, undefended):
        self.program = folder / "packetfs"
        # gdb reads the symbols of a stripped program in no time.
        subprocess.run(["strip", "-o", self.program, program], check=True)
        self.folder, self.cores, self.work = folder, cores, folder / "work"
        self.canaries = Canaries(folder)
        self.searched, self.found, self.skipped = {}, [], []
        self.runs = self.crashed = 0
        self.running = []
        self.words = {"A": "A", "B": "B"}
        self.shim = folder / "undefended.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.shim, LIBRARIES / "undefended.c", "-ldl"], check=True)
        # What the allocator reserves for each thread would be most of a core.
        self.environment = {
            "MALLOC_ARENA_MAX": "1", "HOME": str(self.work), "PATH": "/usr/bin:/bin", "TMPDIR": str(folder),
            "SWIFT_BACKTRACE": "enable=yes,color=no", "CREDENTIALS_DIRECTORY": str(self.work / "passed"),
            "SOFTHSM2_CONF": str(folder / "softhsm2.conf")}
        self.undefended = undefended
        self.environment |= self.without(MEMORY)
        self.prepare()

    def without(self, defences):
        """The environment of a program without these defences, nor those that the whole hunt is to lack."""
        return {"LD_PRELOAD": str(self.shim), "UNDEFENDED": f"{defences},{self.undefended}"}

    def prepare(self):
        for name in ("tree", "there", "passed", "tokens"):
            (self.work / name).mkdir(parents=True, mode=0o700)
        (self.work / "tree/file").write_bytes(random.randbytes(300_000))
        (self.work / "more").write_bytes(random.randbytes(100_000))
        self.pad = secrets.token_bytes(4 << 20)
        (self.work / "source").write_bytes(self.pad)
        self.canaries.add("pad", self.pad)
        letters = string.ascii_letters + string.digits
        self.passphrase, pin = ("".join(map(secrets.choice, [letters] * count)).encode() for count in (48, 32))
        for name, secret in (("passphrase", self.passphrase), ("PIN", pin)):
            self.canaries.add(name, secret)
            (self.work / name.lower()).write_bytes(secret + b"\n")
        (self.work / "both").write_bytes(self.passphrase + b"\n" + pin + b"\n")
        self.make_token(pin.decode())

    def make_token(self, pin):
        module = next(filter(pathlib.Path.exists, SOFTHSM), None)
        if not module:
            raise dumps.Failed("SoftHSM2 is missing: scripts/bootstrap --tests")
        (self.folder / "softhsm2.conf").write_text(
            f"directories.tokendir = {self.work}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        making = ["softhsm2-util", "--init-token", "--free", "--label", "hunt", "--pin", pin, "--so-pin", "00000000"]
        subprocess.run(making, env=self.environment, check=True, stdout=subprocess.DEVNULL)
        self.words["TOKEN"] = f"pkcs11:token=hunt;object=b?module-path={module}"

    def arguments(self, line):
        words = [self.words.get(word, word) for word in line.split()]
        return words + ["--json"] * (words[0] not in ("exit-codes", "completions"))

    def descriptors(self):
        return [(3, self.work / "passphrase"), (4, self.work / "pin"), (5, self.work / "both")]

    def observe(self, line):
        """Runs a command under gdb and searches all that it leaves."""
        if "keyring:" in line and not pathlib.Path("/proc/keys").exists():
            return self.skipped.append(line)
        into = self.cores / f"run-{self.runs}"
        self.runs += 1
        command = [self.program, *self.arguments(line)]
        code = dumps.observe(command, self.environment, into, self.work, self.descriptors(), hunted.MESSAGES)
        if code != "0":
            raise dumps.Failed(f"packetfs {line} ended with {code}: {(into / 'err').read_text()}{(into / 'out').read_text()}")
        self.learn(line, (into / "out").read_text())
        for path in into.glob("*.kept"):
            self.canaries.publish(path.read_bytes())
            path.unlink()
        for path in sorted(into.iterdir()):
            self.search(path, KINDS.get(path.suffix, "outputs and events"), f"packetfs {line}")
        shutil.rmtree(into)

    def learn(self, line, output):
        """What is secret, or is none any more, since a command ran."""
        words = line.split()
        if "--export" in words:
            self.canaries.add_seed(self.work / words[words.index("--export") + 1])
        if line.startswith("pad create drawn"):
            self.canaries.add("drawn pad", (self.work / "drawn").read_bytes()[-DRAWN:])
        if line.startswith("seed backup"):
            self.canaries.add_sealing_key(self.work / "backup", self.passphrase)
        if "--passphrase" in words:
            newest = max((self.work / "A/state/seeds").iterdir(), key=lambda path: path.stat().st_mtime)
            self.canaries.add_sealing_key(newest, self.passphrase)
        if line.startswith("pad seal"):
            self.canaries.publish((self.work / words[words.index("--message") + 1]).read_bytes())
            self.words["KEPT"] = next(str(e["start"]) for e in map(json.loads, output.splitlines()) if "start" in e)

    def search(self, path, kind, where):
        count, size = self.searched.get(kind, (0, 0))
        self.searched[kind] = (count + 1, size + path.stat().st_size)
        if name := self.canaries.search_file(path):
            self.find(f"{name} in {kind}: {path.name} of {where}")

    def find(self, what):
        self.found.append(what)
        print(f"canary-hunt: found {what}", file=sys.stderr, flush=True)

    def run(self, line):
        """Runs a command that is not looked at."""
        subprocess.run(
            [self.program, *self.arguments(line)], cwd=self.work, env=self.environment, check=True,
            stdout=subprocess.DEVNULL)

    def start(self, line, undone=MEMORY):
        """Starts a command that keeps running, without some defences; its output goes to files."""
        process = subprocess.Popen(
            [self.program, *self.arguments(line)], cwd=self.work, env=self.environment | self.without(undone),
            stdin=subprocess.DEVNULL, stdout=open(self.folder / "running.out", "wb"),
            stderr=open(self.folder / "running.err", "wb"), preexec_fn=dumps.unlimited)
        self.running.append(process)
        return process

    def stop(self):
        """Ends what still runs, if the hunt ends before its time."""
        for process in self.running:
            process.kill()
            process.wait()

    def serve(self, undone=MEMORY):
        """Starts the server of B, and waits until it listens."""
        process = self.start(hunted.SERVER, undone)
        self.words["ADDRESS"] = self.event_of("listening")["address"]
        self.metrics = self.event_of("metrics")["address"]
        return process

    def event_of(self, name):
        output = self.folder / "running.out"
        events = lambda: [json.loads(line) for line in output.read_text().splitlines(True) if line.endswith("\n")]  # noqa: E731
        return dumps.wait_for(lambda: next((e for e in events() if e["event"] == name), None), name)

    def search_metrics(self):
        copy = self.folder / "metrics"
        with urllib.request.urlopen(f"http://{self.metrics}/metrics") as answer:
            copy.write_bytes(answer.read())
        if b"packetfs_sessions_total" not in copy.read_bytes():
            raise dumps.Failed("the metrics do not count sessions")
        self.search(copy, "metrics", hunted.SERVER)

    def search_running(self, process, where):
        """A running process as root's debugger sees it."""
        core = self.cores / "running.core"
        dumps.dump_running(process.pid, core)
        self.search(core, "cores", where)
        core.unlink()
        for part in ("cmdline", "environ"):
            copy = self.folder / part
            copy.write_bytes(pathlib.Path(f"/proc/{process.pid}/{part}").read_bytes())
            self.search(copy, KINDS[f".{part}"], where)

    def search_output(self, where):
        for name in ("running.out", "running.err"):
            self.search(self.folder / name, "outputs and events", where)
        error = (self.folder / "running.err").read_text(errors="replace")
        if re.search("Backtrace|Registers|crashed", error):
            self.find(f"a backtracer's report in the output of {where}")

    def search_home(self):
        for path in sorted(self.work.rglob("*")):
            name = str(path.relative_to(self.work))
            if path.is_file() and not path.is_symlink() and not hunted.HOLDERS.fullmatch(name):
                self.search(path, "files of the homes and beside them", name)

    def check_search(self):
        """The search itself works, whatever form a secret has."""
        text = self.pad[100:130]
        forms = [
            bytes(3) + self.pad[5:21], text.hex().encode(), text.hex().upper().encode()[1:],
            base64.b64encode(text)[1:], base64.urlsafe_b64encode(text)]
        if not all(self.canaries.search(b"x" + form) for form in forms):
            raise dumps.Failed("the search does not find what it should")

    def report(self):
        verdict = f"{len(self.found)} FOUND" if self.found else "nothing found"
        kinds = sorted(set(self.canaries.names.values()))
        print(f"canary-hunt: {verdict}; {', '.join(kinds)}, searched in:")
        print(f"  {self.runs} commands under gdb, {self.crashed} crashes")
        for line in self.skipped:
            print(f"  not run, for there are no keyrings here: packetfs {line}")
        for kind, (count, size) in sorted(self.searched.items()):
            print(f"  {count:5} {kind}, {size / 1e6:.1f} MB")
