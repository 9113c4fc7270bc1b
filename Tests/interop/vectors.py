"""Vectors/: the files, and the ends of the sessions that their inputs give."""

import json
import pathlib

from pfs import handshake, keys

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "Vectors"


def load(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def octets(text):
    return bytes.fromhex(text)


class Inputs:
    """What both ends drew."""

    def __init__(self, fields):
        self.suite, self.hybrid = fields["suite"], fields["exchange"] == "hybrid"
        self.seed, self.initiator, self.responder, self.salt_i, self.x25519_i, self.mlkem_seed, self.salt_r, \
            self.x25519_r = (octets(fields[name]) for name in (
                "seed", "initiator", "responder", "salt_i", "x25519_i", "mlkem_seed", "salt_r", "x25519_r"))

    def credentials(self, initiates):
        ids = (self.initiator, self.responder) if initiates else (self.responder, self.initiator)
        return keys.Credentials(self.seed, *ids, self.hybrid)

    def caller(self):
        return handshake.Initiator(
            self.credentials(True), self.suite, self.salt_i, handshake.Ephemerals(self.x25519_i, self.mlkem_seed))

    def called(self, encapsulated=None):
        return handshake.Responder(
            self.credentials(False), self.salt_r, handshake.Ephemerals(self.x25519_r), encapsulated)

    def session(self):
        """Of a handshake without ML-KEM."""
        return self.called().answer(self.caller().message_1())[1]
