"""Who recorded a session and then learned some of its secrets: what that opens."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from noise.exceptions import NoiseInvalidMessage

from . import control, frames, handshake
from .frames import Failed
from .handshake import CLEAR, HandshakeFailed


class Recording:
    """The bytes of both directions of one session."""

    def __init__(self, from_initiator, from_responder):
        self.message_1, self.from_initiator = first_message(from_initiator)
        self.message_2, self.from_responder = first_message(from_responder)
        self.suite = self.message_1[1]

    @classmethod
    def of(cls, session):
        """What crossed the wire of a session in which one end was ours."""
        wire = session.wire
        return cls(wire.sent, wire.received) if session.initiates else cls(wire.received, wire.sent)

    def read_message_1(self, credentials):
        """The payload of message 1, which the seed alone opens: the public key of ML-KEM."""
        connection = self._noise(credentials, bytes(32))
        return handshake.read_noise(connection, self.message_1[CLEAR:])

    def read_message_2(self, credentials, agreed):
        """The payload of message 2, and the session's Noise state, for whoever thinks that X25519 gave `agreed`."""
        connection = self._noise(credentials, bytes(32))
        handshake.read_noise(connection, self.message_1[CLEAR:])
        state = connection.noise_protocol.handshake_state
        symmetric = state.symmetric_state
        symmetric.mix_hash(self.message_2[:32])
        symmetric.mix_key(self.message_2[:32])
        symmetric.mix_key(agreed)
        try:
            payload = symmetric.decrypt_and_hash(self.message_2[32:])
        except (InvalidTag, NoiseInvalidMessage) as error:
            raise HandshakeFailed from error
        handshake_hash = symmetric.get_handshake_hash()
        first, second = symmetric.split()
        return payload, handshake_hash, bytes(first.k), bytes(second.k)

    def agreed(self, x25519, by_initiator):
        """What X25519 gives, out of one end's ephemeral key."""
        peer = self.message_2[:32] if by_initiator else self.message_1[CLEAR : CLEAR + 32]
        return X25519PrivateKey.from_private_bytes(x25519).exchange(X25519PublicKey.from_public_bytes(peer))

    def session(self, credentials, agreed, mlkem_secret):
        payload, h, k1, k2 = self.read_message_2(credentials, agreed)
        return handshake.Session.of_handshake(h, k1, k2, mlkem_secret, payload[32])

    def open(self, session):
        """Every frame of both directions that says something."""
        return [
            [frame for frame in opened(session, direction, data) if control.says_something(frame)]
            for direction, data in enumerate((self.from_initiator, self.from_responder))]

    def _noise(self, credentials, x25519):
        return handshake.noise(self.suite, self.message_1[:CLEAR], credentials.psk, x25519, False)


def first_message(data):
    end = 2 + int.from_bytes(data[:2], "big")
    return bytes(data[2:end]), bytes(data[end:])


def opened(session, direction, data):
    """The frames of a direction. What is cut within the padding behind its end is whole, all else that is cut is not."""
    opener, place, found = frames.Opener(session, direction), 0, []
    while (end := place + 2 + int.from_bytes(data[place : place + 2], "big")) <= len(data):
        found.append(opener.open(data[place:end]))
        place = end
    said = [len(frame.payload) for frame in found if frame.plane == frames.DATA]
    ends = [frame.payload for frame in found if (frame.plane, frame.type) == (frames.CONTROL, control.END)]
    if [control.read_end(payload) for payload in ends] != [(sum(said), len(said))]:
        raise Failed("the direction has no end, or not the right one")
    return found


class Playback:
    """A session for a receiver that only listens to what the other end once said."""

    def __init__(self, session, said):
        self.keys, self.said = session, iter(said)

    def hear(self):
        return next(self.said)

    def say(self, *_):
        """Nobody is there to hear it."""
