"""Every setting, its default, and what follows from it."""

from __future__ import annotations

from typing import Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from outlook_mcp.config.reading import PREFIX, ReadSettings
from outlook_mcp.config.values import (
    Authorities,
    AuthorityUrl,
    Clients,
    DataFolder,
    ExistingFile,
    Guid,
    IssuerUrl,
    KeyPair,
    MailDomains,
    MasterKey,
    Networks,
    Permissions,
    ProfileName,
    PublicUrl,
    ServiceUrl,
    StoreAddress,
    Tenant,
    Tenants,
    Users,
    Words,
    is_served_to_others,
    platform_token_file,
)
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.profile import DEFAULT_PROFILE
from outlook_mcp.identity.scopes import ALL_SCOPES, BY_NAME, TOOLSETS, graph_permissions, scopes_of_toolsets
from outlook_mcp.net.addresses import is_loopback
from outlook_mcp.oauth.entra.clouds import cloud_named
from outlook_mcp.web.settings import WebSettings

_READING_TOOLSETS = " or ".join(BY_NAME[name].toolset for name in ALL_SCOPES if BY_NAME[name].reads_only)


class Configuration(ReadSettings):
    """Every setting, under the same name in flags, variables and file."""

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
    toolsets: Words = Field(TOOLSETS, description="toolsets to offer: " + ", ".join(TOOLSETS))
    read_only: bool = Field(False, description="offer only tools that change nothing")
    key_source: Literal["file", "environment", "keyring"] = Field("file", description="where the vault's key lives")
    master_key: MasterKey | None = Field(None, description="the vault's key ring, when key_source is environment")
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="least severity logged")

    public_url: PublicUrl | None = Field(None, description="the origin under which clients reach `serve --http`")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=1, le=65535, description="port to listen on")
    tls_certificate: KeyPair | None = Field(None, description="PEM file with certificate and key, to serve https")
    behind_tls_proxy: bool = Field(False, description="a proxy in front terminates TLS; needed to listen without it")
    trusted_proxies: Networks = Field((), description="addresses of proxies whose forwarded headers are believed")
    stateless: bool | None = Field(
        None, description="keep no protocol sessions for 2025-11-25 clients; default: only when the store is shared"
    )
    auth: Literal["own", "entra", "oidc"] = Field("own", description="who issues the tokens that clients bring")
    audience: Words = Field((), description="audiences accepted in tokens of entra or oidc, when not our own names")
    oidc_issuer: IssuerUrl | None = Field(None, description="issuer of the tokens when auth is oidc, or of assertions")
    oidc_client_id: str | None = Field(
        None, description="our client id at that issuer, to link mailboxes of its people"
    )
    oidc_client_secret: SecretStr | None = Field(None, description="our secret at that issuer")
    assertion_issuers: Words = Field((), description="identity providers whose identity assertions (ID-JAG) are taken")
    dynamic_registration: bool = Field(True, description="let clients register themselves")
    clients: Clients = Field((), repr=False, description="clients registered by you")
    token_minutes: int = Field(30, ge=15, le=60, description="minutes an access token lasts")
    audit_max_mb: int = Field(
        100, ge=1, le=10_000, description="MiB that a file of the audit log grows to before another one is begun"
    )
    audit_kept_files: int | None = Field(
        None, ge=0, description="how many older files of the audit log are kept; none given: all"
    )
    allowed_tenants: Tenants = Field((), description="tenant ids that may use this server; none given: all")
    allowed_domains: MailDomains = Field((), description="mail domains that may use it")
    allowed_users: Users = Field((), description="users that may use it, as address or tenant:object id")
    denied_tenants: Tenants = Field((), description="tenant ids that may not; denial wins")
    denied_domains: MailDomains = Field((), description="mail domains that may not")
    denied_users: Users = Field((), description="users that may not")

    @field_validator("toolsets")
    @classmethod
    def _known_toolsets(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not set(value) <= set(TOOLSETS):
            raise ValueError("one or more of " + ", ".join(TOOLSETS))
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.client_proof == "certificate" and self.client_certificate is None:
            raise ValueError(_missing("CLIENT_CERTIFICATE", "a PEM file", because="CLIENT_PROOF is certificate"))
        if self.client_certificate is not None and self.client_proof != "certificate":
            raise ValueError(_unused("CLIENT_CERTIFICATE", self.client_certificate, used_by="certificate"))
        if self.managed_identity is not None and self.client_proof != "managed-identity":
            raise ValueError(_unused("MANAGED_IDENTITY", self.managed_identity, used_by="managed-identity"))
        if self.oidc_issuer is None and (why := self._why_an_issuer()):
            raise ValueError(_missing("OIDC_ISSUER", "the address of the issuer", because=why))
        if self.oidc_issuer is not None and not self.oidc_client_id:
            raise ValueError(_missing("OIDC_CLIENT_ID", "our client id at the issuer", because="OIDC_ISSUER is set"))
        if self.client_proof == "workload-identity" and self.federated_token_file is None:
            why = "CLIENT_PROOF is workload-identity"
            raise ValueError(_missing("FEDERATED_TOKEN_FILE", "the file with the platform's token", because=why))
        if self.master_key is not None and self.key_source != "environment":
            raise ValueError(_unused_secret("MASTER_KEY", used_by="KEY_SOURCE is environment"))
        if self.client_secret and self.client_proof != "secret":
            raise ValueError(_unused_secret("CLIENT_SECRET", used_by="CLIENT_PROOF is secret"))
        if not self.offered_scopes():
            read = f"{PREFIX}TOOLSETS: read {' '.join(self.toolsets)!r}"
            raise ValueError(f"{read}; expected {_READING_TOOLSETS} among them, because {PREFIX}READ_ONLY is true.")
        return self

    def _why_an_issuer(self) -> str:
        """Which setting means nothing without one; "" when none does."""
        if self.auth == "oidc":
            return "AUTH is oidc"
        if self.oidc_client_id:
            return "OIDC_CLIENT_ID is set"
        return "OIDC_CLIENT_SECRET is set" if self.oidc_client_secret else ""

    def offered_scopes(self) -> tuple[str, ...]:
        """The scopes that the offered tools need."""
        return scopes_of_toolsets(self.toolsets, read_only=self.read_only)

    def asked_permissions(self) -> tuple[str, ...]:
        """The Graph permissions to ask for: those given, else the least that the offered tools need."""
        return graph_permissions(self.offered_scopes()) if self.scopes is None else self.scopes

    def require_client_id(self) -> str:
        """The client id, or a ConfigurationError that says where to get one."""
        if self.client_id is None:
            raise ConfigurationError(
                f"{PREFIX}CLIENT_ID: nothing was read; expected the client id of an Entra app registration.",
                next_step="Set it, or try `outlook-mcp demo`, which needs no tenant.",
            )
        return self.client_id

    def require_master_key(self) -> SecretStr:
        """The vault's key from the environment, or a ConfigurationError that says how to make one."""
        if self.master_key is None:
            raise ConfigurationError(
                f"{PREFIX}MASTER_KEY: nothing was read; expected one or more keys in base64, sealing key first.",
                next_step="Make one with `openssl rand -base64 32`.",
            )
        return self.master_key

    def require_web(self) -> WebSettings:
        """What `serve --http` needs; a ConfigurationError with the line to fix when that is missing or unsafe."""
        if self.public_url is None:
            raise ConfigurationError(
                f"{PREFIX}PUBLIC_URL: nothing was read; expected the origin that clients reach.",
                next_step=f"On this machine alone, set {PREFIX}PUBLIC_URL=http://127.0.0.1:{self.port}.",
            )
        self._check_tls(self.public_url)
        self._check_loopback(self.public_url)
        return WebSettings(
            self.public_url,
            self.token_minutes * 60,
            self.dynamic_registration,
            token_issuer={"own": None, "entra": f"{self.entra_url}/v2.0", "oidc": self.oidc_issuer}[self.auth],
            scope_prefix=f"api://{self.client_id}/" if self.auth == "entra" else "",
            scopes=self.offered_scopes(),
        )

    def _check_tls(self, public_url: str) -> None:
        plain = self.tls_certificate is None and not self.behind_tls_proxy
        if plain and is_served_to_others(self.host):
            raise ConfigurationError(
                f"{PREFIX}HOST: read {self.host!r}; without TLS only this machine may be served.",
                next_step=f"Set {PREFIX}TLS_CERTIFICATE, or {PREFIX}BEHIND_TLS_PROXY=true when a proxy terminates TLS.",
            )
        if plain and public_url.startswith("https:"):
            raise ConfigurationError(
                f"{PREFIX}PUBLIC_URL: read {public_url!r}; nothing here speaks https.",
                next_step=f"Set {PREFIX}TLS_CERTIFICATE, or {PREFIX}BEHIND_TLS_PROXY=true when a proxy terminates TLS.",
            )

    def _check_loopback(self, public_url: str) -> None:
        """Clients that reach a loopback address are on this machine, and meet whatever listens at that port of it."""
        parts, read = urlsplit(public_url), f"{PREFIX}PUBLIC_URL: read {public_url!r}"
        if not is_loopback(parts.hostname or ""):
            return
        if is_served_to_others(self.host):
            raise ConfigurationError(
                f"{read}; nobody but this machine reaches that, and {PREFIX}HOST is {self.host!r}.",
                next_step=f"Set {PREFIX}PUBLIC_URL to the address that clients reach, or {PREFIX}HOST=127.0.0.1.",
            )
        if self.behind_tls_proxy or self.trusted_proxies:
            return
        listens = "127.0.0.1" if self.host == "localhost" else self.host
        if parts.hostname not in ("localhost", listens):
            raise ConfigurationError(
                f"{read}; this server listens on {self.host}.", next_step=f"Set {PREFIX}HOST={parts.hostname}."
            )
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if port != self.port:
            raise ConfigurationError(
                f"{read}; this server listens on port {self.port}.",
                next_step=f"Set {PREFIX}PORT={port}, or {PREFIX}TRUSTED_PROXIES=127.0.0.1 for a proxy on that port.",
            )

    @property
    def entra_authority(self) -> str:
        return self.authority or cloud_named(self.cloud).authority

    @property
    def entra_url(self) -> str:
        """`{authority}/{tenant}`."""
        return f"{self.entra_authority}/{self.tenant}"

    @property
    def graph_base_url(self) -> str:
        """With the version, which an address without a path leaves out."""
        url = self.graph_url or cloud_named(self.cloud).graph
        return url if urlsplit(url).path else f"{url}/v1.0"

    @property
    def is_store_shared(self) -> bool:
        return not self.store.get_secret_value().startswith("sqlite:")

    @property
    def is_stateless(self) -> bool:
        """Replicas share no protocol sessions, so with a shared store there are none."""
        return self.is_store_shared if self.stateless is None else self.stateless


class GivenConfiguration(Configuration):
    """The given settings alone: neither variables nor a file are read."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def _missing(name: str, expected: str, *, because: str) -> str:
    return f"{PREFIX}{name}: nothing was read; expected {expected}, because {PREFIX}{because}."


def _unused(name: str, read: object, *, used_by: str) -> str:
    """What is silently passed over would seem to be in force."""
    return f"{PREFIX}{name}: read {str(read)!r}; expected only where {PREFIX}CLIENT_PROOF is {used_by}."


def _unused_secret(name: str, *, used_by: str) -> str:
    return f"{PREFIX}{name}: read a secret; expected only where {PREFIX}{used_by}."
