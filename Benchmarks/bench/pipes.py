"""Pipes through one connection: plain (nc), and TLS 1.3 with a certificate made for the run (socat)."""

import subprocess

from . import processes

BUFFER = "262144"


class Plain:
    """nc: no protection at all; the floor of what a connection costs."""

    def send_file(self, source, target):
        port = processes.free_port()
        with open(target, "wb") as sink, open(source, "rb") as bytes_in:
            receiver = processes.start(["nc", "-N", "-l", "127.0.0.1", port], stdout=sink)
            processes.wait_listening(port, receiver)
            sender = processes.start(["nc", "-N", "127.0.0.1", port], stdin=bytes_in)
            processes.finish(sender, receiver)


class TLS:
    def __init__(self, folder):
        folder.mkdir()
        self.certificate = folder / "both.pem"
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        processes.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-keyout", key, "-out", certificate,
        ])
        self.certificate.write_bytes(key.read_bytes() + certificate.read_bytes())
        self.certificate.chmod(0o600)

    def send_file(self, source, target):
        port = processes.free_port()
        receiver = self._listen(port, f"CREATE:{target}")
        sender = self._connect(f"OPEN:{source}", port)
        processes.finish(sender, receiver)

    def send_tree(self, source, target):
        target.mkdir()
        port = processes.free_port()
        receiver = self._listen(port, "-", stdout=subprocess.PIPE)
        unpack = processes.start(["tar", "-C", target, "-xf", "-"], stdin=receiver.stdout)
        pack = processes.start(["tar", "-C", source, "-cf", "-", "."], stdout=subprocess.PIPE)
        sender = self._connect("-", port, stdin=pack.stdout)
        for ours in (receiver.stdout, pack.stdout):
            ours.close()
        processes.finish(pack, sender, receiver, unpack)

    def _listen(self, port, target, **options):
        address = f"OPENSSL-LISTEN:{port},bind=127.0.0.1,cert={self.certificate},verify=0"
        receiver = processes.start(["socat", "-u", "-b", BUFFER, address, target], **options)
        processes.wait_listening(port, receiver)
        return receiver

    def _connect(self, source, port, **options):
        address = f"OPENSSL:127.0.0.1:{port},verify=0"
        return processes.start(["socat", "-u", "-b", BUFFER, source, address], **options)
