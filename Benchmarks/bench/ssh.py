"""An SSH server of our own, with keys made for the run, and what runs over it: scp and rsync."""

import getpass
import os
import shutil
import socket

from . import processes

CIPHERS = "aes256-gcm@openssh.com"  # the fastest one here that is as strong as ours

SERVER = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/user.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
Ciphers {ciphers}
"""

CLIENT = """Host bench
HostName 127.0.0.1
Port {port}
User {user}
IdentityFile {folder}/user
IdentitiesOnly yes
IdentityAgent none
StrictHostKeyChecking no
UserKnownHostsFile {folder}/known
LogLevel ERROR
Compression no
Ciphers {ciphers}
"""


class Server:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        for name in ("host", "user"):
            processes.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name])
        self.port = processes.free_port()
        values = {"port": self.port, "folder": folder, "user": getpass.getuser(), "ciphers": CIPHERS}
        (folder / "server").write_text(SERVER.format(**values))
        (folder / "client").write_text(CLIENT.format(**values))
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)  # the server refuses to start as root without it
        program = shutil.which("sshd", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin")
        if program is None:
            raise processes.Failed("sshd is not installed")
        self.process = processes.start([program, "-D", "-f", folder / "server"])
        processes.wait_listening(self.port, self.process)

    def stop(self):
        processes.stop(self.process)

    def scp_file(self, source, target):
        processes.run(["scp", "-q", "-F", self.folder / "client", source, f"bench:{target}"])

    def rsync_file(self, source, target):
        self.rsync(source, target)

    def rsync_tree(self, source, target):
        self.rsync(f"{source}/", f"{target}/")

    def rsync(self, source, target, *options, port=None):
        """`port`: of a relay to this server; else the server's own."""
        shell = f"ssh -F {self.folder}/client -p {port or self.port}"
        processes.run(["rsync", "-a", *options, "-e", shell, source, f"bench:{target}"])
