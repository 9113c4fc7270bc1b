"""Secrets that must be found nowhere, and the search for them: whole, in any window of 16 bytes, as hex or as base64."""

import ctypes
import ctypes.util
import hashlib
import hmac
import mmap
import os
import pathlib
import subprocess

# A window of 16 bytes holds a whole aligned chunk of 8.
CHUNK = 8
# What a pad gives away by covering zeros.
PAD_BYTES = ("pad", "drawn pad")


class Canaries:
    """The secrets of one hunt, by name."""

    def __init__(self, folder):
        library = pathlib.Path(folder) / "find_secrets.so"
        source = pathlib.Path(__file__).with_name("find_secrets.c")
        subprocess.run([os.environ.get("CC", "cc"), "-O3", "-shared", "-fPIC", "-o", library, source], check=True)
        self.library = ctypes.CDLL(library)
        self.library.find_secret.restype = ctypes.c_uint64
        self.library.find_secret.argtypes = [ctypes.c_void_p, ctypes.c_int64]
        self.names = {}
        self.table = None

    def add(self, name, secret):
        for start in range(0, len(secret) - CHUNK + 1, CHUNK):
            self.names[int.from_bytes(secret[start : start + CHUNK], "little")] = name
        self.table = None

    def _index(self):
        chunks = sorted(self.names)
        self.table = (ctypes.c_uint64 * len(chunks))(*chunks)
        self.library.set_chunks(self.table, ctypes.c_int64(len(chunks)))

    def add_seed(self, path):
        """The seed of a peer file (Specs/seeds.md §4.3), and the keys that are derived from it once per unlock."""
        content = path.read_bytes()
        seed, name, one, other = content[8:40], content[40:60], content[60:76], content[76:92]
        flag, host, address = content[92:93], *strings(content[93:-16])
        check = prf(seed, b"packetfs/1 peer file", name, one, other, flag, host, address)[:16]
        if content[:8] != b"PFSPEER\x01" or content[-16:] != check:
            raise ValueError(f"{path} is no peer file as the hunt knows them")
        low, high = sorted((one, other))
        self.add("seed", seed)
        self.add("psk", prf(seed, b"packetfs/1 psk", low, high))
        self.add("identity key", prf(seed, b"packetfs/1 id", one, other))
        self.add("identity key", prf(seed, b"packetfs/1 id", other, one))
        self.add("stream secret", prf(seed, b"packetfs/1 stream secret", low, high))

    def add_sealing_key(self, path, passphrase):
        """The key that a passphrase gives for a sealed file (Specs/seeds.md §4.2)."""
        head = path.read_bytes()[:33]
        if head[:8] != b"PFSSEAL\x01":
            raise ValueError(f"{path} is no sealed file as the hunt knows them")
        passes, kibibytes = (int.from_bytes(head[start : start + 4], "big") for start in (9, 13))
        sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
        key = ctypes.create_string_buffer(32)
        amount = (ctypes.c_ulonglong(passes), ctypes.c_size_t(kibibytes << 10), ctypes.c_int(2))
        size = ctypes.c_ulonglong
        if sodium.crypto_pwhash(key, size(32), passphrase, size(len(passphrase)), head[17:33], *amount) != 0:
            raise ValueError("Argon2id failed")
        self.add("sealing key", key.raw)

    def publish(self, data):
        """Pad bytes that stand in a sealed message are no secret any more: zeros sealed under a pad are the pad's bytes.
        Other secrets have no business there."""
        for offset in range(len(data) - CHUNK + 1):
            chunk = int.from_bytes(data[offset : offset + CHUNK], "little")
            if self.names.get(chunk) in PAD_BYTES:
                del self.names[chunk]
        self.table = None

    def search(self, data):
        """The name of a secret that `data` holds in any of the forms; None if there is none."""
        return self._find(ctypes.cast(data, ctypes.c_void_p), len(data))

    def search_file(self, path):
        """The same for a file of any size."""
        if path.stat().st_size == 0:
            return None
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as content:
            start = ctypes.c_char.from_buffer(content)
            found = self._find(ctypes.addressof(start), len(content))
            del start
            return found

    def _find(self, start, length):
        if self.table is None:
            self._index()
        return self.names.get(self.library.find_secret(start, length))


def strings(content):
    """Two strings, each behind its length."""
    first = content[1 : 1 + content[0]]
    return first, content[2 + len(first) :]


def prf(seed, label, *fields):
    encoded = bytes([len(label)]) + label + b"".join(len(field).to_bytes(2, "big") + field for field in fields)
    return hmac.new(seed, encoded + b"\x01", hashlib.sha256).digest()
