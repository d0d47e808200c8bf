"""The settings that commands accept as flags, and the configuration that results."""

from __future__ import annotations

from argparse import Namespace

from outlook_mcp.cli.logs import log_to_stderr
from outlook_mcp.config import Configuration

# Every process of the machine can read a command line, so secrets are no flags.
_SECRETS = {"client_secret", "master_key", "oidc_client_secret", "clients"}
FLAGS = [name for name in Configuration.model_fields if name not in _SECRETS]


def settings_of(arguments: Namespace) -> Configuration:
    """The configuration with the given flags, which override variables and file; also sets up logging by it."""
    configuration = Configuration.load({name: getattr(arguments, name, None) for name in FLAGS})
    log_to_stderr(configuration.log_level)
    return configuration
