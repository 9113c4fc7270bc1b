"""The reader of pads agrees with Vectors/pads.json and Vectors/keystream.json, and refuses what it must."""

import hashlib
import unittest

import pad_reader
import pad_stream
import vectors
from pad_reader import BLOCK, KEY, Refused
from test_vectors import VectorTest
from vectors import octets


def block(half, number):
    return b"".join(hashlib.sha256(bytes([half]) + number.to_bytes(8, "big") + bytes([i])).digest() for i in range(128))


class PadFile:
    """The pad of the vectors, as a file."""

    def __init__(self):
        pad = vectors.load("pads")["pad"]
        name = pad["name"].encode()
        self.header = b"PFSPADF\2" + octets(pad["id"]) + octets(pad["lower"]) + octets(pad["higher"]) + bytes(
            [pad["holder"], pad["source"]]) + pad["blocks"].to_bytes(8, "big") + bytes([len(name)]) + name
        self.key, self.blocks = octets(pad["check_key"]), pad["blocks"]

    def check(self, *values):
        return pad_reader.keyed(self.key, *values)

    def check_of(self, half, number):
        key = self.check(b"", half.to_bytes(8, "big") + number.to_bytes(8, "big"), b"packetfs/1 block", KEY)
        return pad_reader.poly1305(key, block(half, number))

    def data(self):
        places = [(half, number) for half in (0, 1) for number in range(self.blocks)]
        front = self.header.ljust(1024, b"\0") + self.key + self.check(self.header, b"\xff" * 16)
        table = b"".join(self.check_of(*place) for place in places)
        return front.ljust(BLOCK, b"\0") + table.ljust(BLOCK, b"\0") + b"".join(block(*place) for place in places)


class PadVectors(VectorTest):
    def setUp(self):
        super().setUp()
        self.file = PadFile()
        self.pad = pad_reader.Pad(self.file.data())

    def test_pad_files_and_messages(self):
        for case in self.each("pads", "valid", 8):
            if case["kind"] == "header":
                self.assertEqual(self.file.header, octets(case["header"]))
                self.assertEqual(self.file.check(self.file.header, b"\xff" * 16), octets(case["check"]))
            elif case["kind"] == "block":
                self.assertEqual(self.file.check_of(case["half"], case["block"]), octets(case["check"]))
            else:
                marks, destination, sections = pad_reader.sections(
                    pad_reader.uncover(self.pad, octets(case["message"])))
                opened = [(start, octets(tag)) for start, tag in case["opened"]]
                self.assertEqual(marks, (case["seen"], opened))
                self.assertEqual(destination, case["destination"])
                self.assertEqual([section.hex() for section in sections], case["sections"])

    def test_what_is_no_pad_and_no_message(self):
        for case in self.each("pads", "invalid", 38):
            if case["kind"] == "header":
                with self.assertRaises(Refused):
                    pad_reader.header(octets(case["header"]))
            elif case["authentic"]:
                plain = pad_reader.uncover(self.pad, octets(case["message"]))
                with self.assertRaises(Refused):
                    pad_reader.sections(plain)
            else:
                with self.assertRaises(Refused):
                    pad_reader.uncover(self.pad, octets(case["message"]))

    def test_covered_sessions(self):
        for case in self.each("keystream", "valid", 6):
            self.hear(case)

    def test_what_no_session_begins_or_goes_on_with(self):
        for case in self.each("keystream", "invalid", 11):
            with self.assertRaises(Refused):
                self.hear(case)

    def hear(self, case):
        if case["kind"] == "hello":
            session = octets(vectors.load("keystream")["session_id"])
            pad_stream.accept_cover(self.pad, octets(case["cover"]), session, case["reserved"])
            return
        stream = pad_stream.Uncovering(self.pad)
        for step in case["steps"]:
            if "announced" in step:
                stream.announce(*step["announced"])
            else:
                self.assertEqual(stream.uncover(octets(step["covered"])).hex(), step["payload"])


if __name__ == "__main__":
    unittest.main()
