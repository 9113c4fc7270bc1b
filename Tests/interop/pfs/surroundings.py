"""blueprint.md §5.4: what the log has around the literals of a leaf, and in their place."""

from . import blueprint as plan

MARGIN, REACH, NEAR = 256, 4096, 8192
CONTEXT, ADDRESS = 2**23, 2**56


class Surroundings:
    """`run` gives the range of the run that holds an address, or None."""

    def __init__(self, descriptors, told, run):
        self.gaps = _gaps(descriptors)
        parts = []
        for start, length, behind, ahead in self.gaps:
            reach = min(length, REACH)
            if behind is not None and (held := run(behind - 1)):
                parts.append(_part(behind, behind + reach, held))
            if ahead is not None and (held := run(ahead)):
                parts.append(_part(max(0, ahead - reach), ahead, held))
        self.ranges = _joined(parts, CONTEXT - told)
        self.told = told

    def tracks(self):
        """Of each literal: behind, ahead."""
        for start, length, behind, ahead in self.gaps:
            yield (
                None if behind is None else self._track(behind - 1, -1),
                None if ahead is None else self._track(ahead, length))

    def _track(self, address, back):
        offset = self.told
        for span in self.ranges:
            if address in span:
                return offset + address - span.start - back, offset, offset + len(span)
            offset += len(span)
        return None


def _gaps(descriptors):
    found, waiting, place, diagonal = [], [], 0, None
    for descriptor in descriptors:
        if descriptor.is_from_log:
            diagonal = descriptor.address - place
            for gap in waiting:
                ahead = diagonal + gap[0] + gap[1]
                gap[3] = ahead if 0 <= ahead <= ADDRESS else None
            waiting = []
        elif descriptor.kind == plan.LITERAL:
            gap = [place, descriptor.length, None if diagonal is None else diagonal + place, None]
            found.append(gap)
            waiting.append(gap)
        place += descriptor.length
    return found


def _part(start, end, run):
    return max(run.start, start - MARGIN), min(run.stop, end + MARGIN), run.stop


def _joined(parts, left):
    joined = []
    for start, end, run_end in sorted(parts):
        if joined and start < joined[-1][2] and start <= joined[-1][1] + NEAR:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end, run_end])
    ranges = []
    for start, end, _ in joined:
        length = min(left, end - start)
        left -= length
        if length:
            ranges.append(range(start, start + length))
    return ranges
