"""handshake.md §3, §4, §6 to §9: every key, from the seed and the handshake's outcome."""

import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from . import suites

VERSION = 1
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def encode(label, *fields):
    parts = [bytes([len(label)]), label]
    for field in fields:
        parts += [len(field).to_bytes(2, "big"), field]
    return b"".join(parts)


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def prf(seed, label, *fields):
    return mac(seed, encode(label, *fields) + b"\1")


def expand(secret, label, *fields):
    return HKDFExpand(hashes.SHA256(), 32, encode(label, *fields)).derive(secret)


def extract(salt, material):
    return mac(salt, material)


class Credentials:
    """§4: what one party derives from a seed towards its peer."""

    def __init__(self, seed, own, peer, hybrid=True):
        if own == peer:
            raise ValueError("the two parties of a seed differ")
        self.seed, self.own, self.peer, self.hybrid = seed, own, peer, hybrid
        self.ordered = sorted((own, peer))
        self.psk = prf(seed, b"packetfs/1 psk", *self.ordered)
        self.as_initiator = prf(seed, b"packetfs/1 id", own, peer)
        self.peer_as_initiator = prf(seed, b"packetfs/1 id", peer, own)

    def fingerprint(self):
        number = int.from_bytes(prf(self.seed, b"packetfs/1 fingerprint", *self.ordered)[:10], "big")
        digits = [BASE32[number >> 5 * place & 31] for place in reversed(range(16))]
        return "-".join("".join(digits[at : at + 4]) for at in range(0, 16, 4))


class Session:
    """§6 to §8: what a master secret gives."""

    def __init__(self, master, suite):
        self.suite = suite
        self.master = master
        self.id = expand(master, b"packetfs/1 session", bytes([VERSION]), bytes([suite]))[:16]
        self.context = (bytes([VERSION]), bytes([suite]), self.id)
        self.integrity = expand(master, b"packetfs/1 integrity", *self.context)

    @classmethod
    def of_handshake(cls, handshake_hash, k1, k2, mlkem_secret, suite):
        return cls(extract(handshake_hash, k1 + k2 + mlkem_secret), suite)

    def epoch(self, direction, number):
        """The traffic secret of an epoch."""
        secret = expand(self.master, b"packetfs/1 traffic", *self.context, bytes([direction]), bytes(4))
        for following in range(1, number + 1):
            secret = self.next_epoch(secret, direction, following)
        return secret

    def next_epoch(self, secret, direction, number):
        return expand(secret, b"packetfs/1 next epoch", *self.context, bytes([direction]), number.to_bytes(4, "big"))

    def frame_keys(self, secret, direction, number):
        fields = (*self.context, bytes([direction]), number.to_bytes(4, "big"))
        iv = expand(secret, b"packetfs/1 iv", *fields)[: suites.IV_LENGTH[self.suite]]
        return expand(secret, b"packetfs/1 key", *fields), iv

    def tagger(self, transfer):
        return Tagger(self.suite, expand(self.integrity, b"packetfs/1 transfer", *self.context, transfer))


class Tagger:
    """§8: tags of the leaves and parts of one transfer."""

    def __init__(self, suite, key):
        self.suite, self.key = suite, key

    def leaf(self, stream, leaf, data):
        return self._tag(0, stream, 0, leaf, data)

    def part(self, stream, leaf, part, data):
        return self._tag(1, stream, part, leaf, data)

    def _tag(self, domain, stream, part, leaf, data):
        nonce = bytes([domain, stream]) + part.to_bytes(2, "big") + leaf.to_bytes(8, "big")
        return suites.seal(self.suite, self.key, nonce.rjust(suites.NONCE_LENGTH[self.suite], b"\0"), b"", data)
