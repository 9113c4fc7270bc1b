"""keystream.md §6: payloads covered by the stream cipher."""

from Crypto.Cipher import ChaCha20

from . import keys


class StreamCipher:
    """What covers the payloads of one direction of a session."""

    def __init__(self, credentials, session, direction):
        secret = keys.prf(credentials.seed, b"packetfs/1 stream secret", *credentials.ordered)
        self.key = keys.expand(secret, b"packetfs/1 stream key", *session.context, bytes([direction]))
        self.number = 0

    def apply(self, payload):
        """Covers the next payload, or uncovers it."""
        nonce = bytes(16) + self.number.to_bytes(8, "big")
        self.number += 1
        return ChaCha20.new(key=self.key, nonce=nonce).encrypt(payload)
