"""The second implementation agrees with every vector of Vectors/, and refuses what it must with nothing released."""

import unittest

import vectors
from meanings import MEANINGS
from pfs import blob, frames, keys, manifest, records, seeds, streams
from pfs.codec import Malformed
from pfs.control import Extent
from pfs.frames import Failed
from pfs.handshake import HandshakeFailed
from vectors import Inputs, octets


class VectorTest(unittest.TestCase):
    """A test over the cases of a file; the one that fails names its case."""

    maxDiff = 2000
    checked = 0
    case = None

    def each(self, name, part, count):
        """The cases of a file, at least `count`, so that an emptied file is noticed."""
        cases = vectors.load(name)[part]
        self.assertGreaterEqual(len(cases), count)
        for case in cases:
            self.case = case["name"]
            yield case
            VectorTest.checked += 1

    def shortDescription(self):
        return self.case


class Handshakes(VectorTest):
    def test_messages_and_sessions(self):
        for case in self.each("handshake", "valid", 4):
            inputs, encapsulated = Inputs(case["inputs"]), None
            if inputs.hybrid:
                encapsulated = octets(case["mlkem_ciphertext"]), octets(case["mlkem_secret"])
            caller = inputs.caller()
            message_1 = caller.message_1()
            self.assertEqual(message_1.hex(), case["message_1"])
            message_2, session = inputs.called(encapsulated).answer(message_1)
            self.assertEqual(message_2.hex(), case["message_2"])
            self.assertEqual(session.id.hex(), case["session_id"])
            self.assertEqual(caller.finish(message_2).id.hex(), case["session_id"])

    def test_damaged_messages_are_refused(self):
        for case in self.each("handshake", "invalid", 60):
            inputs = Inputs(case["inputs"])
            caller = inputs.caller()
            caller.message_1()
            with self.assertRaises(HandshakeFailed):
                if case["reader"] == "responder":
                    inputs.called().answer(octets(case["message_1"]))
                else:
                    caller.finish(octets(case["message_2"]))


class Frames(VectorTest):
    def test_frames_open(self):
        for case in self.each("frames", "valid", 6):
            released, failure = self.opened(case)
            self.assertEqual(released, case["released"])
            self.assertIsNone(failure)

    def test_nothing_more_is_released_before_a_failure(self):
        for case in self.each("frames", "invalid", 40):
            released, failure = self.opened(case)
            self.assertEqual(released, case["released"])
            self.assertEqual(failure, "incomplete" if case.get("incomplete") else "failed")

    def opened(self, case):
        limits = case.get("epoch_frames", frames.EPOCH_FRAMES), case.get("epoch_bytes", frames.EPOCH_BYTES)
        opener = frames.Opener(Inputs(case["inputs"]).session(), case["direction"], *limits)
        wire, released = octets(case["wire"]), []
        try:
            while wire:
                if len(wire) < 2:
                    return released, "incomplete"
                length = int.from_bytes(wire[:2], "big")
                frames.check_length(length)
                if len(wire) < length + 2:
                    return released, "incomplete"
                frame = opener.open(wire[: length + 2])
                wire = wire[length + 2 :]
                if frame.plane != frames.PAD:
                    released.append({"plane": frame.plane, "type": frame.type, "payload": frame.payload.hex()})
        except Failed:
            return released, "failed"
        return released, None


class Keys(VectorTest):
    def test_tags(self):
        for case in self.each("integrity", "valid", 12):
            self.assertEqual(self.tag(case), case["tag"])

    def test_other_tags(self):
        for case in self.each("integrity", "invalid", 18):
            self.assertNotEqual(self.tag(case), case["tag"])

    def tag(self, case):
        tagger = Inputs(case["inputs"]).session().tagger(octets(case["transfer"]))
        place, data = (case["stream"], case["leaf"]), octets(case["data"])
        return (tagger.part(*place, case["part"], data) if "part" in case else tagger.leaf(*place, data)).hex()

    def test_what_follows_from_a_seed(self):
        for case in self.each("keys", "valid", 15):
            if case["kind"] == "fingerprint":
                parties = [octets(party) for party in case["parties"]]
                found = keys.Credentials(octets(case["seed"]), *parties).fingerprint()
                self.assertEqual(found, case["fingerprint"])
            elif case["kind"] == "padme":
                self.assertEqual(frames.padme(case["total"]), case["padded"])
            else:
                self.stream(case)

    def stream(self, case):
        inputs = Inputs(case["inputs"])
        cipher = streams.StreamCipher(inputs.credentials(True), inputs.session(), case["direction"])
        self.assertEqual([cipher.apply(octets(payload)).hex() for payload in case["payloads"]], case["covered"])


class Messages(VectorTest):
    def test_messages_say_what_they_say(self):
        for case in self.each("control", "valid", 20):
            value, again = MEANINGS[case["plane"], case["type"]](octets(case["payload"]))
            self.assertEqual(value, case["value"])
            self.assertEqual(again.hex(), case["payload"])

    def test_malformed_messages_are_refused(self):
        for case in self.each("control", "invalid", 45):
            with self.assertRaises((Malformed, KeyError)):
                MEANINGS[case["plane"], case["type"]](octets(case["payload"]))


class Records(VectorTest):
    def test_streams_of_records(self):
        for case in self.each("records", "valid", 5):
            for step in (1, 7, 1 << 20):
                found, left = read_records(octets(case["stream"]), step)
                self.assertEqual(found, case["records"])
                self.assertFalse(left)

    def test_what_comes_before_a_malformed_record(self):
        for case in self.each("records", "invalid", 18):
            found, left = read_records(octets(case["stream"]), 1 << 20)
            self.assertEqual(found, case["records"])
            self.assertEqual(left, "incomplete" if case.get("incomplete") else "malformed")


class Manifests(VectorTest):
    def test_manifests(self):
        for case in self.each("manifest", "valid", 3):
            entries = manifest.decode(octets(case["manifest"]))
            self.assertEqual([entry_fields(entry) for entry in entries], case["entries"])
            self.assertEqual(manifest.encode(entries).hex(), case["manifest"])

    def test_malformed_manifests_are_refused(self):
        for case in self.each("manifest", "invalid", 35):
            with self.assertRaises(Malformed):
                manifest.decode(octets(case["manifest"]))


class Seeds(VectorTest):
    def test_peer_files(self):
        for case in self.each("seeds", "valid", 2):
            found = seeds.PeerFile.decode(octets(case["file"]))
            self.assertEqual(found.encode().hex(), case["file"])
            self.assertEqual(
                (found.seed.hex(), found.generation, found.id.hex(), found.exporter.hex(), found.importer.hex(),
                 found.hybrid, found.host, found.address),
                tuple(case[name] for name in (
                    "seed", "generation", "id", "exporter", "importer", "mlkem", "host", "address")))

    def test_malformed_peer_files_are_refused(self):
        for case in self.each("seeds", "invalid", 12):
            with self.assertRaises(Malformed):
                seeds.PeerFile.decode(octets(case["file"]))

    def test_the_sealed_seed_of_the_page(self):
        page = (vectors.FOLDER.parent / "Specs/seeds.md").read_text(encoding="utf-8")
        sealed = bytes.fromhex(page.rsplit("Sealed seed file:", 1)[1])
        self.assertEqual(seeds.unseal(sealed, b"packetfs", 1), b"\7" * 32)


class Blobs(VectorTest):
    def test_holdings_extents_and_places(self):
        for case in self.each("blob", "valid", 14):
            self.assertEqual(*BLOBS[case["kind"]](case))

    def test_what_is_refused(self):
        for case in self.each("blob", "invalid", 6):
            with self.assertRaises(Malformed):
                BLOBS[case["kind"]](case | {"digest": "", "extents": case.get("extents", [])})


def read_records(stream, step):
    reader, found = records.RecordReader(), []
    try:
        for at in range(0, len(stream), step):
            for record in reader.feed(stream[at : at + step]):
                found.append(record_fields(record))
    except Malformed:
        return found, "malformed"
    return found, "incomplete" if reader.waiting else None


def record_fields(record):
    if record.type == records.OPENING:
        transfer, listing, content = records.read_opening(record.fields)
        return {"type": 1, "transfer": transfer.hex(), "manifest": listing, "content": content}
    if record.type == records.ORIGINS:
        kept_from = records.read_origins(record.fields)
        return {"type": 3, "kept_from": [version and version.hex() for version in kept_from]}
    if record.type == records.MORE:
        return {"type": 4, "content": records.read_more(record.fields)}
    raise Malformed("a leaf among records that are none")


def entry_fields(entry):
    return {
        "path": entry.path.hex(), "kind": entry.kind, "mode": entry.mode, "seconds": entry.time[0],
        "nanoseconds": entry.time[1], "owner": entry.owner, "group": entry.group, "size": entry.size,
        "sparse": entry.sparse, "target": entry.target.hex(), "link": entry.link if entry.link >= 0 else None,
        "attributes": [[name, value.hex()] for name, value in entry.attributes]}


def holdings_digest(case):
    extents = [Extent(address, length, octets(digest)) for address, length, digest in case["extents"]]
    blob.check_holdings(extents)
    return blob.holdings_digest(octets(case["log"]), extents).hex(), case["digest"]


def extent(case):
    data = bytes(number % 251 for number in range(case["length"]))
    return blob.extent_of(octets(case["log"]), case["address"], data).digest.hex(), case["digest"]


def learning(case):
    log = blob.Log(bytes(16))
    for address, length in case["held"]:
        log.keep(blob.extent_of(log.id, address, bytes(length)), bytes(length))
    learning = blob.Learning(log)
    for address, length in case["ranges"]:
        learning.add(address, bytes(length))
    learning.close()
    return [[extent.address, extent.length] for extent, _ in learning.done], case["extents"]


def placement(case):
    order = blob.placement(octets(case["key"]), case["address"], case["bytes"])
    units, address = [None] * len(order), case["address"]
    for unit in order:
        length = min(blob.UNIT, case["bytes"] - unit * blob.UNIT)
        units[unit] = [address, length]
        address += length
    return units, case["units"]


BLOBS = {"holdings": holdings_digest, "extent": extent, "learning": learning, "placement": placement}


if __name__ == "__main__":
    unittest.main()
