"""Processes that are started here, bounded in time, and ended by their ids."""

import dataclasses
import os
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import time

import packetfs_pair as pair

TIME_LIMIT = 600  # seconds that one transfer may take


class Failed(Exception):
    """A command ended badly, did not end in time, or gave a wrong result."""


def run(arguments, **options):
    """Runs a command to its end."""
    finish(start(arguments, **options))


@dataclasses.dataclass
class Used:
    """What a command took: seconds by the clock, seconds of processors, and what it printed."""

    seconds: float
    processor_seconds: float
    output: str = ""

    def __add__(self, other):
        return Used(self.seconds + other.seconds, self.processor_seconds + other.processor_seconds)


def measured(arguments):
    """Runs a command to its end; its children count with it."""
    with tempfile.TemporaryFile("w+") as output:
        begin = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        finish(start(arguments, stdout=output, env=os.environ | {"LC_ALL": "C"}))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = time.monotonic() - begin
        output.seek(0)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Used(seconds, used, output.read())


def start(arguments, **options):
    defaults = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([str(each) for each in arguments], **(defaults | options))


def finish(*processes):
    """Waits for all of them. If one takes too long or fails, none is left behind."""
    limit = time.monotonic() + TIME_LIMIT
    try:
        for process in processes:
            code = process.wait(timeout=max(0, limit - time.monotonic()))
            if code != 0:
                raise Failed(f"{os.path.basename(process.args[0])} ended with {code}")
    except subprocess.TimeoutExpired as expired:
        raise Failed(f"{os.path.basename(expired.cmd[0])} did not end in {TIME_LIMIT} s") from None
    finally:
        for process in processes:
            stop(process)


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_listening(port, process):
    """Waits for a listener without connecting to it: those that take one connection would take ours."""
    wanted = f":{port:04X}"
    for _ in range(2000):
        with open("/proc/net/tcp") as table:
            columns = [line.split() for line in table]
        if any(row[1].endswith(wanted) and row[3] == "0A" for row in columns[1:]):
            return
        if process.poll() is not None:
            raise Failed(f"{os.path.basename(process.args[0])} ended with {process.returncode}")
        time.sleep(0.005)
    raise Failed(f"{os.path.basename(process.args[0])} does not listen")


def processor_seconds(server):
    """What the processes that ended here have used so far, and a server with its ended children."""
    ours = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ours.ru_utime + ours.ru_stime + pair.processor_seconds(server)


class MemoryPeak:
    """The highest anonymous resident memory of a process, sampled: what is left without the mapped blob and index."""

    def __init__(self, process, interval=0.01):
        self.process, self.interval, self.bytes = process, interval, 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def _sample(self):
        while not self.done.is_set():
            try:
                with open(f"/proc/{self.process.pid}/status") as status:
                    anonymous = [line.split()[1] for line in status if line.startswith("RssAnon:")]
            except OSError:
                return
            self.bytes = max([self.bytes, *(int(kilobytes) * 1024 for kilobytes in anonymous)])
            self.done.wait(self.interval)
