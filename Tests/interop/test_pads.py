"""Messages of the real program, opened by a reader that was written from Specs/pads.md alone."""

import os
import re
import unittest

import pad_reader
import support
import vectors


class PadTest(support.LiveTest):
    def setUp(self):
        super().setUp()
        source, whole, one, other = (self.folder / name for name in ("source", "whole", "one", "other"))
        source.write_bytes(os.urandom(1 << 20))
        self.home.run("pad", "create", whole, "--size", "1M", "--source", source)
        self.home.run("pad", "split", whole, one, other)
        self.home.run("pad", "import", one, "--name", "pad")
        self.pad = pad_reader.Pad(other.read_bytes())
        self.plain = self.folder / "plain"
        self.plain.write_bytes(os.urandom(20_000))

    def seal(self, *options):
        message = self.folder / "message"
        self.home.run("pad", "seal", self.plain, "--message", message, *options)
        data = message.read_bytes()
        message.unlink()
        return data

    def test_messages_open(self):
        for options, blocks in (((), 6), (("--pad-to", "64K"), 16)):
            message = self.seal(*options)
            self.assertEqual(len(message), 4064 * blocks + 49)
            plain = pad_reader.uncover(self.pad, message)
            marks, destination, sections = pad_reader.sections(plain)
            self.assertEqual((marks, destination), ((0, []), ""))
            # Noise cannot be compressed, so it stands there as it is.
            self.assertIn(self.plain.read_bytes(), b"".join(sections))

    def test_changed_messages_do_not(self):
        message = self.seal()
        for place in (0, 8, 24, 30, 33, 5000, len(message) - 1):
            changed = bytearray(message)
            changed[place] ^= 1
            with self.assertRaises(pad_reader.Refused):
                pad_reader.uncover(self.pad, bytes(changed))

    def test_the_worked_example(self):
        """Specs/pads.md §6."""
        page = (vectors.FOLDER.parent / "Specs/pads.md").read_text(encoding="utf-8")
        head = bytes.fromhex(re.search(r"head += ((?:[0-9a-f]{2} )+)‖ 11 × 16", page).group(1))
        head += b"\x11" * 16 + bytes(9)
        plain = bytes(1547) + b"\0\0\0\5hello" + bytes(4064 - 1556)
        cipher = bytes(byte ^ 0xAA for byte in plain)
        tag = pad_reader.poly1305(bytes(range(32)), head + cipher)
        told = re.search(r"tag += ((?:[0-9a-f]{2} ?)+)$", page, re.MULTILINE).group(1)
        self.assertEqual(tag, bytes.fromhex(told))
        self.assertEqual(pad_reader.sections(plain), ((0, []), "", [b"hello"]))

    def test_the_tag_of_the_standard(self):
        """RFC 8439 §2.5.2."""
        key = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
        tag = pad_reader.poly1305(key, b"Cryptographic Forum Research Group")
        self.assertEqual(tag.hex(), "a8061dc1305136c6c22b8baf0c0127a9")


if __name__ == "__main__":
    unittest.main()
