"""Two PacketFS homes on loopback, as the scripts use them: a sender, and a receiver that serves."""

import json
import os
import pathlib
import signal
import socket
import stat
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class CommandFailed(Exception):
    """A command ended with a code other than 0."""


def build_release():
    """Builds the command line in release mode and returns its path. PACKETFS_BIN names one that is there already."""
    if named := os.environ.get("PACKETFS_BIN"):
        return pathlib.Path(named).resolve()
    return build_product("packetfs")


def build_product(name):
    """Builds one program in release mode and returns its path."""
    build = ["swift", "build", "-c", "release", "--product", name]
    if subprocess.run(build, cwd=ROOT, stdout=2).returncode != 0:
        raise CommandFailed("the release build failed")
    shown = subprocess.run([*build, "--show-bin-path"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(shown.stdout.strip()) / name


class Home:
    """One end: a home in a folder of its own, out of reach of the settings of the person who runs the script."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = pathlib.Path(folder)
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PACKETFS_", "XDG_"))
        }
        self.environment["XDG_CONFIG_HOME"] = str(self.folder / "config")
        self.run("init")

    def command(self, *arguments):
        return [str(self.binary), *map(str, arguments), "--home", str(self.folder), "--json"]

    def run(self, *arguments):
        """Runs a command to its end and returns its events."""
        # Nobody is to be asked for a passphrase.
        done = subprocess.run(
            self.command(*arguments), env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode != 0:
            raise CommandFailed(f"packetfs {arguments[0]} ended with {done.returncode}")
        return events

    def transfer(self, *arguments):
        """Runs a transfer and returns its summary, with the wall time of the whole command beside it."""
        begin = time.monotonic()
        events = self.run(*arguments)
        finished = [event for event in events if event["event"] == "finished"]
        if not finished:
            raise CommandFailed(f"packetfs {arguments[0]} reported no end")
        return finished[-1] | {"wall_seconds": time.monotonic() - begin}


class Serving:
    """A home that serves on a free port of loopback until the block ends. `under` is a command that runs the program."""

    def __init__(self, home, *options, under=()):
        # What runs the program may have seen its end already, and then ends by the signal itself.
        self.good = (0, -signal.SIGTERM) if under else (0,)
        self.process = subprocess.Popen(
            [*map(str, under), *home.command("serve", "--listen", "127.0.0.1:0", "--quiet", *options)],
            env=home.environment, stdout=subprocess.PIPE, text=True,
        )

    def __enter__(self):
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == "listening":
                self.address = event["address"]
                threading.Thread(target=self._drain, daemon=True).start()
                return self
        raise CommandFailed(f"packetfs serve ended with {self.process.wait()}")

    def _drain(self):
        for _ in self.process.stdout:
            pass

    def __exit__(self, error, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.returncode not in self.good and error is None:
            raise CommandFailed(f"packetfs serve ended with {self.process.returncode}")


def processor_seconds(process):
    """What a running process has used so far, with its children that ended."""
    with open(f"/proc/{process.pid}/stat") as status:
        ticks = status.read().rsplit(")", 1)[1].split()[11:15]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def make_pair(binary, folder, destination):
    """A sender and a receiver that let the sender write beneath `destination`."""
    folder = pathlib.Path(folder)
    pathlib.Path(destination).mkdir(parents=True, exist_ok=True)
    sender = Home(binary, folder / "sender")
    receiver = Home(binary, folder / "receiver")
    export = folder / "receiver.seed"
    sender.run("peer", "new", "receiver", "--export", export)
    receiver.run("peer", "import", export, "--name", "sender", "--allow", f"put,special:{destination}")
    return sender, receiver


class Relay:
    """Forwards TCP connections to an address and counts the bytes of both directions."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.target = (host.strip("[]"), int(port))
        self.count = 0
        self.lock = threading.Lock()
        self.pipes = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            for pair in ((near, far), (far, near)):
                pipe = threading.Thread(target=self._pump, args=pair, daemon=True)
                self.pipes.append(pipe)
                pipe.start()

    def _pump(self, source, sink):
        buffer = bytearray(1 << 18)
        view = memoryview(buffer)
        source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while count := source.recv_into(buffer):
                with self.lock:
                    self.count += count
                sink.sendall(view[:count])
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()
            sink.close()

    def take(self):
        """Waits until every connection has ended, and returns the bytes counted since the last call."""
        for pipe in self.pipes:
            pipe.join(timeout=30)
        self.pipes = []
        with self.lock:
            count, self.count = self.count, 0
        return count


def metadata(root):
    """What a listing shows of every entry: kind, mode, size, time of files, target of links."""
    found = {}
    for folder, names, files in os.walk(root):
        for name in names + files:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            mode = status.st_mode
            if stat.S_ISLNK(mode):
                entry = ("link", os.readlink(path))
            elif stat.S_ISDIR(mode):
                entry = ("folder", stat.S_IMODE(mode), status.st_mtime_ns)
            else:
                entry = ("file", stat.S_IMODE(mode), status.st_mtime_ns, status.st_size)
            found[os.path.relpath(path, root)] = entry
    return found


def same_trees(first, second):
    """Whether two trees, or two files, have the same contents, and trees the same metadata."""
    if os.path.isdir(first) and metadata(first) != metadata(second):
        return False
    compare = ["diff", "-r", "--no-dereference", "-q", str(first), str(second)]
    return subprocess.run(compare, stdout=subprocess.DEVNULL).returncode == 0


def size_of(path):
    """Files and bytes of a tree, or of one file. A file with several names counts once for each."""
    if not os.path.isdir(path):
        return 1, os.path.getsize(path)
    sizes = [entry[3] for entry in metadata(path).values() if entry[0] == "file"]
    return len(sizes), sum(sizes)
