"""HDiffPatch's Python package on files: diff OLD NEW PATCH, or apply OLD PATCH NEW. Runs where the package is."""

import pathlib
import sys

import hdiffpatch

action, first, second, result = sys.argv[1:]
inputs = [pathlib.Path(path).read_bytes() for path in (first, second)]
if action == "diff":
    lzma = hdiffpatch.Lzma2Config(level=9, window=27, threads=1)
    made = hdiffpatch.diff(*inputs, compression=lzma, validate=False, big_cache_match=True)
else:
    made = hdiffpatch.apply(*inputs)
pathlib.Path(result).write_bytes(made)
