"""The settings that commands accept as flags, and the configuration that results."""

from __future__ import annotations

import logging
from argparse import Namespace

from outlook_mcp.audit.private_files import may_others_replace_files_in, may_others_write
from outlook_mcp.cli.logs import log_to_stderr
from outlook_mcp.config import PREFIX, Configuration
from outlook_mcp.config.reading import config_file, similar_variables, stated_value
from outlook_mcp.config.rule import Stage
from outlook_mcp.config.ways_of_serving import without_effect
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.vault.store_address import crosses_network_unprotected, holds_password

_log = logging.getLogger(__name__)
# Every process of the machine can read a command line, so secrets are no flags.
SECRETS = {"client_secret", "master_key", "oidc_client_secret", "clients", "metrics_token"}
FLAGS = [name for name in Configuration.model_fields if name not in SECRETS]


def settings_of(arguments: Namespace, *stages: Stage) -> Configuration:
    """The configuration with the given flags, which override variables and file; also sets up logging by it.

    What is allowed but probably not meant is logged as a warning. Rules of `stages` are checked at once with those
    between all settings. Raises ConfigurationError.
    """
    refuse_password("--store", getattr(arguments, "store", None) or "")
    if "@" in (getattr(arguments, "proxy", None) or ""):
        raise ConfigurationError(
            "--proxy: read an address with a password; every program on this machine can read a command line.",
            next_step=f"Set {PREFIX}PROXY or `proxy` in the configuration file instead.",
        )
    flags = given_flags(arguments)
    # Before the settings are checked, so that what is wrong with them is told in that format, too.
    log_to_stderr("warning", "json" if stated_value("log_format", flags) == "json" else "text")
    configuration = Configuration.load(flags, *stages)
    log_to_stderr(configuration.log_level, configuration.log_format)
    for line in (*similar_variables(Configuration), *configuration.warnings(Stage.LOADED)):
        _log.warning("%s", line)
    if crosses_network_unprotected(configuration.store.get_secret_value()):
        _log.warning(
            "%sSTORE: read an address of another machine without TLS; the network in between can read its password."
            " Use rediss: instead of redis:.",
            PREFIX,
        )
    if may_others_replace_files_in(configuration.data_dir):
        _log.warning(
            "%sDATA_DIR: every user of this machine can take files out of %s and put others there. Run `chmod 700 %s`.",
            PREFIX,
            configuration.data_dir,
            configuration.data_dir,
        )
    if may_others_write(file := config_file()):
        _log.warning(
            "%s: every user of this machine can change these settings. Run `chmod go-w %s`, for its folder too.",
            file,
            file,
        )
    return configuration


def given_flags(arguments: Namespace) -> dict[str, str]:
    """The settings that were given as flags."""
    return {name: value for name in FLAGS if (value := getattr(arguments, name, None)) is not None}


def tell_without_effect(configuration: Configuration, arguments: Namespace, *, over_http: bool) -> None:
    """Logs a warning for each setting that was given and that this way of serving does not use."""
    for line in without_effect(configuration, given_flags(arguments), over_http=over_http):
        _log.warning("%s", line)


def refuse_password(argument: str, address: str) -> None:
    """Raises ConfigurationError when the address of a store that stands on the command line holds a password."""
    if holds_password(address):
        raise ConfigurationError(
            f"{argument}: read an address with a password; expected one without, because every program on this machine"
            " can read a command line.",
            next_step=f"Set {PREFIX}STORE or `store` in the configuration file instead, or name a file with the address"
            " to `store copy`: @FILE.",
        )
