"""Secrets that must be found nowhere, and the search for them: whole, in any window of 16 bytes, as hex or as base64."""

import ctypes
import hashlib
import hmac
import mmap
import os
import pathlib
import subprocess

# A window of 16 bytes holds a whole aligned chunk of 8.
CHUNK = 8
BLOCK = 1 << 20


class Canaries:
    """The secrets of one hunt, by name."""

    def __init__(self, folder):
        library = pathlib.Path(folder) / "find_secrets.so"
        source = pathlib.Path(__file__).with_name("find_secrets.c")
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC", "-o", library, source], check=True)
        self.library = ctypes.CDLL(library)
        self.library.find_secret.restype = ctypes.c_uint64
        self.library.find_secret.argtypes = [ctypes.c_char_p, ctypes.c_int64]
        self.names = {}
        self.table = None

    def add(self, name, secret):
        for start in range(0, len(secret) - CHUNK + 1, CHUNK):
            self.names[int.from_bytes(secret[start : start + CHUNK], "little")] = name
        self._index()

    def _index(self):
        chunks = sorted(self.names)
        self.table = (ctypes.c_uint64 * len(chunks))(*chunks)
        self.library.set_chunks(self.table, ctypes.c_int64(len(chunks)))

    def add_seed(self, path):
        """The seed of a peer file (Specs/handshake.md §9.2), and the keys that are derived from it once per unlock."""
        content = path.read_bytes()
        seed, one, other = content[8:40], content[40:56], content[56:72]
        self.add("seed", seed)
        self.add("psk", prf(seed, b"packetfs/1 psk", min(one, other), max(one, other)))
        self.add("identity key", prf(seed, b"packetfs/1 id", one, other))
        self.add("identity key", prf(seed, b"packetfs/1 id", other, one))

    def publish(self, data):
        """What stands in a sealed message is no secret any more: zeros sealed under a pad are the pad's bytes."""
        for offset in range(len(data) - CHUNK + 1):
            self.names.pop(int.from_bytes(data[offset : offset + CHUNK], "little"), None)
        self._index()

    def search(self, data):
        """The name of a secret that `data` holds in any of the forms; None if there is none."""
        return self.names.get(self.library.find_secret(data, len(data)))

    def search_file(self, path):
        """The same for a file of any size. Zeros, of which cores are full, are skipped."""
        if path.stat().st_size == 0:
            return None
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            for piece in pieces(content):
                if name := self.search(piece):
                    return name
        return None


def pieces(content):
    """Runs of blocks that are not zero, each with the end of the block before it."""
    zeros = bytes(BLOCK)
    run = b""
    for start in range(0, len(content), BLOCK):
        block = content[start : start + BLOCK]
        if block == zeros[: len(block)]:
            if run:
                yield run
            run = b""
            continue
        run += block
        if len(run) >= 16 * BLOCK:
            yield run
            run = run[-4096:]
    if run:
        yield run


def prf(seed, label, *fields):
    encoded = bytes([len(label)]) + label + b"".join(len(field).to_bytes(2, "big") + field for field in fields)
    return hmac.new(seed, encoded + b"\x01", hashlib.sha256).digest()
