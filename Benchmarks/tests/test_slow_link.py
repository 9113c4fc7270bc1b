"""The slow link against what its rate and its round trip make of a transfer."""

import pathlib
import socket
import sys
import threading
import time
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import link  # noqa: E402

import slow_link  # noqa: E402
from slow_link import SlowLink  # noqa: E402


class SlowLinkTests(unittest.TestCase):
    def test_no_transfer_is_faster_than_its_bytes_and_two_round_trips(self):
        links = (1e6, 0.2, 50_000), (20e6, 0.05, 1_000_000), (1e9, 0.001, 20_000_000)
        for bits_per_second, round_trip, count in links:
            with self.subTest(rate=bits_per_second):
                measured = link.plain_transfer(count, bits_per_second, round_trip)
                self.assertEqual((measured.up, measured.down), (count, 1))
                self.assertGreater(measured.seconds, (count * 8 / bits_per_second + 2 * round_trip) * 0.995)

    def test_nothing_waits_longer_than_it_must(self):
        # A busy machine adds what it likes: one attempt of many must come through without.
        seconds = min(link.plain_transfer(12_500, 1e6, 0.2).seconds for _ in range(8))
        self.assertLess(seconds, 0.1 + 2 * 0.2 + 0.1)

    def test_a_line_carries_at_its_rate_whatever_the_time(self):
        with unittest.mock.patch("slow_link.time") as clock:
            clock.monotonic.return_value = 1000.0
            line = slow_link.Line(8e6, 0.3)
            arrivals = [line.carry(1_000) for _ in range(3)]
            clock.monotonic.return_value = 1001.0
            arrivals.append(line.carry(1_000_000))
        for arrival, expected in zip(arrivals, (1000.301, 1000.302, 1000.303, 1002.3)):
            self.assertAlmostEqual(arrival, expected, places=6)

    def test_connections_share_the_line(self):
        with echo_server() as address, SlowLink(address, 8e6, 0) as slow:
            begin = time.monotonic()
            both = [threading.Thread(target=echo, args=(slow.address, 100_000)) for _ in range(2)]
            for thread in both:
                thread.start()
            for thread in both:
                thread.join()
            self.assertGreater(time.monotonic() - begin, 0.2)
            self.assertEqual(slow.take(), (200_000, 200_000))

    def test_a_refused_connection_ends(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            address = "127.0.0.1:%d" % closed.getsockname()[1]
        with SlowLink(address, 1e6, 0.01) as slow, socket.create_connection(("127.0.0.1", slow.port)) as client:
            client.settimeout(300)
            self.assertEqual(client.recv(1), b"")

    def test_rates_and_times_are_read(self):
        self.assertEqual([link.bits_per_second(text) for text in ("500K", "2.5m", "1G", "64")], [5e5, 2.5e6, 1e9, 64])
        self.assertEqual([link.seconds(text) for text in ("600ms", "0.6s", "2")], [0.6, 0.6, 2])
        for text in ("", "0", "-1M", "fast"):
            with self.assertRaises(ValueError):
                link.bits_per_second(text)


class echo_server:
    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return "127.0.0.1:%d" % self.listener.getsockname()[1]

    def __exit__(self, *_):
        self.listener.close()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._echo, args=(client,), daemon=True).start()

    @staticmethod
    def _echo(client):
        with client:
            while data := client.recv(65536):
                client.sendall(data)


def echo(address, count):
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as client:
        sender = threading.Thread(target=lambda: (client.sendall(bytes(count)), client.shutdown(socket.SHUT_WR)))
        sender.start()
        left = count
        while left and (data := client.recv(65536)):
            left -= len(data)
        sender.join()


if __name__ == "__main__":
    unittest.main()
