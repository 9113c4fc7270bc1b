"""The Python end and the real program move trees over TCP, in every role and under both suites."""

import os
import random
import time
import unittest

import support
from pfs import blob, blueprint, control, receiver, records, sender, session, suites, tree


class Transfers:
    """Both ends of each direction, initiated by each."""

    def test_python_sends_to_serve(self):
        """New bytes as literals, then the same ones as copies of what both learned."""
        credentials = self.known_by_home(f"put:{self.inbox}")
        source, log = support.make_tree(self.folder / "source"), blob.Log(os.urandom(16))
        with support.serving(self.home) as server:
            for name, kinds in (("new", {blueprint.LITERAL, blueprint.FILL}),
                                ("copied", {blueprint.COPY, blueprint.LITERAL, blueprint.FILL})):
                with self.subTest(name):
                    end = session.connect(support.address_of(server), credentials, self.suite)
                    sent = sender.Sender(end, log).send(*tree.scan(source), destination=name)
                    end.end()
                    self.assertEqual(sent.kinds, kinds)
                    self.assertEqual(sent.receipt.failures, [])
                    self.assertTrue(log.extents)
                    self.assert_same(source, self.inbox / name)

    def test_python_fetches_from_serve(self):
        source = support.make_tree(self.folder / "source")
        credentials = self.known_by_home(f"get:{source}")
        with support.serving(self.home) as server:
            end = session.connect(support.address_of(server), credentials, self.suite)
            end.say(control.REQUEST, control.Request(3, [f"{source}/"]).encode())
            found = receiver.Receiver(end, blob.Log(bytes(16)), {}).receive()
            end.end()
        tree.write(self.folder / "fetched", found.entries, found.contents)
        self.assert_same(source, self.folder / "fetched")

    def test_send_reaches_python(self):
        """A tree; the same after an edit, kept and copied and added; and after Python forgot what it had."""
        server = support.PythonServer(lambda end: receiver.Receiver(end, log, memory).receive())
        self.addCleanup(server.close)
        server.credentials = self.known_to_home(server.address)
        source, log, memory = support.make_tree(self.folder / "source"), blob.Log(bytes(16)), {}
        (source / "program").write_bytes(program(seed=1, moved=0))

        first = self._sent(server, source)
        self.assertIn(blueprint.LITERAL, first.kinds)
        (source / "program").write_bytes(program(seed=1, moved=48))
        second = self._sent(server, source)
        self.assertIn(blueprint.ADD, second.kinds)
        self.assertGreater(second.counts["kept"], 3)
        memory.clear()
        third = self._sent(server, source)
        self.assertGreater(third.wanted, 3)
        self.assertIn(blueprint.COPY, third.kinds)

    def test_get_asks_python(self):
        source, log = support.make_tree(self.folder / "source"), blob.Log(os.urandom(16))

        def send(end):
            request = control.Request.decode(end.hear().payload)
            self.assertEqual(request.sources, ["anything/"])
            return sender.Sender(end, log).send(
                *tree.scan(source), destination=request.destination, options=request.options.flags)

        server = support.PythonServer(send)
        self.addCleanup(server.close)
        server.credentials = self.known_to_home(server.address)
        self.home.run("peer", "set", "python", "--suite", support.SUITES[self.suite])
        server.during(lambda: self.home.run("get", "python:anything/", self.folder / "got"))
        self.assert_same(source, self.folder / "got")

    def _sent(self, server, source):
        target = self.folder / f"received{len(os.listdir(self.folder))}"
        _, found, end = server.during(
            lambda: self.home.run("send", "--suite", support.SUITES[self.suite], f"{source}/", "python:x"))
        self.assertEqual(end.keys.suite, self.suite)
        tree.write(target, found.entries, found.contents)
        self.assert_same(source, target)
        return found


class UnderAES(Transfers, support.LiveTest):
    suite = suites.AES_GCM


class UnderXChaCha(Transfers, support.LiveTest):
    suite = suites.XCHACHA


class Detours(support.LiveTest):
    """What is not the straight way of a transfer."""

    def test_raw_literals_and_leaves_of_a_long_file(self):
        credentials = self.known_by_home(f"put:{self.inbox}")
        source = self.folder / "source"
        source.mkdir()
        (source / "long").write_bytes(random.Random(1).randbytes(9_000_000))
        with support.serving(self.home) as server:
            end = session.connect(support.address_of(server), credentials, suites.AES_GCM)
            sent = sender.Sender(end, blob.Log(os.urandom(16)), blueprint.RAW).send(*tree.scan(source), destination="x")
            end.end()
        self.assertEqual(len(sent.receipt.extents), 1)
        self.assert_same(source, self.inbox / "x")

    def test_serve_asks_for_what_arrived_damaged(self):
        """A leaf whose literals are not those of its tag is repaired, part by part."""
        credentials = self.known_by_home(f"put:{self.inbox}")
        source = support.make_tree(self.folder / "source")

        def spoil(leaf, tail):
            if leaf.stream == 1:
                tail = bytearray(tail)
                tail[300_000] ^= 1
            return bytes(tail)

        with support.serving(self.home) as server:
            end = session.connect(support.address_of(server), credentials, suites.AES_GCM)
            spoiling = sender.Sender(end, blob.Log(os.urandom(16)), blueprint.RAW, spoil)
            sent = spoiling.send(*tree.scan(source), destination="x")
            end.end()
        self.assertEqual((sent.repaired, sent.receipt.counts["repaired"]), (1, 1))
        self.assertEqual(sent.receipt.counts["bytes_repaired"], blueprint.PART)
        self.assert_same(source, self.inbox / "x")

    def test_python_repairs_what_its_damaged_log_got_wrong(self):
        server, source, log, _ = self._learned()
        for extent in log.extents:
            log.bytes[extent.address][extent.length // 2] ^= 0xFF
        (source / "moved").write_bytes((source / "random").read_bytes())
        _, found, _ = server.during(lambda: self.home.run("send", f"{source}/", "python:x"))
        self.assertEqual(found.counts["repaired"], 1)
        tree.write(self.folder / "received", found.entries, found.contents)
        self.assert_same(source, self.folder / "received")

    def test_other_holdings_are_planned_with(self):
        server, source, log, _ = self._learned()
        log.extents = []
        (source / "moved").write_bytes((source / "random").read_bytes())
        _, found, _ = server.during(lambda: self.home.run("send", f"{source}/", "python:x"))
        self.assertEqual(found.offers, 2)
        self.assertNotIn(blueprint.COPY, found.kinds)
        tree.write(self.folder / "received", found.entries, found.contents)
        self.assert_same(source, self.folder / "received")

    def test_serve_takes_up_what_python_was_cut_off_in(self):
        """Within a leaf, of which the front is held."""
        credentials = self.known_by_home(f"put:{self.inbox}")
        source, log = self._long_file(), blob.Log(os.urandom(16))
        with support.serving(self.home) as server:
            end = session.connect(support.address_of(server), credentials, suites.AES_GCM)
            end.wire.send = cut_off(end.wire, 6_000_000)
            first = sender.Sender(end, log, blueprint.RAW)
            with self.assertRaises(Cut):
                first.send(*tree.scan(source), destination="x")
            end = session.connect(support.address_of(server), credentials, suites.AES_GCM)
            second = sender.Sender(end, log, blueprint.RAW)
            sent = second.send(*tree.scan(source), destination="x", earlier=first.interrupted)
            end.end()
        self.assertEqual((sent.offers, sent.repaired), (2, 0))
        self.assertEqual(sent.kinds, {blueprint.LITERAL, blueprint.HELD})
        self.assertLess(end.sent[0], 3_200_000)
        self.assert_same(source, self.inbox / "x")

    def test_send_goes_on_with_what_python_has(self):
        source, log, left = self._long_file(), blob.Log(bytes(16)), []

        def receive(end):
            role = receiver.Receiver(end, log, {}, *left)
            if left:
                return role.receive()
            role.queue = Leaves(2)
            try:
                return role.receive()
            finally:
                left.append(role.interrupted)

        server = support.PythonServer(receive)
        self.addCleanup(server.close)
        server.credentials = self.known_to_home(server.address)
        with self.assertRaises(Cut):
            server.during(lambda: self.home.run("send", f"{source}/", "python:x"))
        _, found, end = server.during(lambda: self.home.run("send", f"{source}/", "python:x"))
        self.assertIn(blueprint.HELD, found.kinds)
        self.assertLess(end.received[0], 5_000_000)
        tree.write(self.folder / "received", found.entries, found.contents)
        self.assert_same(source, self.folder / "received")

    def test_only_an_empty_file_is_wanted(self):
        """Its contents have no bytes, and are announced all the same."""
        server, source, _, memory = self._learned()
        for transfer, path in [*memory]:
            if path == b"nothing":
                del memory[transfer, path]
        _, found, _ = server.during(lambda: self.home.run("send", f"{source}/", "python:x"))
        self.assertEqual(found.wanted, 1)

    def test_serve_drops_what_python_does_not_know(self):
        """A sender that lost its records of a log is told holdings that it does not know."""
        credentials = self.known_by_home(f"put:{self.inbox}")
        source, log = support.make_tree(self.folder / "source"), blob.Log(os.urandom(16))
        with support.serving(self.home) as server:
            for name, offers in (("first", 1), ("second", 2)):
                end = session.connect(support.address_of(server), credentials, suites.AES_GCM)
                sent = sender.Sender(end, log).send(*tree.scan(source), destination=name)
                end.end()
                self.assertEqual(sent.offers, offers)
                self.assert_same(source, self.inbox / name)
                log.extents = []

    def test_a_corpus_is_provisioned(self):
        server, _, log, _ = self._learned()
        corpus = self.folder / "corpus"
        corpus.write_bytes(random.Random(2).randbytes(12 * blob.UNIT))
        held = len(log.extents)
        _, found, _ = server.during(lambda: self.home.run("blob", "add", "--peer", "python", corpus))
        self.assertTrue(found.offer.provisions)
        placed = b"".join(bytes(log.bytes[extent.address]) for extent in log.extents[held:])
        self.assertTrue(sorted(units(placed)) == sorted(units(corpus.read_bytes())))
        self.assertTrue(placed != corpus.read_bytes())

    def test_a_session_without_ml_kem(self):
        server = support.PythonServer(lambda end: receiver.Receiver(end, blob.Log(bytes(16)), {}).receive())
        self.addCleanup(server.close)
        server.credentials = self.known_to_home(server.address, hybrid=False)
        source = support.make_tree(self.folder / "source")
        _, found, end = server.during(lambda: self.home.run("send", f"{source}/", "python:x"))
        self.assertEqual(int.from_bytes(end.wire.received[:2], "big"), 114)
        tree.write(self.folder / "received", found.entries, found.contents)
        self.assert_same(source, self.folder / "received")

    def _long_file(self):
        source = self.folder / "source"
        source.mkdir()
        (source / "long").write_bytes(random.Random(3).randbytes(9_000_000))
        (source / "short").write_bytes(b"and another one")
        time.sleep(0.05)  # As for a tree.
        return source

    def _learned(self):
        """A Python server, a source, the log that both have after one transfer, and what Python remembers of it."""
        log, memory = blob.Log(bytes(16)), {}
        server = support.PythonServer(lambda end: receiver.Receiver(end, log, memory).receive())
        self.addCleanup(server.close)
        server.credentials = self.known_to_home(server.address)
        source = support.make_tree(self.folder / "source")
        server.during(lambda: self.home.run("send", f"{source}/", "python:x"))
        self.assertTrue(log.extents)
        return server, source, log, memory


class Cut(Exception):
    """The line is cut, on purpose."""


def cut_off(wire, count):
    """What sends in place of `wire.send`, until so many bytes are through."""
    send, left = wire.send, [count]

    def limited(data):
        if len(data) > left[0]:
            wire.connection.close()
            raise Cut
        left[0] -= len(data)
        send(data)

    return limited


class Leaves(list):
    """A queue of records that is cut off behind so many leaves of content."""

    def __init__(self, count):
        super().__init__()
        self.left = count

    def pop(self, place):
        record = super().pop(place)
        if record.type == records.LEAF and blueprint.of_record(record).stream == 1:
            if self.left == 0:
                raise Cut
            self.left -= 1
        return record


def units(data):
    return [data[at : at + blob.UNIT] for at in range(0, len(data), blob.UNIT)]


def program(seed, moved):
    """Bytes like native code: calls across it, whose distances change where `moved` bytes were put in."""
    source = random.Random(seed)
    starts = sorted(source.randrange(200_000) for _ in range(3000))
    body = bytearray()
    calls = []
    for number in range(8000):
        body += source.choice((b"\x48\x89\xe5\x48\x83\xec", b"\x8b\x45\xfc\x83\xc0", b"\x55\x53\x0f\xb6"))
        body += bytes([number % 7])
        if number % 3 == 0:
            body += b"\xe8"
            calls.append((len(body), source.choice(starts)))
            body += bytes(4)
        if number == 4000:
            middle = len(body)
            body += random.Random(number).randbytes(moved)
    for place, target in calls:
        target += moved if target > middle else 0
        body[place : place + 4] = (target - place - 4 & 0xFFFFFFFF).to_bytes(4, "little")
    return bytes(body)


if __name__ == "__main__":
    unittest.main()
