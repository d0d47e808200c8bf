"""The one configuration: flags, then `OUTLOOK_MCP_*` variables, then a TOML file; nothing else reads them."""

from outlook_mcp.config.configuration import Configuration, GivenConfiguration
from outlook_mcp.config.reading import CONFIG_FILE_VARIABLE, PREFIX

__all__ = ["CONFIG_FILE_VARIABLE", "PREFIX", "Configuration", "GivenConfiguration"]
