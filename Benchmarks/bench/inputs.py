"""What is transferred: a file that nothing compresses, and a tree of small files, the same one each time."""

import hashlib
import os
import pathlib
import random

WORDS = 4096
FILES_IN_FOLDER = 100


def make_file(path, size):
    """Random bytes: a new file at each call."""
    with open(path, "wb") as file:
        for begin in range(0, size, 1 << 20):
            file.write(os.urandom(min(1 << 20, size - begin)))


def make_tree(root, count):
    """`count` files of 1 to 9 KB, lines of words from one vocabulary, 100 to a folder."""
    generator = random.Random(20_000)
    words = [hashlib.sha256(b"%d" % each).hexdigest()[: 3 + each % 9] for each in range(WORDS)]
    for number in range(count):
        folder = pathlib.Path(root) / f"part-{number // FILES_IN_FOLDER:03}"
        if number % FILES_IN_FOLDER == 0:
            folder.mkdir(parents=True)
        text = " ".join(generator.choices(words, k=generator.randrange(125, 1150)))
        (folder / f"note-{number:05}.txt").write_text(text + "\n")


def tree_size(root):
    """Files and bytes of a tree."""
    sizes = [os.lstat(os.path.join(folder, name)).st_size for folder, _, files in os.walk(root) for name in files]
    return len(sizes), sum(sizes)
