"""A slow link between two TCP ends, made of threads: no help from the kernel, no rights needed."""

import queue
import socket
import threading
import time

PACKET = 1448  # bytes that one packet carries, at the least
PACKET_SECONDS = 0.001  # on fast lines packets are longer than that, for threads wake up only so often
BACKLOG_SECONDS = 0.005  # what waits before a line, so that it never runs dry while its feeder sleeps


class Line:
    """One direction. Packets leave one after another; each arrives `delay` seconds after its last bit has left."""

    def __init__(self, bits_per_second, delay):
        self.seconds_per_byte = 8 / bits_per_second
        self.delay = delay
        self.packet = max(PACKET, int(PACKET_SECONDS / self.seconds_per_byte))
        self.bytes = 0
        self.free_at = 0.0
        self.lock = threading.Lock()

    def carry(self, count):
        """Takes a packet of so many bytes, which may be 0; returns when it arrives."""
        with self.lock:
            self.free_at = max(time.monotonic(), self.free_at) + count * self.seconds_per_byte
            self.bytes += count
            return self.free_at + self.delay

    def wait(self):
        """Waits until the line takes more."""
        sleep_until(self.free_at - BACKLOG_SECONDS)


class SlowLink:
    """Forwards TCP connections to an address, as a link with a rate in each direction and a round trip would.

    All connections share the two lines. TCP's own handshake takes its round trip: the near end's first byte leaves one
    round trip after it connected, the far end sees the connection half a round trip later. Headers and acknowledgements
    cost nothing, nothing is lost, and no window is ever too small for the link.
    """

    def __init__(self, address, bits_per_second, round_trip):
        host, port = address.rsplit(":", 1)
        self.target = (host.strip("[]"), int(port))
        self.round_trip = round_trip
        self.up = Line(bits_per_second, round_trip / 2)
        self.down = Line(bits_per_second, round_trip / 2)
        self.connections = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def take(self):
        """Waits until every connection has ended; returns the bytes up and down since the last call."""
        while self.connections:
            self.connections.pop().join(timeout=60)
        counts = self.up.bytes, self.down.bytes
        self.up.bytes = self.down.bytes = 0
        return counts

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(_start(self._join, near))

    def _join(self, near):
        begin = time.monotonic()
        upward, downward = queue.SimpleQueue(), queue.SimpleQueue()
        with near:
            sleep_until(begin + self.round_trip)
            feeding = _start(_feed, near, self.up, upward)
            sleep_until(begin + 1.5 * self.round_trip)
            try:
                far = socket.create_connection(self.target)
            except OSError:
                return _end(near)
            with far:
                others = [
                    _start(_feed, far, self.down, downward), _start(_deliver, upward, far, near),
                    _start(_deliver, downward, near, far),
                ]
                for thread in (feeding, *others):
                    thread.join()


def _start(action, *arguments):
    thread = threading.Thread(target=action, args=arguments, daemon=True)
    thread.start()
    return thread


def sleep_until(moment):
    time.sleep(max(0.0, moment - time.monotonic()))


def _feed(source, line, flight):
    """From a socket onto the line: what it does not take yet stays with the sender."""
    try:
        while data := source.recv(line.packet):
            flight.put((line.carry(len(data)), data))
            line.wait()
    except OSError:
        pass
    flight.put((line.carry(0), b""))


def _deliver(flight, sink, source):
    """What arrives, when it does; nothing at all is the end of the stream. An end that takes no more ends the other."""
    sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while True:
            arrival, data = flight.get()
            sleep_until(arrival)
            if not data:
                return sink.shutdown(socket.SHUT_WR)
            sink.sendall(data)
    except OSError:
        _end(source)


def _end(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
