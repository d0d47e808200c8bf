"""The rules on the app, its permissions, the key and the log; a part of the table in `rules`."""

from __future__ import annotations

from outlook_mcp.config.conditions import is_in_folder
from outlook_mcp.config.rule import Rule, Stage, limited, needed, unused
from outlook_mcp.config.settings import Settings
from outlook_mcp.identity.scopes import ALL_SCOPES, BY_NAME, TOOLSETS
from outlook_mcp.vault.key_ring import MAKE_A_KEY

_READING = {BY_NAME[name].toolset for name in ALL_SCOPES if BY_NAME[name].reads_only}
_READING_TOOLSETS = " or ".join(BY_NAME[name].toolset for name in ALL_SCOPES if BY_NAME[name].reads_only)


def _named(settings: Settings) -> set[str]:
    """The toolsets that were asked for by name; those of the default are no mistake."""
    return set(settings.toolsets) if "toolsets" in settings.model_fields_set else set()


APP: tuple[Rule, ...] = (
    needed(
        "CLIENT_ID",
        when="a command signs in to Microsoft",
        needs="the client id of an Entra app registration",
        because="it names the app when anybody signs in to Microsoft",
        applies=lambda s: True,
        stage=Stage.SIGN_IN,
        next_step="Run `outlook-mcp setup` in a terminal, which registers an app with you and writes its id into "
        "config.toml; or try `outlook-mcp demo`, which needs neither account nor tenant.",
    ),
    needed(
        "CLIENT_CERTIFICATE",
        when="CLIENT_PROOF is certificate",
        needs="a PEM file",
        applies=lambda s: s.client_proof == "certificate",
    ),
    unused(
        "CLIENT_CERTIFICATE",
        when="CLIENT_PROOF is not certificate",
        used_by="CLIENT_PROOF=certificate",
        applies=lambda s: s.client_proof != "certificate",
    ),
    unused(
        "MANAGED_IDENTITY",
        when="CLIENT_PROOF is not managed-identity",
        used_by="CLIENT_PROOF=managed-identity",
        applies=lambda s: s.client_proof != "managed-identity",
    ),
    needed(
        "FEDERATED_TOKEN_FILE",
        when="CLIENT_PROOF is workload-identity",
        needs="the file with the platform's token",
        applies=lambda s: s.client_proof == "workload-identity",
    ),
    unused(
        "CLIENT_SECRET",
        when="CLIENT_PROOF is not secret",
        used_by="CLIENT_PROOF=secret",
        applies=lambda s: s.client_proof != "secret",
    ),
    limited(
        "TOOLSETS",
        when="READ_ONLY is true",
        needs=f"{_READING_TOOLSETS} among them",
        is_broken=lambda s: not s.offered_scopes(),
        stage=Stage.LOADED,
    ),
    limited(
        "TOOLSETS",
        when="READ_ONLY is true",
        needs=f"only {_READING_TOOLSETS}, or all",
        because="the others offer nothing while READ_ONLY is true",
        is_broken=lambda s: s.read_only and bool(_named(s) - _READING) and _named(s) != set(TOOLSETS),
        stage=Stage.LOADED,
        warns=True,
    ),
    limited(
        "DIRECTORY",
        when="TENANT is consumers",
        needs="false",
        because="TENANT is consumers, and personal accounts have no directory of an organisation",
        is_broken=lambda s: s.directory and s.tenant == "consumers",
        stage=Stage.LOADED,
    ),
    needed(
        "MASTER_KEY",
        when="KEY_SOURCE is environment",
        needs="one or more keys in base64, sealing key first",
        applies=lambda s: s.key_source == "environment",
        stage=Stage.VAULT,
        next_step=MAKE_A_KEY,
    ),
    unused(
        "MASTER_KEY",
        when="KEY_SOURCE is not environment",
        used_by="KEY_SOURCE=environment",
        applies=lambda s: s.key_source != "environment",
    ),
    limited(
        "AUDIT_CHECKPOINT",
        when="it names a file in DATA_DIR",
        needs="a file in another folder",
        because="whoever replaces the log in DATA_DIR can replace it too",
        is_broken=lambda s: s.audit_checkpoint is not None and is_in_folder(s.audit_checkpoint, s.data_dir),
        stage=Stage.LOADED,
    ),
    limited(
        "AUDIT_KEPT_FILES",
        when="AUDIT_STORE is true, and STORE is in the memory of a server",
        needs="how many files are kept",
        because="AUDIT_STORE is true, so each record takes 700 bytes of the memory of STORE, which refuses everything"
        " when it is full",
        is_broken=lambda s: s.audit_store and s.is_store_shared and s.audit_kept_files is None,
        next_step="Where records must be kept for longer, send them to AUDIT_SYSLOG too.",
        warns=True,
    ),
)
