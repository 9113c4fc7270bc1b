"""Trees on disk, as manifests name them."""

import os
import stat

from .manifest import FILE, FOLDER, HARD_LINK, SYMLINK, Entry, order


def scan(root):
    """The entries of what is in a folder, the folder itself first, and the content of each file by its path."""
    paths = [b""]
    for folder, names, files in os.walk(os.fsencode(root)):
        paths += [os.path.relpath(os.path.join(folder, name), os.fsencode(root)) for name in names + files]
    entries, contents, inodes = [], {}, {}
    for path in sorted(paths, key=order):
        entry = entry_of(root, path)
        status = os.lstat(place(root, path))
        first = inodes.setdefault(status.st_ino, len(entries))
        if entry.kind == FILE and first < len(entries):
            entry.kind, entry.link, entry.size = HARD_LINK, first, 0
        elif entry.kind == FILE:
            with open(place(root, path), "rb") as file:
                contents[path] = file.read()
        entries.append(entry)
    return entries, contents


def place(root, path):
    return os.path.join(os.fsencode(root), path) if path else os.fsencode(root)


def entry_of(root, path):
    status = os.lstat(place(root, path))
    entry = Entry(path, FILE, stat.S_IMODE(status.st_mode), time=divmod(status.st_mtime_ns, 10**9),
                  owner=status.st_uid, group=status.st_gid)
    if stat.S_ISDIR(status.st_mode):
        entry.kind = FOLDER
    elif stat.S_ISLNK(status.st_mode):
        entry.kind, entry.target = SYMLINK, os.readlink(place(root, path))
    else:
        entry.size = status.st_size
    return entry


def write(root, entries, contents):
    """Makes the tree in a new folder. Folders get their metadata last, when nothing more is put into them."""
    os.makedirs(root)
    for entry in entries:
        at = place(root, entry.path)
        if entry.kind == FOLDER and entry.path:
            os.mkdir(at)
        elif entry.kind == SYMLINK:
            os.symlink(entry.target, at)
        elif entry.kind == HARD_LINK:
            os.link(place(root, entries[entry.link].path), at)
        elif entry.kind == FILE:
            with open(at, "wb") as file:
                file.write(contents[entry.path])
    for entry in reversed(entries):
        set_metadata(place(root, entry.path), entry)


def set_metadata(at, entry):
    if entry.kind != SYMLINK:
        os.chmod(at, entry.mode)
        for name, value in entry.attributes:
            os.setxattr(at, name, value)
    time = entry.time[0] * 10**9 + entry.time[1]
    os.utime(at, ns=(time, time), follow_symlinks=False)
