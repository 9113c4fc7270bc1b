"""seeds.md §4: the files that hold seeds."""

from dataclasses import dataclass

from nacl.pwhash import argon2id

from . import keys, suites
from .codec import Malformed, Reader, utf8


@dataclass
class PeerFile:
    """§4.3. The reader is the importer."""

    seed: bytes
    generation: int
    id: bytes
    exporter: bytes
    importer: bytes
    hybrid: bool
    host: str
    address: str

    def credentials(self):
        return keys.Credentials(self.seed, self.importer, self.exporter, self.hybrid)

    def check(self):
        name = self.generation.to_bytes(4, "big") + self.id
        return keys.prf(
            self.seed, b"packetfs/1 peer file", name, self.exporter, self.importer, bytes([self.hybrid]),
            self.host.encode(), self.address.encode())[:16]

    def encode(self):
        out = b"PFSPEER\1" + self.seed + self.generation.to_bytes(4, "big") + self.id + self.exporter + self.importer
        out += bytes([self.hybrid])
        for text in (self.host.encode(), self.address.encode()):
            out += bytes([len(text)]) + text
        return out + self.check()

    @classmethod
    def decode(cls, data):
        reader = Reader(data)
        if reader.take(8) != b"PFSPEER\1":
            raise Malformed("no peer file of this version")
        found = cls(reader.take(32), reader.u32(), reader.id(), reader.id(), reader.id(), reader.flag(),
                    utf8(reader.take(reader.u8())), utf8(reader.take(reader.u8())))
        check = reader.take(16)
        reader.end()
        if found.generation >= 2**31 or not found.host or found.exporter == found.importer or check != found.check():
            raise Malformed("a peer file that must be refused")
        return found


def unseal(data, passphrase, kind):
    """§4.2: the plaintext of a sealed file."""
    reader = Reader(data)
    if reader.take(8) != b"PFSSEAL\1" or reader.u8() != kind:
        raise Malformed("no sealed file of this kind")
    passes, kibibytes = reader.u32(), reader.u32()
    if not 1 <= passes <= 16 or not 2**13 <= kibibytes <= 2**20:
        raise Malformed("parameters beyond the limits")
    salt, nonce = reader.take(16), reader.take(24)
    header = data[: reader.place]
    key = argon2id.kdf(32, passphrase, salt, passes, kibibytes * 1024)
    return suites.open_sealed(suites.XCHACHA, key, nonce, reader.rest(), header)
