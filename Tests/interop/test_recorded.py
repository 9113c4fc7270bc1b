"""Recorded sessions of the real program, and what opens them: claims C5 and C6 of docs/SECURITY.md."""

import hashlib
import os
import unittest

import support
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from pfs import blob, receiver, sender, session, suites, tree
from pfs.frames import Failed
from pfs.handshake import HandshakeFailed
from pfs.recording import Playback, Recording


class RecordedSession(support.LiveTest):
    """One session that was recorded, in which the Python end knows its own secrets."""

    suite, program_initiates, hybrid = suites.AES_GCM, True, True

    def setUp(self):
        super().setUp()
        self.source = support.make_tree(self.folder / "source")
        self.end = self.called() if self.program_initiates else self.calling()
        self.recording = Recording.of(self.end)
        self.agreed = self.recording.agreed(self.end.ephemerals.x25519, by_initiator=self.end.initiates)

    def called(self):
        log = blob.Log(bytes(16))
        server = support.PythonServer(lambda end: receiver.Receiver(end, log, {}).receive())
        self.addCleanup(server.close)
        server.credentials = self.credentials = self.known_to_home(server.address, hybrid=self.hybrid)
        _, _, end = server.during(lambda: self.home.run(
            "send", "--suite", support.SUITES[self.suite], f"{self.source}/", "python:x"))
        return end

    def calling(self):
        self.credentials = self.known_by_home(f"put:{self.inbox}")
        with support.serving(self.home) as server:
            end = session.connect(support.address_of(server), self.credentials, self.suite)
            sender.Sender(end, blob.Log(os.urandom(16))).send(*tree.scan(self.source), destination="x")
            end.end()
        return end

    def assert_opens_the_tree(self, secret):
        opened = self.recording.session(self.credentials, self.agreed, secret)
        said = self.recording.open(opened)
        found = receiver.Receiver(Playback(opened, said[0]), blob.Log(bytes(16)), {}).receive()
        tree.write(self.folder / "read", found.entries, found.contents)
        self.assert_same(self.source, self.folder / "read")


class Leaks:
    """The secrets of a session leak one after another."""

    def test_the_seed_alone_opens_nothing(self):
        """C5. The seed is right, for it opens message 1; without an ephemeral key nothing follows from it."""
        public_key = self.recording.read_message_1(self.credentials)
        self.assertEqual(len(public_key), 1184)
        for guess in (bytes(32), self.credentials.psk, self.credentials.seed, self.credentials.as_initiator,
                      self.credentials.peer_as_initiator, self.recording.message_1[66:98],
                      self.recording.message_2[:32], hashlib.sha256(public_key).digest()):
            with self.assertRaises(HandshakeFailed):
                self.recording.read_message_2(self.credentials, guess)

    def test_the_seed_and_x25519_open_no_frame(self):
        """C6. They open message 2, hence are right; without the secret of ML-KEM no frame opens."""
        public_key = self.recording.read_message_1(self.credentials)
        payload, *_ = self.recording.read_message_2(self.credentials, self.agreed)
        ciphertext = payload[33:]
        self.assertEqual(len(ciphertext), 1088)
        for guess in (b"", bytes(32), self.agreed, self.credentials.psk, self.credentials.seed, payload[:32],
                      ciphertext[:32], public_key[-32:], hashlib.sha256(ciphertext).digest(),
                      hashlib.sha3_256(public_key).digest()):
            opened = self.recording.session(self.credentials, self.agreed, guess)
            with self.assertRaises(Failed):
                self.recording.open(opened)

    def test_every_secret_opens_the_tree(self):
        """What the two tests above lack is all that is missing: with it the recording gives the whole tree."""
        secret = self.end.ephemerals.mlkem_secret
        if self.end.initiates:
            payload, *_ = self.recording.read_message_2(self.credentials, self.agreed)
            secret = MLKEM768PrivateKey.from_seed_bytes(self.end.ephemerals.mlkem_seed).decapsulate(payload[33:])
        self.assert_opens_the_tree(secret)


class ProgramCallsUnderAES(Leaks, RecordedSession):
    pass


class ProgramCallsUnderXChaCha(Leaks, RecordedSession):
    suite = suites.XCHACHA


class ProgramServesUnderAES(Leaks, RecordedSession):
    program_initiates = False


class ProgramServesUnderXChaCha(Leaks, RecordedSession):
    suite, program_initiates = suites.XCHACHA, False


class WithoutMLKEM(RecordedSession):
    """Where both entries do without ML-KEM, C6 is not claimed: the test shows that the others could have failed."""

    hybrid = False

    def test_the_seed_and_x25519_open_everything(self):
        self.assert_opens_the_tree(b"")


if __name__ == "__main__":
    unittest.main()
