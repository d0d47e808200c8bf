"""How a sandbox is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """HTTP is served on `port` (0: any free one) and HTTPS on the next; upload sessions on `upload_port` and the next.

    `import_path` goes into the first user's mailbox; `state` is a SQLite file that keeps mail, apps and
    refresh tokens; `data_dir` keeps the certificate authority (None: a temporary folder). `colleagues` is how many more
    users there are, each with a small mailbox. `concurrency` is how many requests of one app one mailbox takes at once
    (0: no throttling at all). `token_lifetime_s` None means a random
    lifetime, as in Entra ID.
    """

    port: int = 0
    upload_port: int = 0
    import_path: Path | None = None
    state: Path | None = None
    token_lifetime_s: int | None = None
    control: bool = False
    rotate_refresh_tokens: bool = False
    seed: bool = True
    data_dir: Path | None = None
    colleagues: int = 0
    concurrency: int = 4
