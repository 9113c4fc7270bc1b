"""What the live tests share: a real home, the Python end beside it, and trees to move between them."""

import os
import pathlib
import shutil
import socket
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts/lib"))

from packetfs_pair import Home, Serving, same_trees  # noqa: E402

from pfs import keys, seeds, session, suites  # noqa: E402

SUITES = {suites.AES_GCM: "aes-256-gcm", suites.XCHACHA: "xchacha20-poly1305"}


class LiveTest(unittest.TestCase):
    """One home of the real program, in a folder that is gone afterwards."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="packetfs-interop-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.home = Home(os.environ["PACKETFS_BIN"], self.folder / "home")
        self.inbox = self.folder / "inbox"
        self.inbox.mkdir()

    def known_by_home(self, *grants):
        """The home exports a seed, and the Python end imports it."""
        export = self.folder / "export.seed"
        self.home.run("peer", "new", "python", "--export", export, *allowed(grants))
        return seeds.PeerFile.decode(export.read_bytes()).credentials()

    def known_to_home(self, address, *grants, hybrid=True):
        """The Python end exports a seed, and the home imports it."""
        file = seeds.PeerFile(
            os.urandom(32), 0, os.urandom(16), os.urandom(16), os.urandom(16), hybrid, "python", address)
        export = self.folder / "python.seed"
        with open(os.open(export, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as stream:
            stream.write(file.encode())
        self.home.run("peer", "import", export, "--name", "python", *allowed(grants))
        return keys.Credentials(file.seed, file.exporter, file.importer, hybrid)

    def assert_same(self, first, second):
        self.assertTrue(same_trees(first, second), f"{first} and {second} differ")


def allowed(grants):
    return [word for grant in grants for word in ("--allow", grant)]


def address_of(serving):
    host, port = serving.address.rsplit(":", 1)
    return host, int(port)


def serving(home):
    return Serving(home)


class PythonServer:
    """Answers one connection after another with `role`, which gets the open session."""

    def __init__(self, role):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.role = role
        self.credentials = None

    def during(self, action):
        """Runs `action` while one connection is answered; gives what both returned."""
        result = {}

        def answer():
            try:
                connection, _ = self.listener.accept()
                open_session = session.answer(connection, self.credentials)
                result["role"] = self.role(open_session)
                open_session.end()
                result["session"] = open_session
            except Exception as error:
                result["error"] = error
                connection.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        try:
            done = action()
        finally:
            thread.join(60)
            if "error" in result:
                raise result["error"]
        return done, result["role"], result["session"]

    def close(self):
        self.listener.close()


def make_tree(folder):
    """A tree with everything that a manifest can name."""
    (folder / "empty").mkdir(parents=True)
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "text").write_text("one line of text, and another one\n" * 300)
    (folder / "random").write_bytes(os.urandom(700_000))
    (folder / "zeros").write_bytes(bytes(200_000))
    (folder / "nothing").write_bytes(b"")
    (folder / "script").write_text("#!/bin/sh\n")
    (folder / "script").chmod(0o755)
    (folder / "link").symlink_to("deep/er/text")
    os.link(folder / "random", folder / "same")
    os.utime(folder / "script", ns=(10**18 + 5, 10**18 + 5))
    time.sleep(0.05)  # What changed within 20 ms of a scan is not taken for known by its times.
    return folder
