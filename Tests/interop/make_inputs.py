"""Writes Vectors/inputs: what the generator of the vectors cannot make the same twice, or on every machine.

Encapsulating is random in every library, and a zstd frame depends on the version of libzstd. Both are made here once, and
then are facts that each implementation has to agree with. Without need nobody runs it again."""

import json
import pathlib
import random

import zstandard

from pfs import handshake, keys

INPUTS = pathlib.Path(__file__).resolve().parent.parent.parent / "Vectors/inputs"


def counting(first, count):
    return bytes((first + place) & 255 for place in range(count))


def answer(suite):
    seed, initiator, responder = counting(0x07, 32), b"\x01" * 16, b"\x02" * 16
    caller = handshake.Initiator(
        keys.Credentials(seed, initiator, responder), suite, counting(0x31, 32),
        handshake.Ephemerals(counting(0x51, 32), counting(0x80, 64)))
    message_1 = caller.message_1()
    called = handshake.Responder(
        keys.Credentials(seed, responder, initiator), counting(0x61, 32), handshake.Ephemerals(counting(0x71, 32)))
    message_2, _ = called.answer(message_1)
    return {"suite": suite, "ciphertext": called.ciphertext.hex(), "secret": called.ephemerals.mlkem_secret.hex(),
            "message_2": message_2.hex()}


def words(count, seed):
    source = random.Random(seed)
    vocabulary = [bytes(source.choices(range(97, 123), k=source.randint(2, 8))) for _ in range(40)]
    return b" ".join(source.choices(vocabulary, k=count))[: 4 * count]


def frame(name, content, prefix=b""):
    history = zstandard.ZstdCompressionDict(prefix, dict_type=zstandard.DICT_TYPE_RAWCONTENT) if prefix else None
    packed = zstandard.ZstdCompressor(level=19, dict_data=history, write_checksum=False).compress(content)
    return {"name": name, "content": content.hex(), "prefix": prefix.hex(), "frame": packed.hex()}


def main():
    INPUTS.mkdir(parents=True, exist_ok=True)
    text = words(200, 1)
    frames = [frame("alone", text), frame("behind a prefix", text[:150] + b"changed" + text[150:], text)]
    for name, value in (("answers", [answer(1), answer(2)]), ("frames", frames)):
        (INPUTS / f"{name}.json").write_text(json.dumps({name: value}, indent=2) + "\n")


if __name__ == "__main__":
    main()
