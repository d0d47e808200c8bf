"""The configuration of a process: all settings, with the rules between them checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from outlook_mcp.config.rule import Stage
from outlook_mcp.config.rules import RULES, violations
from outlook_mcp.config.settings import Settings
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.web.settings import WebSettings


class Configuration(Settings):
    """Settings that keep every rule of `rules`. Those of a later stage are checked by the `require_` methods.

    Every method that checks raises one ConfigurationError for all rules that are broken.
    """

    @classmethod
    def load(cls, flags: Mapping[str, Any] | None = None, *stages: Stage) -> Self:
        """As `ReadSettings.load`; the rules of these stages are checked too, and told with the wrong values."""
        try:
            configuration = super().load(flags)
            configuration.check_rules(*stages)
            return configuration
        except ConfigurationError as error:
            told = str(error).splitlines()
            lines = dict.fromkeys((*told, *_broken_rules(cls.stated(flags), stages)))
            if len(lines) == len(told):
                raise
            raise ConfigurationError("\n".join(lines)) from None

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


class _OnlyGiven(BaseSettings):
    """Neither variables nor a file are read."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class GivenConfiguration(_OnlyGiven, Configuration):
    """The given settings only: neither variables nor a file are read."""


class _GivenSettings(_OnlyGiven, Settings):
    """As `GivenConfiguration`, without rules."""


def _broken_rules(stated: Mapping[str, Any], stages: tuple[Stage, ...]) -> list[str]:
    """The errors of the rules that are broken whatever is written in the place of values that cannot be read."""
    wrong: set[str] = set()
    try:
        _GivenSettings(**stated)
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
    try:
        settings = _GivenSettings(**{name: value for name, value in stated.items() if name not in wrong})
    except ValidationError:
        # A default is wrong on this machine, such as a folder that nobody can write to.
        return []
    errors = (
        rule.violation(settings)
        for rule in RULES
        if rule.stage in (Stage.LOADED, *stages) and not rule.warns and not rule.named_settings() & wrong
    )
    return [str(error) for error in errors if error is not None]
