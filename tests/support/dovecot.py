"""A Dovecot of the tests' own: IMAP and LMTP on loopback, with nothing of the system's in it."""

import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import trustme

from tests.support.ports import held_port
from tests.support.waiting import PATIENCE, block_until

NOT_LOCAL = "127.1"
"""Another way to write 127.0.0.1, by which no program takes it for its own machine: what is lenient
there, such as the check of a certificate, is as strict with this as with a host on the internet."""
USER = "desk@example.com"
PASSWORD = "p@ss/word"
_PROGRAM = shutil.which("dovecot") or "/usr/sbin/dovecot"
_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
instance_name = {name}
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
default_vsz_limit = 0
mail_location = {format}:{folder}/mail/%u
mailbox_list_index = no
ssl = yes
ssl_cert = <{folder}/certificate
ssl_key = <{folder}/key
disable_plaintext_auth = no
auth_mechanisms = plain
auth_failure_delay = 0
mailbox_idle_check_interval = 1s
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service stats {{
  chroot =
}}
mail_plugins = {plugins}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage={quota}
}}
protocol lmtp {{
  postmaster_address = postmaster@example.com
}}
{more}
"""


def is_installed() -> bool:
    """Whether this machine has the programs."""
    return Path(_PROGRAM).exists()


class Dovecot:
    """A mail server in a folder of its own; every user it is told of exists."""

    def __init__(self, *, mail_format: str = "maildir", quota: str = "", more: str = "") -> None:
        assert is_installed(), "a test that uses this is marked `dovecot`"
        self._folder = Path(tempfile.mkdtemp(prefix="desk-dovecot-"))
        self._format, self._quota, self._more = mail_format, quota, more
        self._ports = ExitStack()
        self.port, self._lmtp = (self._ports.enter_context(held_port()) for _ in range(2))
        self.authority = trustme.CA()
        """Who signed its certificate, which is for 127.0.0.1 by both of its names."""
        self._process: subprocess.Popen[bytes] | None = None

    def url(
        self,
        user: str = USER,
        password: str = PASSWORD,
        folder: str = "INBOX",
        host: str = "127.0.0.1",
    ) -> str:
        """Return the IMAP_URL of a user's folder."""
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"imap://{login}@{host}:{self.port}/{folder}"

    def start(self) -> None:
        """Start it; return when it answers."""
        self._write_configuration()
        command = [_PROGRAM, "-F", "-c", str(self._folder / "conf")]
        if os.geteuid() == 0:
            owner = _unprivileged()
            as_owner = [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
            command = ["setpriv", *as_owner, *command]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log)
        block_until(self._answers)

    def kill(self) -> None:
        """Let all of it be gone at once, in the middle of whatever it does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)  # or it would have more children meanwhile
        children = _children(self._process.pid)
        for child in children:
            os.kill(child, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._process = None
        block_until(lambda: not any(map(_runs, children)))  # until then they hold the ports

    def stop(self) -> None:
        """Stop it and remove all that it wrote."""
        if self._process is not None:
            self.kill()
        self._ports.close()
        shutil.rmtree(self._folder)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let the server be gone inside the block."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    def deliver(self, *mails: bytes, to: str = USER, sender: str = "ana@example.org") -> None:
        """Put mails into somebody's INBOX, as a server on the internet would."""
        with smtplib.LMTP("127.0.0.1", self._lmtp) as client:
            for mail in mails:
                client.sendmail(sender, [to], mail)

    def put(self, *mails: bytes, to: str) -> None:
        """Let mails have been in somebody's INBOX for long: much faster than to deliver them."""
        folder = self.mail_folder(to)
        for part in (folder, folder / "cur", folder / "new", folder / "tmp"):
            part.mkdir(exist_ok=True)
            self._give_away(part)
        for number, mail in enumerate(mails):
            file = folder / "new" / f"1000000000.{number:05}.there"
            file.write_bytes(mail)
            self._give_away(file)

    def log(self) -> str:
        """Return what it has complained of."""
        return (self._folder / "log").read_text()

    def mail_folder(self, user: str = USER) -> Path:
        """Return where a user's mails are kept."""
        return self._folder / "mail" / user

    def _write_configuration(self) -> None:
        owner = _unprivileged()
        certificate = self.authority.issue_cert("127.0.0.1", NOT_LOCAL)
        certificate.private_key_pem.write_to_path(self._folder / "key")
        certificate.cert_chain_pems[0].write_to_path(self._folder / "certificate")
        text = _CONFIGURATION.format(
            folder=self._folder,
            name=self._folder.name,
            user=owner.pw_name,
            group=grp.getgrgid(owner.pw_gid).gr_name,
            format=self._format,
            password=PASSWORD,
            imap=self.port,
            lmtp=self._lmtp,
            plugins="quota" if self._quota else "",
            quota=self._quota or "1G",
            more=self._more,
        )
        (self._folder / "conf").write_text(text)
        (self._folder / "log").touch()
        (self._folder / "mail").mkdir(exist_ok=True)
        for path in (self._folder, *self._folder.iterdir()):
            self._give_away(path)

    def _give_away(self, path: Path) -> None:
        """Let a file be the server's."""
        if os.geteuid() == 0:
            owner = _unprivileged()
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def _answers(self) -> bool:
        """Whether all of it answers. Raises RuntimeError if it has not started."""
        assert self._process is not None
        if self._process.poll() is not None:
            self._process = None
            raise RuntimeError(f"Dovecot does not start: {self.log()}")
        return all(_greets(port) for port in (self.port, self._lmtp))


def _greets(port: int) -> bool:
    """Whether a server says anything to who calls."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
            return bool(line.recv(1))
    except OSError:
        return False


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(each) for each in listed.split()]


def _runs(pid: int) -> bool:
    """Whether a process is there, and not only waits to be reaped (proc(5))."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def _unprivileged() -> pwd.struct_passwd:
    """Return whom it runs as: never root, whom Dovecot gives no mail."""
    return pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")
