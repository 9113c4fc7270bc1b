"""Blueprints, models and rebuilt leaves of Vectors/, and whole recorded sessions."""

import unittest
import zlib

import vectors
from pfs import blob, blueprint, receiver, records
from pfs.blueprint import ADD, COPY, Descriptor
from pfs.codec import Malformed
from pfs.differences import Differences
from pfs.frames import Failed
from pfs.literals import Literals
from pfs.model import BitReader, BitWriter
from pfs.packing import pack
from pfs.rebuild import LeafDecoder
from pfs.recording import Playback, Recording
from test_vectors import VectorTest
from vectors import Inputs, octets


class Blueprints(VectorTest):
    def test_blueprints(self):
        for case in self.each("blueprint", "valid", 5):
            [record] = records.RecordReader().feed(octets(case["record"]))
            leaf = blueprint.of_record(record)
            self.assertEqual(leaf_fields(leaf, record.tail), case["value"])
            self.assertEqual(records.Record(records.LEAF, leaf.encode(), record.tail).encode().hex(), case["record"])

    def test_malformed_blueprints_are_refused(self):
        for case in self.each("blueprint", "invalid", 20):
            [record] = records.RecordReader().feed(octets(case["record"]))
            with self.assertRaises(Malformed):
                blueprint.of_record(record)


class Models(VectorTest):
    def test_what_is_coded(self):
        for case in self.each("model", "valid", 23):
            coded, decoded, expected, is_exact = MODELS[case["kind"]](case)
            self.assertEqual(coded.hex(), case["code"])
            self.assertTrue(decoded == expected)
            self.assertTrue(is_exact)

    def test_codes_that_are_not_used_exactly(self):
        for case in self.each("model", "invalid", 8):
            _, _, _, is_exact = MODELS[case["kind"]](case)
            self.assertFalse(is_exact)


class Leaves(VectorTest):
    def test_leaves_and_what_is_learned(self):
        for case in self.each("rebuild", "valid", 5):
            leaves, learned = self.rebuilt(case["records"])
            self.assertEqual(leaves, case["leaves"])
            self.assertEqual(learned, case["learned"])

    def test_leaves_that_are_refused(self):
        for case in self.each("rebuild", "invalid", 10):
            with self.assertRaises(Malformed if case["failure"] == "record" else WrongTag):
                self.rebuilt(case["records"])

    def rebuilt(self, written):
        shared = vectors.load("rebuild")
        data, gap = octets(shared["log"]), shared["gap"]
        log = blob.Log(bytes(16))
        for start, end in ((0, gap[0]), (gap[1], len(data))):
            log.keep(blob.extent_of(log.id, start, data[start:end]), data[start:end])
        learning = blob.Learning(log)
        decoder = LeafDecoder(
            lambda address, length: (learning if learning.run(address) else log).read(address, length),
            lambda address: log.run(address) or learning.run(address))
        tagger = Inputs(shared["inputs"]).session().tagger(octets(shared["transfer"]))
        leaves, learned = [], []
        for text in written:
            [record] = records.RecordReader().feed(octets(text))
            leaf = blueprint.of_record(record)
            found = decoder.decode(leaf, record.tail)
            if tagger.leaf(leaf.stream, leaf.leaf, found) != leaf.tag:
                raise WrongTag
            leaves.append(found.hex())
            learned.append(decoder.learned(leaf, found).hex() if leaf.learned is not None else "")
            if leaf.learned is not None:
                learning.add(leaf.learned, decoder.learned(leaf, found))
        return leaves, learned


class Sessions(VectorTest):
    """Given the seed and every ephemeral key, a recorded session opens; cut, it ends in failure."""

    def test_recorded_sessions(self):
        for case in self.each("session", "valid", 4):
            session, said = self.opened(case)
            found = receiver.Receiver(Playback(session, said[0]), blob.Log(bytes(16)), {}).receive()
            self.assertEqual({path.decode(): data.hex() for path, data in found.contents.items()}, case["contents"])

    def test_recorded_sessions_that_were_cut(self):
        for case in self.each("session", "invalid", 8):
            with self.assertRaises(Failed):
                self.opened(case)

    def opened(self, case):
        inputs = Inputs(case["inputs"])
        recording = Recording(octets(case["from_initiator"]), octets(case["from_responder"]))
        agreed = recording.agreed(inputs.x25519_i, by_initiator=True)
        self.assertEqual(agreed, recording.agreed(inputs.x25519_r, by_initiator=False))
        session = recording.session(inputs.credentials(True), agreed, b"")
        return session, recording.open(session)


class WrongTag(Exception):
    """What a leaf rebuilt to is not what its sender tagged."""


def leaf_fields(leaf, tail):
    return {
        "stream": leaf.stream, "leaf": leaf.leaf, "tag": leaf.tag.hex(), "coding": leaf.coding,
        "learned": leaf.learned, "whole": leaf.whole, "contexts": [[span.start, len(span)] for span in leaf.contexts],
        "descriptors": [[d.kind, d.length, d.address, d.byte] for d in leaf.descriptors],
        "differences": leaf.differences.hex(), "subtracted": leaf.subtracted, "literals": tail.hex(),
        "opened": leaf.opened and opened_fields(leaf.opened)}


def opened_fields(opened):
    return {
        "bases": [[span.start, len(span)] for span in opened.bases],
        "packings": [[each.length, each.level, [*map(list, each.blocks)]] for each in opened.packings],
        "coding": opened.coding, "contexts": [[span.start, len(span)] for span in opened.contexts],
        "descriptors": [[d.kind, d.length, d.address, d.byte] for d in opened.descriptors],
        "differences": opened.differences.hex(), "literals": opened.literals.hex()}


def differences(case):
    descriptors, place = [], 0
    for address, length, start, is_add in case["stretches"]:
        if start > place:
            descriptors.append(Descriptor(blueprint.LITERAL, start - place))
        descriptors.append(Descriptor(ADD if is_add else COPY, length, address))
        place = start + length
    writer, reader = BitWriter(), BitReader(octets(case["code"]))
    encoder, decoder = Differences(writer, descriptors), Differences(reader, descriptors)
    found, expected = [], []
    for address, start, old, new in case["adds"]:
        encoder.add(octets(old), address, start, octets(new))
        found.append(decoder.add(octets(old), address, start))
        expected.append(octets(new))
    return writer.finish(), found, expected, is_exact(reader)


def literals(case):
    leaf, context = octets(case["leaf"]), octets(case["context"])
    writer, reader = BitWriter(), BitReader(octets(case["code"]))
    count = sum(end - start for (start, end), _, _ in case["literals"])
    encoder, decoder = Literals(writer, context, count), Literals(reader, context, count)
    rebuilt = bytearray(leaf)
    for (start, end), *tracks in case["literals"]:
        tracks = [(first, *known) for first, known in tracks]
        encoder.literal(leaf[max(0, start - 16) : start], end - start, *tracks, leaf[start:end])
        rebuilt[start:end] = decoder.literal(bytes(rebuilt[max(0, start - 16) : start]), end - start, *tracks)
    return writer.finish(), bytes(rebuilt), leaf, is_exact(reader)


def packing(case):
    """Whatever opens deflate streams opens it; where zlib makes one block of that kind, it makes the same one."""
    content, code = octets(case["content"]), octets(case["code"])
    made = pack(content, case["level"], case["blocks"])
    if len(case["blocks"]) == 1 and len(content) < 16_383:
        compressor = zlib.compressobj(case["level"], zlib.DEFLATED, -15, 8)
        theirs = compressor.compress(content) + compressor.flush()
        if theirs[0] & 7 == made[0] & 7 and theirs != made:
            made = b"not as zlib"
    return made, zlib.decompress(code, -15), content, True


def is_exact(reader):
    return reader.is_used_up and not reader.is_overrun


MODELS = {"differences": differences, "literals": literals, "packing": packing}


if __name__ == "__main__":
    unittest.main()
