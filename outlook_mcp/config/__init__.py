"""The configuration: flags, `OUTLOOK_MCP_*` variables and a TOML file. No other package reads the environment."""

from outlook_mcp.config.configuration import Configuration, GivenConfiguration
from outlook_mcp.config.reading import CONFIG_FILE_VARIABLE, PREFIX

__all__ = ["CONFIG_FILE_VARIABLE", "PREFIX", "Configuration", "GivenConfiguration"]
