"""frames.md: one session over a connection, one message at a time."""

import socket

from . import control, frames
from .frames import CONTROL, DATA, PAD, Failed, Frame
from .handshake import Initiator, Responder


class Wire:
    """A connection that remembers every byte that crossed it, as an observer would."""

    def __init__(self, connection):
        connection.settimeout(60)
        self.connection = connection
        self.sent, self.received = bytearray(), bytearray()

    def send(self, data):
        self.connection.sendall(data)
        self.sent += data

    def take(self, count):
        found = bytearray()
        while len(found) < count:
            piece = self.connection.recv(count - len(found))
            if not piece:
                raise Failed("the connection ended")
            found += piece
        self.received += found
        return bytes(found)

    def send_handshake(self, message):
        self.send(len(message).to_bytes(2, "big") + message)

    def take_handshake(self):
        return self.take(int.from_bytes(self.take(2), "big"))

    def take_frame(self):
        head = self.take(2)
        frames.check_length(int.from_bytes(head, "big"))
        return head + self.take(int.from_bytes(head, "big"))

    def finish(self):
        """Closes our side, and reads the other one to its end."""
        self.connection.shutdown(socket.SHUT_WR)
        while piece := self.connection.recv(1 << 16):
            self.received += piece
        self.connection.close()


class Aborted(Exception):
    """The peer gave up, for the reason of blueprint.md §3.1."""


class Session:
    def __init__(self, wire, keys, initiates, ephemerals=None):
        self.wire, self.keys, self.initiates, self.ephemerals = wire, keys, initiates, ephemerals
        own = 0 if initiates else 1
        self.sealer, self.opener = frames.Sealer(keys, own), frames.Opener(keys, 1 - own)
        self.padding = frames.Padding()
        self.data = bytearray()
        self.sent = self.received = (0, 0)
        self.has_ended = False

    def say(self, kind, payload=b"", plane=CONTROL):
        self.flush()
        self._seal(Frame(plane, kind, payload), self.padding.message(plane, len(payload)))

    def write(self, data):
        """Bytes of our data stream. Full frames leave at once."""
        self.data += data
        while len(self.data) >= (room := self.padding.data_room()):
            self._send_data(room)

    def flush(self):
        if self.data:
            self._send_data(len(self.data))

    def _send_data(self, count):
        payload = bytes(self.data[:count])
        del self.data[:count]
        self.sent = self.sent[0] + count, self.sent[1] + 1
        self._seal(Frame(DATA, 0, payload), self.padding.data_frame(count))

    def _seal(self, frame, wire):
        self.wire.send(self.sealer.seal(frame, wire))

    def hear(self):
        """The next frame that says something. An `abort` is raised, `alive` passed over."""
        while True:
            frame = self.opener.open(self.wire.take_frame())
            if frame.plane == DATA:
                self.received = self.received[0] + len(frame.payload), self.received[1] + 1
            elif frame.plane == CONTROL and frame.type == control.ABORT:
                raise Aborted(control.read_abort(frame.payload))
            elif frame.plane == CONTROL and frame.type == control.END:
                self._check_end(frame.payload)
            if control.says_something(frame):
                return frame

    def _check_end(self, payload):
        if control.read_end(payload) != self.received:
            raise Failed("the counts of the end differ")
        self.has_ended = True

    def end(self):
        """§9: says the end, and waits for that of the peer."""
        self.flush()
        self.say(control.END, control.end(*self.sent))
        for wire in self.padding.closing():
            self._seal(Frame(PAD, 0), wire)
        while not self.has_ended:
            self.hear()
        self.wire.finish()


def connect(address, credentials, suite):
    wire = Wire(socket.create_connection(address, timeout=60))
    initiator = Initiator(credentials, suite)
    wire.send_handshake(initiator.message_1())
    keys = initiator.finish(wire.take_handshake())
    return Session(wire, keys, True, initiator.ephemerals)


def answer(connection, credentials):
    wire = Wire(connection)
    responder = Responder(credentials)
    message, keys = responder.answer(wire.take_handshake())
    wire.send_handshake(message)
    return Session(wire, keys, False, responder.ephemerals)
