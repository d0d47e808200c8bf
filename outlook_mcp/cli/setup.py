"""`outlook-mcp setup`: from an app registration to a client that is connected, step by step."""

from __future__ import annotations

import sys
import webbrowser
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio

from outlook_mcp.cli.connection_lines import launcher
from outlook_mcp.cli.login import SignInWay, login
from outlook_mcp.cli.mcp_clients import ADDABLE, CLIENTS, Launch, McpClient, client_lines
from outlook_mcp.cli.questions import agrees_to, answer_to
from outlook_mcp.cli.settings import FLAGS, SECRETS, settings_of
from outlook_mcp.config import PREFIX, Configuration
from outlook_mcp.config.file import variables_of_settings, write_settings
from outlook_mcp.config.reading import settings_in_file
from outlook_mcp.config.terminal import can_answer, is_remote_terminal
from outlook_mcp.errors import ConfigurationError, OutlookError
from outlook_mcp.identity.user import GUID
from outlook_mcp.oauth.entra.clouds import cloud_named

REDIRECT = "http://localhost/callback"
MOST_TRIES = 5
# Written into the file; everything else that was given travels in the client's line.
_KEPT = ("client_id", "tenant")
# Addresses that may hold a password.
_WITH_PASSWORD = ("store", "proxy")


@dataclass(frozen=True, slots=True)
class AccountType:
    """Which accounts sign in: how people call them, how the registration page does, and the tenant setting.

    `tenant` is "" where the id of one tenant is asked for.
    """

    key: str
    name: str
    on_page: str
    tenant: str


ACCOUNT_TYPES = (
    AccountType("1", "work or school, in one organisation", "Accounts in this organizational directory only", ""),
    AccountType("2", "personal: outlook.com, hotmail.com, live.com", "Personal Microsoft accounts only", "consumers"),
    AccountType(
        "3",
        "both",
        "Accounts in any organizational directory and personal Microsoft accounts",
        "common",
    ),
)


def run(arguments: Namespace) -> int:
    """Runs the steps; returns the exit status. Raises ConfigurationError without a terminal and the needed flags."""
    is_given = arguments.client_id is not None and arguments.tenant is not None
    if not is_given and not can_answer():
        raise ConfigurationError(
            "setup asks questions, and there is no terminal here.",
            next_step="Run it in a terminal, or give --client-id and --tenant.",
        )
    configuration = settings_of(arguments)
    opens_pages = not (arguments.no_browser or arguments.device or is_remote_terminal())
    chosen = _given(arguments) if is_given else _register_app(configuration, opens_pages=opens_pages)
    configuration = _write_configuration(arguments, chosen)
    print("\n3. Sign in to Microsoft")
    anyio.run(login, configuration, SignInWay.chosen_by(arguments))
    return _connect_clients(arguments, configuration)


def _given(arguments: Namespace) -> dict[str, str]:
    return {"client_id": arguments.client_id, "tenant": arguments.tenant}


def _register_app(configuration: Configuration, *, opens_pages: bool) -> dict[str, str]:
    """Leads through the registration page; the settings that follow from it."""
    print("1. Register an app in Entra ID, through which this program may open your mailbox.")
    account = _ask_account_type()
    page = f"{cloud_named(configuration.cloud).portal}/#view/Microsoft_AAD_RegisteredApps/CreateApplicationBlade"
    print(f"\n{registration_steps(page, account, configuration)}\n")
    if opens_pages and not webbrowser.open(page):
        print("No browser could be opened here: open the address yourself.")
    client_id = _ask_guid("Application (client) ID, from the overview of the app:", configuration.client_id or "")
    tenant = account.tenant or _ask_guid("Directory (tenant) ID, from the same page:", "")
    return {"client_id": client_id, "tenant": tenant}


def registration_steps(page: str, account: AccountType, configuration: Configuration) -> str:
    """What to do on the registration page, one step a line."""
    permissions = ", ".join(configuration.asked_permissions())
    steps = (
        f"Open {page} and sign in. Name: anything, such as Outlook for my agent.",
        f"Supported account types: {account.on_page}.",
        f"Redirect URI: platform 'Public client/native (mobile & desktop)', address {REDIRECT}",
        "Register. Under Authentication, set 'Allow public client flows' to Yes: sign-in by code needs it.",
        f"Under API permissions, add of Microsoft Graph, Delegated: {permissions}.",
    )
    return "\n".join(f"   - {step}" for step in steps)


def _ask_account_type() -> AccountType:
    print("   Which mailbox is it?")
    for account in ACCOUNT_TYPES:
        print(f"   {account.key}  {account.name}")
    for _ in range(MOST_TRIES):
        answer = answer_to("   Number:", "1")
        for account in ACCOUNT_TYPES:
            if answer == account.key:
                return account
        print("   Expected 1, 2 or 3.")
    raise ConfigurationError("No account type was chosen.", next_step="Run `outlook-mcp setup` again.")


def _ask_guid(question: str, default: str) -> str:
    """An id that was typed. Raises ConfigurationError after several wrong ones."""
    for _ in range(MOST_TRIES):
        answer = answer_to(f"   {question}", default)
        if GUID.fullmatch(answer):
            return answer.lower()
        print("   Expected an id such as 11111111-2222-3333-4444-555555555555, not a name and not a secret.")
    raise ConfigurationError("No id was given.", next_step="Register the app, then run `outlook-mcp setup` again.")


def _write_configuration(arguments: Namespace, chosen: Mapping[str, str]) -> Configuration:
    """Writes the settings and reads them back as any other command will. Raises ConfigurationError."""
    present = settings_in_file()
    for name in _KEPT:
        _refuse_overriding_variable(name, chosen[name])
        before = present.get(name)
        if before not in (None, chosen[name]) and can_answer() and not _may_change(name, before, chosen[name]):
            raise ConfigurationError(f"{name} stays {before}; nothing was changed.")
    path = write_settings({name: chosen[name] for name in _KEPT})
    print(f"\n2. Configuration: wrote client_id and tenant to {path}")
    for name in _KEPT:
        setattr(arguments, name, None)
    return settings_of(arguments)


def _may_change(name: str, before: object, after: str) -> bool:
    return agrees_to(f"The configuration has {name} {before}. Change it to {after}?")


def _refuse_overriding_variable(name: str, value: str) -> None:
    variable = f"{PREFIX}{name.upper()}"
    given = variables_of_settings().get(variable)
    if given not in (None, value):
        raise ConfigurationError(
            f"{variable}: read {given!r}; it overrides the file, where {value!r} is about to be written.",
            next_step=f"Remove the variable {variable}, or give it that value.",
        )


def _connect_clients(arguments: Namespace, configuration: Configuration) -> int:
    launch = launch_of(arguments, configuration)
    for name in sorted(SECRETS):
        if (variable := f"{PREFIX}{name.upper()}") in variables_of_settings():
            print(f"Write {name} into the configuration file: clients start the server without {variable}.")
    print("\n4. Connect a client. Each of these lines does it:\n")
    print("\n".join(client_lines(launch)))
    print()
    failed = 0
    for client in CLIENTS:
        if client.key in arguments.add or (not arguments.add and _wants(client)):
            try:
                print(f"{client.name}: {add_server(client, launch)}")
            except OutlookError as error:
                failed = 1
                print(f"{client.name}: {error}", file=sys.stderr)
    print("Ask your agent for your latest mail. When something does not work: `outlook-mcp doctor`.")
    return failed


def add_server(client: McpClient, launch: Launch) -> str:
    """What was done. Another server of the same name is replaced only when the person agrees."""
    present = client.server_named(launch.name)
    if present is None:
        return client.add_server(launch)
    if launch.is_entry(present):
        return f"{client.file()} has this server already."
    starts = present.get("command") or present.get("url") or "something else"
    how = " with other arguments or settings" if starts == launch.command else ""
    told = f"{client.file()} has a server {launch.name!r} already, which starts {starts}{how}"
    if can_answer() and agrees_to(f"{told}. Replace it?"):
        return client.replace_server(launch)
    fix = "Remove that one first, or write the line that is printed under another name."
    raise ConfigurationError(f"{told}; nothing was changed.", next_step=fix)


def _wants(client: McpClient) -> bool:
    return client.key in ADDABLE and client.is_installed() and can_answer() and agrees_to(f"Add it to {client.name}?")


def _paths_among(given: Mapping[str, str], configuration: Configuration) -> dict[str, str]:
    """The paths among these variables from the root on: a client starts the server in a folder of its own."""
    variables = {f"{PREFIX}{name.upper()}": value for name, value in configuration}
    paths = {name: value.absolute() for name, value in variables.items() if isinstance(value, Path)}
    return {name: str(paths[name]) for name in given if name in paths}


def launch_of(arguments: Namespace, configuration: Configuration) -> Launch:
    """How a client starts the server: with the settings of this command, which the client would not find itself.

    Secrets are left out: every process of the machine can read a command line.
    """
    command, words = launcher()
    flags = {f"{PREFIX}{name.upper()}": getattr(arguments, name, None) for name in FLAGS}
    given = {**variables_of_settings(), **{name: str(value) for name, value in flags.items() if value is not None}}
    given |= _paths_among(given, configuration)
    secret = {*SECRETS, *(name for name in _WITH_PASSWORD if "@" in given.get(f"{PREFIX}{name.upper()}", ""))}
    left_out = {f"{PREFIX}{name.upper()}" for name in (*_KEPT, *secret)}
    return Launch(command, (*words, "serve"), {name: value for name, value in given.items() if name not in left_out})
