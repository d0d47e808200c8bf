"""Every setting with its default, and what is derived from them. Rules between settings stand in `rules`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator

from outlook_mcp.config.environment_proxies import proxies_of
from outlook_mcp.config.reading import ReadSettings
from outlook_mcp.config.values import (
    Authorities,
    AuthorityUrl,
    Clients,
    DataFolder,
    ExistingFile,
    FilePath,
    Folders,
    Guid,
    HostName,
    Issuers,
    IssuerUrl,
    KeyPair,
    MailDomains,
    MasterKey,
    Networks,
    Permissions,
    ProfileName,
    ProxyUrl,
    PublicUrl,
    RedirectDomains,
    ServiceUrl,
    StoreAddress,
    SyslogAddress,
    Tenant,
    Tenants,
    Users,
    Words,
    platform_token_file,
)
from outlook_mcp.identity.profile import DEFAULT_PROFILE
from outlook_mcp.identity.scopes import (
    DEFAULT_TOOLSETS,
    TOOLSETS,
    graph_permissions,
    named_toolsets,
    scopes_of_toolsets,
    with_directory,
    with_shared,
)
from outlook_mcp.net.proxies import Proxies
from outlook_mcp.oauth.entra.clouds import cloud_named


class Settings(ReadSettings):
    """Every setting, under the same name in flags, variables and file; each value is checked by its type."""

    client_id: Guid | None = Field(None, description="application (client) id of the Entra app registration")
    client_secret: SecretStr | None = Field(None, description="secret of a confidential app; none for a public one")
    client_proof: Literal["secret", "certificate", "managed-identity", "workload-identity"] = Field(
        "secret", description="how the app proves itself to Entra"
    )
    client_certificate: KeyPair | None = Field(
        None, description="PEM file with the app's certificate and key, when client_proof is certificate"
    )
    federated_token_file: ExistingFile | None = Field(
        default_factory=platform_token_file,
        description="file with the platform's token for this process, when client_proof is workload-identity",
    )
    managed_identity: Guid | None = Field(
        None, description="client id of a user-assigned identity, when client_proof is managed-identity"
    )
    tenant: Tenant = Field("common", description="tenant id or domain, or common, organizations, consumers")
    cloud: Literal["global", "usgov", "usgov-dod", "china"] = Field("global", description="Microsoft cloud")
    graph_url: ServiceUrl | None = Field(None, description="Microsoft Graph address, when not the cloud's own")
    authority: AuthorityUrl | None = Field(None, description="Entra ID address, when not the cloud's own")
    ca_file: Authorities | None = Field(None, description="certificate authorities to trust besides the system's (PEM)")
    proxy: ProxyUrl | None = Field(
        None, description="proxy for Graph, Entra ID, other issuers and client documents, as http://host:port"
    )
    data_dir: DataFolder = Field(
        default_factory=lambda: user_data_path("outlook-mcp", appauthor=False),
        description="folder of vault, key and log",
    )
    store: StoreAddress = Field(
        SecretStr("sqlite:"),
        description="where the vault keeps its records: sqlite:, redis://, rediss://, redis+sentinel://, redis+cluster://",
    )
    profile: ProfileName = Field(DEFAULT_PROFILE, description="local profile served over stdio")
    login_hint: str | None = Field(None, max_length=320, description="address to suggest on the sign-in page")
    scopes: Permissions | None = Field(
        None,
        description="Graph permissions asked for at sign-in over stdio, when not those the toolsets need; "
        "tools that need others are not listed",
    )
    shared_mailboxes: bool = Field(
        False,
        description="ask at sign-in also for the mailboxes that others share with the user; tools open one by its "
        "address as `account`",
    )
    directory: bool = Field(
        False,
        description="ask at sign-in also for the directory of the organisation, in which people_search finds "
        "colleagues; not for personal accounts",
    )
    change_notifications: bool = Field(
        False,
        description="have Microsoft Graph tell of new mail at PUBLIC_URL, which it must reach over https from the "
        "internet, with AUTH own; without it inboxes are looked at once a minute",
    )
    toolsets: Words = Field(DEFAULT_TOOLSETS, description="toolsets to offer: all, or " + ", ".join(TOOLSETS))
    read_only: bool = Field(False, description="offer only tools that change nothing")
    structured: bool = Field(
        False, description="for programs: list output schemas, and give structured content beside the text of answers"
    )
    own_tools: Words = Field(
        (), description="tools of other packages to offer too: names of entry points of the group outlook_mcp.tools"
    )
    file_folders: Folders = Field(
        (),
        description="folders whose files may be attached, over stdio; files are saved into the first, unless READ_ONLY "
        "is on; several as in PATH",
    )
    sends_per_hour: int = Field(100, ge=1, description="messages that one user may send in an hour")
    recipients_per_hour: int = Field(
        500, ge=1, description="recipients to whom one user may send in an hour, over all messages"
    )
    key_source: Literal["file", "environment", "keyring"] = Field(
        "file", description="where the vault's master key is kept"
    )
    master_key: MasterKey | None = Field(None, description="the vault's key ring, when key_source is environment")
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="least severity logged")
    log_format: Literal["text", "json"] = Field("text", description="text or one JSON object a line")

    public_url: PublicUrl | None = Field(None, description="the origin under which clients reach `serve --http`")
    host: HostName = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=1, le=65535, description="port to listen on")
    tls_certificate: KeyPair | None = Field(None, description="PEM file with certificate and key, to serve https")
    behind_tls_proxy: bool = Field(False, description="a proxy in front terminates TLS; needed to listen without it")
    trusted_proxies: Networks = Field((), description="addresses of proxies whose forwarded headers are trusted")
    stateless: bool | None = Field(
        None, description="keep no protocol sessions for 2025-11-25 clients; default: only when the store is shared"
    )
    auth: Literal["own", "entra", "oidc"] = Field("own", description="who issues the tokens that clients bring")
    audience: Words = Field((), description="audiences accepted in tokens of entra or oidc, when not our own names")
    oidc_issuer: IssuerUrl | None = Field(None, description="issuer of the tokens when auth is oidc, or of assertions")
    oidc_client_id: str | None = Field(None, description="our client id at that issuer, for its users to sign in here")
    oidc_client_secret: SecretStr | None = Field(None, description="our secret at that issuer")
    assertion_issuers: Issuers = Field((), description="identity providers whose assertions (ID-JAG) are accepted")
    dynamic_registration: bool = Field(
        True, description="let clients register themselves; when false, those that did so before are unknown too"
    )
    client_documents: bool = Field(
        True, description="let clients name an https address with their metadata as client id"
    )
    redirect_domains: RedirectDomains | None = Field(
        None,
        description="domains that clients which the administrator did not register may have access sent to, besides "
        "programs on the user's computer; none: no domain; not given: every domain",
    )
    clients: Clients = Field((), repr=False, description="clients registered by the administrator")
    token_minutes: int = Field(30, ge=15, le=60, description="minutes an access token lasts")
    session_days: int | None = Field(
        None, ge=1, le=3650, description="days after which a client must be allowed again, however much it is used"
    )
    requests_per_minute: int = Field(
        600, ge=60, le=100_000, description="MCP requests a minute of one user, on all servers together"
    )
    requests_at_once: int = Field(
        16, ge=4, le=1000, description="MCP requests of one user in progress in a server process, event streams apart"
    )
    audit_max_mb: int = Field(
        100, ge=1, le=10_000, description="MiB that a file of the audit log grows to before another one is begun"
    )
    audit_kept_files: int | None = Field(
        None, ge=0, description="how many older files of the audit log are kept; none given: all"
    )
    audit_checkpoint: FilePath | None = Field(
        None, description="file, best on another disk, that repeats the checkpoint of the audit log"
    )
    audit_name: str | None = Field(
        None, max_length=200, description="what the store calls this server's audit log; default: host name and path"
    )
    audit_store: bool = Field(
        False,
        description="copy audit records to the store, so that those of all servers are verified and exported",
    )
    audit_syslog: SyslogAddress | None = Field(
        None, description="HOST:PORT (UDP) or socket to which syslog copies of audit records go"
    )
    metrics_token: SecretStr | None = Field(
        None, min_length=16, description="bearer token with which Prometheus reads /metrics; none: no metrics"
    )
    telemetry: bool = Field(
        False, description="send metrics and traces by OTLP to OTEL_EXPORTER_OTLP_ENDPOINT; needs the extra telemetry"
    )
    allowed_tenants: Tenants = Field((), description="tenant ids that may use this server; none given: all")
    allowed_domains: MailDomains = Field((), description="mail domains whose users of OIDC_ISSUER may use it")
    allowed_users: Users = Field(
        (), description="users that may use it, as tenant:object id; those of OIDC_ISSUER also by address"
    )
    denied_tenants: Tenants = Field((), description="tenant ids that may not; a denial overrides an allowance")
    denied_domains: MailDomains = Field((), description="mail domains whose users of OIDC_ISSUER may not")
    denied_users: Users = Field((), description="users that may not, written as in allowed_users")

    @field_validator("toolsets")
    @classmethod
    def _known_toolsets(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return named_toolsets(value)

    def offered_scopes(self) -> tuple[str, ...]:
        """The scopes that the offered tools need."""
        return scopes_of_toolsets(self.toolsets, read_only=self.read_only)

    def asked_permissions(self) -> tuple[str, ...]:
        """The Graph permissions to ask for: those given, else the least that the offered tools need."""
        asked = graph_permissions(self.offered_scopes()) if self.scopes is None else self.scopes
        asked = with_shared(asked) if self.shared_mailboxes else asked
        return with_directory(asked) if self.directory else asked

    @property
    def allowed_folders(self) -> tuple[Path, ...]:
        """The folders of `file_folders`; none for a server that only reads, which saves nothing either."""
        return () if self.read_only else self.file_folders

    @property
    def entra_authority(self) -> str:
        """The address of Entra ID without a tenant, such as `https://login.microsoftonline.com`."""
        return self.authority or cloud_named(self.cloud).authority

    @property
    def proxies(self) -> Proxies:
        """The proxy of the setting, else that of the environment, and what is reached without it."""
        return proxies_of(self.proxy)

    @property
    def entra_host(self) -> str:
        """The host of `entra_authority`."""
        return urlsplit(self.entra_authority).hostname or ""

    @property
    def entra_url(self) -> str:
        """`{authority}/{tenant}`."""
        return f"{self.entra_authority}/{self.tenant}"

    @property
    def session_lifetime(self) -> timedelta | None:
        """After which a session ends although it is used; None for no such end."""
        return None if self.session_days is None else timedelta(days=self.session_days)

    def is_entra_issuer(self, issuer: str) -> bool:
        """True for an issuer at the authority of Entra ID."""
        return issuer.startswith(f"{self.entra_authority}/")

    @property
    def graph_base_url(self) -> str:
        """The address of Microsoft Graph with its version; an address without a path gets `/v1.0`."""
        url = self.graph_url or cloud_named(self.cloud).graph
        return url if urlsplit(url).path else f"{url}/v1.0"

    @property
    def public_host(self) -> str:
        """The host of `public_url`; "" without one."""
        return urlsplit(self.public_url or "").hostname or ""

    @property
    def public_port(self) -> int:
        """The port of `public_url`, be it written there or the scheme's own."""
        parts = urlsplit(self.public_url or "")
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def is_store_shared(self) -> bool:
        """True when several servers can use the store at once."""
        return not self.store.get_secret_value().startswith("sqlite:")

    @property
    def is_stateless(self) -> bool:
        """True when no protocol sessions are kept; the default with a shared store, whose servers do not share them."""
        return self.is_store_shared if self.stateless is None else self.stateless
