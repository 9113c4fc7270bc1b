"""What the messages of Vectors/control.json say, in the words of that file, and their bytes again."""

from pfs import control, repair


def extent_fields(extents):
    return [{"address": extent.address, "length": extent.length, "digest": extent.digest.hex()} for extent in extents]


def optional(identifier):
    return identifier and identifier.hex()


def offer(payload):
    found = control.Offer.decode(payload)
    return {
        "transfer": found.transfer.hex(), "log": found.log.hex(), "holdings": found.holdings.hex(),
        "resumes": optional(found.resumes), "continues": optional(found.continues), "provisions": found.provisions,
        "destination": found.destination, "flags": found.options.flags, "spared": found.options.spared,
    }, found.encode()


def request(payload):
    found = control.Request.decode(payload)
    return {
        "asks": found.flags, "sources": found.sources, "destination": found.destination, "excludes": found.excludes,
        "flags": found.options.flags, "spared": found.options.spared}, found.encode()


def holdings(payload):
    last, log, extents = control.read_holdings(payload)
    return {"last": last, "log": log.hex(), "extents": extent_fields(extents)}, control.holdings(log, extents, last)


def anew(payload):
    last, voided, interrupted, files = control.read_anew(payload)
    value = {"last": last, "voids": voided.hex(), "interrupted": optional(interrupted), "files": [*map(list, files)]}
    return value, control.anew(voided, interrupted, files, last)


def want(payload):
    last, ranges = control.read_want(payload)
    return {"last": last, "entries": [entry for span in ranges for entry in span]}, control.want(ranges, last)


def dropped(payload):
    items = control.read_dropped(payload)
    return [*map(list, items)], control.failures(items)


def receipt(payload):
    found = control.Receipt.decode(payload)
    value = {"last": found.last, "transfer": found.transfer.hex()} | found.counts
    value |= {"failures": [*map(list, found.failures)], "extents": extent_fields(found.extents)}
    return value, found.encode()


def end(payload):
    counts = control.read_end(payload)
    return dict(zip(("bytes", "frames"), counts)), control.end(*counts)


def plain(read, write, show=lambda value: value):
    def meaning(payload):
        value = read(payload)
        return show(value), write(value)
    return meaning


def readable(value):
    return {name: part.hex() if isinstance(part, bytes) else part for name, part in value.items()}


def leaf_message(read, fields, write):
    def meaning(payload):
        leaf, *rest = read(payload)
        return {"stream": leaf[0], "leaf": leaf[1]} | fields(*rest), write(leaf, *rest)
    return meaning


def failed(payload):
    leaf = repair.read_failed(payload)
    return {"stream": leaf[0], "leaf": leaf[1]}, repair.leaf_id(*leaf)


MEANINGS = {
    (0, control.REQUEST): request, (0, control.OFFER): offer, (0, control.HOLDINGS): holdings,
    (0, control.ACCEPT): plain(control.read_accept, bytes, bytes.hex),
    (0, control.ANEW): anew, (0, control.WANT): want, (0, control.DROPPED): dropped, (0, control.RECEIPT): receipt,
    (0, control.ABORT): plain(control.read_abort, lambda reason: bytes([reason])),
    (0, control.ALIVE): plain(control.read_nothing, lambda _: b""), (0, control.END): end,
    (0, control.COVER): plain(control.read_cover, control.cover, readable),
    (0, control.BLOCKS): plain(control.read_blocks, lambda value: control.end(*value.values())),
    (0, control.MESSAGE): plain(control.read_message, control.message, readable),
    (0, control.PIECE): plain(bytes, bytes, bytes.hex),
    (2, repair.FAILED): failed,
    (2, repair.TAGS): leaf_message(
        repair.read_tags, lambda tags: {"tags": b"".join(tags).hex()},
        lambda leaf, tags: repair.leaf_id(*leaf) + b"".join(tags)),
    (2, repair.WANTED): leaf_message(repair.read_wanted, lambda parts: {"parts": parts}, repair.wanted),
    (2, repair.PART): leaf_message(
        repair.read_part, lambda part, offset, data: {"part": part, "offset": offset, "bytes": data.hex()}, repair.part),
}
