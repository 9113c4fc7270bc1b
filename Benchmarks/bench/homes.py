"""PacketFS as a contestant: two fresh homes on loopback, and the memory of both processes."""

import shutil
import subprocess
import time

import packetfs_pair as pair

from . import processes


class Homes:
    """A sender and a serving receiver whose blobs are empty at first."""

    def __init__(self, binary, folder, destination, *serve_options):
        self.folder = folder
        folder.mkdir()
        self.sender, self.receiver = pair.make_pair(binary, folder, destination)
        self.serving = pair.Serving(self.receiver, *serve_options)

    @property
    def server(self):
        return self.serving.process

    def __enter__(self):
        self.serving.__enter__()
        self.sender.run("peer", "set", "receiver", "--address", self.serving.address)
        return self

    def __exit__(self, *details):
        self.serving.__exit__(*details)
        shutil.rmtree(self.folder)

    def send(self, source, name, *options):
        """Runs one command; returns its seconds from start to end, and the peaks of memory of sender and receiver."""
        command = self.sender.command("send", source, f"receiver:{name}", "--quiet", *options)
        begin = time.monotonic()
        process = processes.start(command, env=self.sender.environment, stderr=subprocess.PIPE)
        with processes.MemoryPeak(process) as sending, processes.MemoryPeak(self.serving.process) as receiving:
            try:
                _, complaint = process.communicate(timeout=processes.TIME_LIMIT)
            except subprocess.TimeoutExpired:
                processes.stop(process)
                raise processes.Failed(f"packetfs did not end in {processes.TIME_LIMIT} s") from None
        seconds = time.monotonic() - begin
        if process.returncode != 0:
            raise processes.Failed(f"packetfs ended with {process.returncode}: {complaint.decode().strip()}")
        return seconds, sending.bytes, receiving.bytes
