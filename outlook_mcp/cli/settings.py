"""The settings that commands take as flags, and the configuration that comes of them."""

from __future__ import annotations

from argparse import Namespace

from outlook_mcp.cli.logs import log_to_stderr
from outlook_mcp.config import Configuration

# A secret on a command line is readable by every process of the machine.
_SECRETS = {"client_secret", "master_key", "oidc_client_secret", "clients"}
FLAGS = [name for name in Configuration.model_fields if name not in _SECRETS]


def settings_of(arguments: Namespace) -> Configuration:
    """The configuration, with the flags that were given on top; logging follows it from here on."""
    configuration = Configuration.load({name: getattr(arguments, name, None) for name in FLAGS})
    log_to_stderr(configuration.log_level)
    return configuration
