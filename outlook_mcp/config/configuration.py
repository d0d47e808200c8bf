"""The configuration of a process: all settings, with the rules between them checked."""

from __future__ import annotations

from typing import Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from outlook_mcp.config.rule import Stage
from outlook_mcp.config.rules import violations
from outlook_mcp.config.settings import Settings
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.web.settings import WebSettings


class Configuration(Settings):
    """Settings that keep every rule of `rules`. Those of a later stage are checked by the `require_` methods.

    Every method that checks raises one ConfigurationError for all rules that are broken.
    """

    @model_validator(mode="after")
    def _keeps_rules(self) -> Self:
        self.check_rules(Stage.LOADED)
        return self

    def check_rules(self, *stages: Stage) -> None:
        """Raises ConfigurationError for all broken rules of these stages, one a line."""
        errors = [error for stage in stages for error in violations(self, stage)]
        if len(errors) > 1:
            raise ConfigurationError("\n".join(dict.fromkeys(map(str, errors))))
        for error in errors:
            raise error

    def warnings(self, stage: Stage) -> tuple[str, ...]:
        """What is allowed but probably not meant, one line each."""
        return tuple(str(error) for error in violations(self, stage, warns=True))

    def require_client_id(self) -> str:
        """The client id of the app registration."""
        self.check_rules(Stage.SIGN_IN)
        return self.client_id or ""

    def require_master_key(self) -> SecretStr:
        """The vault's key from the environment."""
        self.check_rules(Stage.VAULT)
        return self.master_key or SecretStr("")

    def require_web(self) -> WebSettings:
        """The settings of `serve --http`."""
        self.check_rules(Stage.SIGN_IN, Stage.VAULT, Stage.HTTP)
        return WebSettings(
            public_url=self.public_url or "",
            access_token_lifetime_s=self.token_minutes * 60,
            dynamic_registration=self.dynamic_registration,
            client_documents=self.client_documents,
            token_issuer={"own": None, "entra": f"{self.entra_url}/v2.0", "oidc": self.oidc_issuer}[self.auth],
            scope_prefix=f"api://{self.client_id}/" if self.auth == "entra" else "",
            scopes=self.offered_scopes(),
        )


class GivenConfiguration(Configuration):
    """The given settings only: neither variables nor a file are read."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)
