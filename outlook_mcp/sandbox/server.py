"""Starts and stops a sandbox inside the running event loop."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from outlook_mcp.sandbox.application import main_application, upload_application
from outlook_mcp.sandbox.certificates import CertificateAuthority
from outlook_mcp.sandbox.clock import Clock
from outlook_mcp.sandbox.directory import (
    CONFIDENTIAL_CLIENT_ID,
    PUBLIC_CLIENT_ID,
    USERS,
    Directory,
    User,
    colleagues,
)
from outlook_mcp.sandbox.entra import Entra
from outlook_mcp.sandbox.faults import Faults
from outlook_mcp.sandbox.graph.mail.notifications import Notifier
from outlook_mcp.sandbox.importer import ImportReport, import_path
from outlook_mcp.sandbox.listeners import HOST, Listener, bind_pair, port_of, serving
from outlook_mcp.sandbox.mime import parse
from outlook_mcp.sandbox.options import SandboxOptions
from outlook_mcp.sandbox.request_log import RequestLog
from outlook_mcp.sandbox.seed import seed
from outlook_mcp.sandbox.store import TEMPORARY, MailStore, open_database
from outlook_mcp.sandbox.throttling import Throttle


class Sandbox:
    """A running sandbox: its addresses, and the objects behind them for tests in the same process."""

    def __init__(
        self, options: SandboxOptions, store: MailStore, entra: Entra, authority: CertificateAuthority
    ) -> None:
        self.options = options
        self.store = store
        self.entra = entra
        self.authority = authority
        self.clock = entra.clock
        self.faults = Faults()
        self.log = RequestLog(entra.clock)
        self.notifier = Notifier(store)
        self.throttle = Throttle(entra.clock, options.concurrency)
        self.import_report: ImportReport | None = None
        self.port = 0
        self.upload_port = 0

    @property
    def http_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def https_url(self) -> str:
        return f"https://{HOST}:{self.port + 1}"

    @property
    def upload_url(self) -> str:
        return self.upload_origin("http")

    def upload_origin(self, scheme: str) -> str:
        """The origin of upload sessions for clients of this scheme; HTTPS has the next port here, too."""
        return f"{scheme}://{HOST}:{self.upload_port + (scheme == 'https')}"

    @property
    def graph_url(self) -> str:
        return f"{self.http_url}/v1.0"

    @property
    def https_graph_url(self) -> str:
        return f"{self.https_url}/v1.0"

    @property
    def ca_file(self) -> Path:
        return self.authority.file

    @property
    def directory(self) -> Directory:
        return self.entra.directory

    @property
    def users(self) -> Sequence[User]:
        return self.entra.directory.users

    @property
    def public_client_id(self) -> str:
        return PUBLIC_CLIENT_ID

    @property
    def confidential_client_id(self) -> str:
        return CONFIDENTIAL_CLIENT_ID

    @property
    def confidential_client_secret(self) -> SecretStr:
        app = self.entra.directory.app(CONFIDENTIAL_CLIENT_ID)
        assert app is not None
        assert app.secret is not None
        return app.secret

    def deliver(self, user: User, raw: bytes, *, received: datetime | None = None) -> str:
        """A MIME message to the user, whose rules are applied; returns its id.

        It arrives now, whatever its own header says, as in Exchange; or at `received`, an aware time.
        """
        message = replace(parse(raw), received=received or self.clock.utc())
        return self.store.receive(self.store.mailbox(user.oid), message).id

    def reset(self) -> None:
        """Back to the demo data: resets mail, apps, consents, tokens, faults, the request log and throttling."""
        self.store.clear()
        self.entra.reset()
        self.faults.replace_rules([])
        self.log.clear()
        self.throttle.clear()
        self.populate()

    def populate(self) -> None:
        """Add a mailbox for every user without one; in a new store, the demo data and the imported mail too."""
        is_new = not self.store.mailboxes()
        with self.store.database.transaction():
            for user in self.users:
                if self.store.find_mailbox(user.oid) is None:
                    self.store.add_mailbox(user.tid, user.oid, user.upn, user.display_name)
            if not is_new:
                return
            if self.options.seed:
                seed(self.store, self.users, now=self.clock.utc())
            if self.options.import_path is not None:
                mailbox = self.store.mailbox(self.users[0].oid)
                self.import_report = import_path(mailbox, self.options.import_path)


@asynccontextmanager
async def run_sandbox(options: SandboxOptions | None = None) -> AsyncIterator[Sandbox]:
    """Serves on 127.0.0.1 while the block runs. Raises OSError where a port is taken."""
    options = options or SandboxOptions()
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(closing(bound))
            for port in (options.port, options.upload_port)
            for bound in bind_pair(port)
        ]
        plain, secure, uploads, secure_uploads = sockets
        sandbox = stack.enter_context(_opened(options))
        sandbox.port, sandbox.upload_port = port_of(plain), port_of(uploads)
        sandbox.populate()
        main = main_application(
            sandbox.store,
            sandbox.entra,
            sandbox.faults,
            sandbox.log,
            sandbox.throttle,
            upload_origin=sandbox.upload_origin,
            control=sandbox if options.control else None,
        )
        upload = upload_application(sandbox.store, sandbox.entra, sandbox.faults, sandbox.log)
        tls = sandbox.authority.server_context()
        listeners = [Listener(main, plain), Listener(main, secure, tls)]
        listeners += [Listener(upload, uploads), Listener(upload, secure_uploads, tls)]
        async with serving(*listeners, in_background=sandbox.notifier.run):
            try:
                yield sandbox
            finally:
                sandbox.faults.close()


@contextmanager
def _opened(options: SandboxOptions) -> Iterator[Sandbox]:
    """The stores of a sandbox, closed at the end."""
    path = TEMPORARY if options.state is None else str(options.state)
    with ExitStack() as stack:
        folder = options.data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="outlook-mcp-")))
        authority = CertificateAuthority(folder)
        clock = Clock()
        store = stack.enter_context(closing(MailStore(open_database(path), now=clock.now)))
        database = stack.enter_context(closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)))
        entra = Entra(
            database,
            clock,
            token_lifetime_s=options.token_lifetime_s,
            rotate_refresh_tokens=options.rotate_refresh_tokens,
            users=(*USERS, *colleagues(options.colleagues)),
        )
        yield Sandbox(options, store, entra, authority)


def describe(sandbox: Sandbox) -> str:
    """Addresses, certificate, clients and users, as a person reads them in a terminal."""
    rows = [
        ("Graph", sandbox.graph_url),
        ("", sandbox.https_graph_url),
        ("Entra ID", f"{sandbox.http_url}/common"),
        ("", f"{sandbox.https_url}/common"),
        ("Uploads", sandbox.upload_origin("http")),
        ("", sandbox.upload_origin("https")),
        ("CA file", str(sandbox.ca_file)),
        ("Public client", f"{sandbox.public_client_id}  (any loopback redirect)"),
        ("Confidential client", sandbox.confidential_client_id),
        ("  its secret", sandbox.confidential_client_secret.get_secret_value()),
    ]
    if sandbox.options.control:
        rows.append(("Control API", f"{sandbox.http_url}/_sandbox/"))
    lines = [f"{name:<20} {value}" for name, value in rows]
    lines.append("Users (no passwords: sign in with login_hint, or pick one on the page)")
    lines += [f"  {user.upn:<26} {user.display_name:<18} {user.oid}" for user in USERS]
    if more := sandbox.users[len(USERS) :]:
        lines.append(f"  and {len(more)} more, {more[0].upn} to {more[-1].upn}")
    return "\n".join(lines)
