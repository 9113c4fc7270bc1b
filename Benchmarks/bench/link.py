"""Transfers through a slow link, and how many round trips they take beyond what their bytes do."""

import dataclasses
import socket
import threading
import time

from slow_link import SlowLink

UNITS = {"K": 1e3, "M": 1e6, "G": 1e9}


@dataclasses.dataclass
class Passage:
    """One transfer: its seconds, and the bytes of the direction of the data and of the other one."""

    seconds: float
    up: int
    down: int

    def least_seconds(self, bits_per_second):
        """What the bytes alone take. The directions do not wait for each other: the fuller one counts."""
        return max(self.up, self.down) * 8 / bits_per_second

    def round_trips(self, bits_per_second, round_trip):
        """What is left of the time, in round trips: waiting and computing alike."""
        return (self.seconds - self.least_seconds(bits_per_second)) / round_trip


def through(address, bits_per_second, round_trip, action):
    """Runs `action` with a link to `address` and keeps the seconds that it returns."""
    with SlowLink(address, bits_per_second, round_trip) as slow:
        seconds = action(slow)
        return Passage(seconds, *slow.take())


def plain_transfer(count, bits_per_second, round_trip):
    """So many bytes through a bare socket, and one back: the link's own measure. TCP's handshake takes one round trip,
    the bytes and the answer another."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answering = threading.Thread(target=_answer, args=(listener, count), daemon=True)
        answering.start()
        address = "127.0.0.1:%d" % listener.getsockname()[1]
        return through(address, bits_per_second, round_trip, lambda slow: _send(slow.port, count))


def _send(port, count):
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(bytes(count))
        if client.recv(1) != b"!":
            raise ConnectionError("the other end did not get everything")
    return time.monotonic() - begin


def _answer(listener, count):
    client, _ = listener.accept()
    with client:
        while count > 0 and (data := client.recv(1 << 16)):
            count -= len(data)
        client.sendall(b"!" if count == 0 else b"?")


def bits_per_second(text):
    """500K, 1M, 2.5M, 1G or a number: bits a second."""
    number, unit = (text[:-1], UNITS[text[-1].upper()]) if text[-1:].upper() in UNITS else (text, 1)
    return _positive(float(number) * unit)


def seconds(text):
    """600ms, 0.6s or a number of seconds."""
    for unit, size in (("ms", 0.001), ("s", 1)):
        if text.endswith(unit):
            return _positive(float(text[: -len(unit)]) * size)
    return _positive(float(text))


def _positive(value):
    if value <= 0:
        raise ValueError("not above 0")
    return value
