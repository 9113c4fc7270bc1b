"""handshake.md §5 and §6: the two messages, by the Noise library and ML-KEM-768 of `cryptography`."""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from noise.connection import Keypair, NoiseConnection
from noise.exceptions import NoiseInvalidMessage

from . import suites
from .keys import VERSION, Session, encode, mac

CLEAR = 66
MESSAGE_1 = {True: 1298, False: 114}
MESSAGE_2 = {True: 1169, False: 81}
EK, CT = 1184, 1088


class HandshakeFailed(Exception):
    """Erase all keys, close the connection, send nothing."""


@dataclass
class Ephemerals:
    """The secrets that one end draws for one handshake, and the secret of ML-KEM once it is known."""

    x25519: bytes
    mlkem_seed: bytes = b""
    mlkem_secret: bytes = b""


def clear_part(suite, salt, identity_key):
    return bytes([VERSION, suite]) + salt + mac(identity_key, salt)


def noise(suite, clear, psk, x25519, initiates):
    connection = NoiseConnection.from_name(suites.NOISE[suite])
    connection.set_psks(psk)
    connection.set_prologue(encode(b"packetfs/1 handshake", clear))
    if initiates:
        connection.set_as_initiator()
    else:
        connection.set_as_responder()
    connection.set_keypair_from_private_bytes(Keypair.EPHEMERAL, x25519)
    connection.start_handshake()
    return connection


def read_noise(connection, message):
    try:
        return bytes(connection.read_message(message))
    except (NoiseInvalidMessage, InvalidTag, ValueError) as error:
        raise HandshakeFailed from error


def split_keys(connection, initiates):
    """Split()'s keys in its order: the first is the one that the initiator would send with."""
    protocol = connection.noise_protocol
    own, peer = bytes(protocol.cipher_state_encrypt.k), bytes(protocol.cipher_state_decrypt.k)
    return (own, peer) if initiates else (peer, own)


def session_of(connection, initiates, mlkem_secret, suite):
    k1, k2 = split_keys(connection, initiates)
    return Session.of_handshake(connection.get_handshake_hash(), k1, k2, mlkem_secret, suite)


class Initiator:
    def __init__(self, credentials, suite, salt=None, ephemerals=None):
        self.credentials, self.suite = credentials, suite
        self.salt = salt or os.urandom(32)
        self.ephemerals = ephemerals or Ephemerals(os.urandom(32), os.urandom(64))

    def message_1(self):
        clear = clear_part(self.suite, self.salt, self.credentials.as_initiator)
        self.noise = noise(self.suite, clear, self.credentials.psk, self.ephemerals.x25519, True)
        payload = b""
        if self.credentials.hybrid:
            self.mlkem = MLKEM768PrivateKey.from_seed_bytes(self.ephemerals.mlkem_seed)
            payload = self.mlkem.public_key().public_bytes_raw()
        return clear + bytes(self.noise.write_message(payload))

    def finish(self, message):
        """Reads message 2 and gives the session."""
        if len(message) != MESSAGE_2[self.credentials.hybrid]:
            raise HandshakeFailed
        payload = read_noise(self.noise, message)
        suite, ciphertext = payload[32], payload[33:]
        if suite != self.suite or len(ciphertext) != (CT if self.credentials.hybrid else 0):
            raise HandshakeFailed
        if self.credentials.hybrid:
            self.ephemerals.mlkem_secret = self.mlkem.decapsulate(ciphertext)
        return session_of(self.noise, True, self.ephemerals.mlkem_secret, suite)


class Responder:
    def __init__(self, credentials, salt=None, ephemerals=None, encapsulated=None, allowed=tuple(suites.NOISE)):
        """`encapsulated`: ML-KEM's ciphertext and secret, where they are given as in a vector."""
        self.credentials, self.allowed = credentials, allowed
        self.salt = salt or os.urandom(32)
        self.ephemerals = ephemerals or Ephemerals(os.urandom(32))
        self.encapsulated = encapsulated

    def answer(self, message):
        """Reads message 1; gives message 2 and the session."""
        hybrid = self.credentials.hybrid
        if len(message) != MESSAGE_1[hybrid]:
            raise HandshakeFailed
        clear = message[:CLEAR]
        version, proposed, salt, tag = clear[0], clear[1], clear[2:34], clear[34:]
        if version != VERSION or proposed not in suites.NOISE or tag != mac(self.credentials.peer_as_initiator, salt):
            raise HandshakeFailed
        connection = noise(proposed, clear, self.credentials.psk, self.ephemerals.x25519, False)
        self.ciphertext = self._encapsulate(read_noise(connection, message[CLEAR:]))
        suite = proposed if proposed in self.allowed else self.allowed[0]
        answer = bytes(connection.write_message(self.salt + bytes([suite]) + self.ciphertext))
        return answer, session_of(connection, False, self.ephemerals.mlkem_secret, suite)

    def _encapsulate(self, key):
        if not self.credentials.hybrid:
            return b""
        try:
            public = MLKEM768PublicKey.from_public_bytes(key)
        except ValueError as error:
            raise HandshakeFailed from error
        ciphertext, self.ephemerals.mlkem_secret = self.encapsulated or reversed(public.encapsulate())
        return ciphertext
