"""frames.md §3 to §7: frames, sealed and opened in order, and how a sender that pads chooses their lengths."""

from dataclasses import dataclass

from . import suites
from .keys import VERSION

CONTROL, DATA, REPAIR, PAD = range(4)
LAST_OF_EPOCH = 1
MOST, LEAST, PAYLOAD = 65520, 23, 65497
EPOCH_FRAMES, EPOCH_BYTES = 2**20, 2**36
BLOCK = 4096


class Failed(Exception):
    """Erase all keys of the session, close the connection, send nothing."""


@dataclass(frozen=True)
class Frame:
    plane: int
    type: int
    payload: bytes = b""
    flags: int = 0


class Direction:
    """The keys of one direction, its sequence number and its place in an epoch."""

    def __init__(self, session, direction, epoch_frames=EPOCH_FRAMES, epoch_bytes=EPOCH_BYTES):
        self.session, self.direction = session, direction
        self.epoch_frames, self.epoch_bytes = epoch_frames, epoch_bytes
        self.sequence = self.epoch = 0
        self.secret = session.epoch(direction, 0)
        self._begin()

    def _begin(self):
        self.key, self.iv = self.session.frame_keys(self.secret, self.direction, self.epoch)
        self.frames = self.bytes = 0

    def parameters(self, length):
        nonce = suites.frame_nonce(self.session.suite, self.iv, self.sequence)
        associated = (
            bytes([VERSION]) + self.session.id + bytes([self.direction]) + self.epoch.to_bytes(4, "big")
            + self.sequence.to_bytes(8, "big") + length.to_bytes(2, "big"))
        return nonce, associated

    def would_end(self, wire):
        return self.frames + 1 >= self.epoch_frames or self.bytes + wire >= self.epoch_bytes

    def passed(self, wire, is_last):
        self.sequence += 1
        self.frames += 1
        self.bytes += wire
        if is_last:
            self.epoch += 1
            self.secret = self.session.next_epoch(self.secret, self.direction, self.epoch)
            self._begin()


class Sealer(Direction):
    def seal(self, frame, wire=LEAST, ends_epoch=False):
        """A frame of `wire` bytes, or of as many as its payload needs."""
        wire = max(wire, LEAST + len(frame.payload))
        is_last = ends_epoch or self.would_end(wire)
        plaintext = bytes([frame.plane, frame.type, LAST_OF_EPOCH if is_last else 0])
        plaintext += len(frame.payload).to_bytes(2, "big") + frame.payload
        length = wire - 2
        nonce, associated = self.parameters(length)
        sealed = suites.seal(self.session.suite, self.key, nonce, plaintext.ljust(length - 16, b"\0"), associated)
        self.passed(wire, is_last)
        return length.to_bytes(2, "big") + sealed


class Opener(Direction):
    def open(self, wire):
        """The frame whose bytes these are, length and all."""
        length = int.from_bytes(wire[:2], "big")
        check_length(length)
        if len(wire) != length + 2 or self.frames >= self.epoch_frames or self.bytes >= self.epoch_bytes:
            raise Failed
        nonce, associated = self.parameters(length)
        try:
            frame = parsed(suites.open_sealed(self.session.suite, self.key, nonce, wire[2:], associated))
        except suites.NotAuthentic as error:
            raise Failed from error
        self.passed(len(wire), frame.flags == LAST_OF_EPOCH)
        return frame


def check_length(length):
    if not LEAST - 2 <= length <= MOST - 2:
        raise Failed


def parsed(plaintext):
    plane, kind, flags = plaintext[:3]
    end = 5 + int.from_bytes(plaintext[3:5], "big")
    if plane > PAD or flags & ~LAST_OF_EPOCH or end > len(plaintext) or any(plaintext[end:]):
        raise Failed
    if (plane in (DATA, PAD) and kind != 0) or (plane == PAD and end > 5):
        raise Failed
    return Frame(plane, kind, plaintext[5:end], flags)


def padme(number):
    if number <= BLOCK:
        return BLOCK
    exponent = number.bit_length() - 1
    step = 1 << exponent - exponent.bit_length()
    return -(-number // step) * step


class Padding:
    """§7, for a sender: the wire length of each frame, and of the closing pad frames."""

    def __init__(self):
        self.total = self.data = 0

    def message(self, plane, payload):
        least = LEAST + payload
        if plane == CONTROL and payload == 0:
            wire = 64
        else:
            wire = next((size for size in (512, 1024, 2048) if size >= least), -(-least // BLOCK) * BLOCK)
        return self._sent(min(wire, MOST))

    def data_room(self):
        """Payload bytes of the next data frame, if it is full."""
        quarter = self.data // 4
        size = 1 << quarter.bit_length() - 1 if quarter else 0
        return min(max(size, 2048), MOST) - LEAST

    def data_frame(self, payload):
        wire = LEAST + payload
        if payload < self.data_room():
            wire = min(wire + padme(self.total + wire) - self.total - wire, MOST)
        self.data += payload
        return self._sent(wire)

    def closing(self):
        goal = padme(self.total)
        if 0 < goal - self.total < LEAST:
            goal = padme(goal + 1)
        while gap := goal - self.total:
            yield self._sent(gap if gap <= MOST else min(MOST, gap - LEAST))

    def _sent(self, wire):
        self.total += wire
        return wire
