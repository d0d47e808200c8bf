"""The commands and their flags; every setting but the secrets is a flag of every command that reads settings."""

from __future__ import annotations

import importlib
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Callable, Sequence
from pathlib import Path

from outlook_mcp import __version__
from outlook_mcp.cli.action_arguments import refuse_ignored
from outlook_mcp.cli.command_parser import CommandParser, HelpfulParser
from outlook_mcp.cli.settings_flags import PROFILE_FLAGS, SETTINGS_FLAGS, SettingFlag
from outlook_mcp.net.garbage import collecting_no_garbage

Command = Callable[[Namespace], int]


def build_parser() -> ArgumentParser:
    """The parser of all commands. It stores in `run` the function that runs the command; it returns the exit status."""
    parser = HelpfulParser(
        prog="outlook-mcp",
        description="Gives an agent the Outlook mailbox of the user who asks.",
        epilog="Start with `outlook-mcp demo`: it needs no account and no tenant.",
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"outlook-mcp {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=CommandParser)
    serve = _add_command(commands, "serve", "serve MCP over stdio for the local profile, or over HTTP for many users")
    over_http = _run_module("serve_http")
    serve.add_argument(
        "--http", dest="run", action="store_const", const=over_http, help="serve many users at --public-url"
    )
    _add_setup(commands)
    doctor = _add_command(commands, "doctor", "check everything that an answer needs, and say how to mend it")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    login = _add_command(
        commands, "login", "sign in to Microsoft and keep the sign-in in the vault", settings=PROFILE_FLAGS
    )
    login.add_argument("--device", action="store_true", help="show a code to enter on another device")
    login.add_argument("--no-browser", action="store_true", help="print the sign-in address only")
    login.add_argument("--replace", action="store_true", help="give the profile to another account without asking")
    logout = _add_command(commands, "logout", "forget the sign-in of the profile", settings=PROFILE_FLAGS)
    logout.add_argument("--account", help="forget one connected mailbox only (its name or address)")
    _add_accounts(commands)
    _add_command(
        commands, "whoami", "show who the profile is signed in as, checked with Microsoft Graph", settings=PROFILE_FLAGS
    )
    _add_keys(commands)
    _add_audit(commands)
    _add_administration(commands)
    _add_sandbox(commands)
    _add_demo(commands)
    return parser


def _add_command(
    commands: _SubParsersAction[CommandParser],
    name: str,
    summary: str,
    *,
    settings: Sequence[SettingFlag] = SETTINGS_FLAGS,
) -> ArgumentParser:
    parser: CommandParser = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    parser.set_defaults(run=_run_module(name))
    parser.settings_flags = settings
    return parser


def _run_module(name: str) -> Command:
    def run(arguments: Namespace) -> int:
        refuse_ignored(name, arguments)
        with collecting_no_garbage():
            # Here and not at the top: a command loads only what it needs.
            command: Command = importlib.import_module(f"outlook_mcp.cli.{name}").run
        return command(arguments)

    return run


def _add_setup(commands: _SubParsersAction[CommandParser]) -> None:
    setup = _add_command(
        commands, "setup", "register an app, write config.toml, sign in and connect a client", settings=PROFILE_FLAGS
    )
    setup.add_argument(
        "--add",
        action="append",
        default=[],
        choices=("claude-code", "claude-desktop", "vscode"),
        help="connect this client without asking; may be repeated",
    )
    setup.add_argument("--device", action="store_true", help="show a code to enter on another device")
    setup.add_argument("--no-browser", action="store_true", help="print addresses only")


def _add_accounts(commands: _SubParsersAction[CommandParser]) -> None:
    accounts = _add_command(
        commands, "accounts", "list, connect, name or disconnect the mailboxes of the profile", settings=PROFILE_FLAGS
    )
    actions = ("list", "connect", "rename", "default", "disconnect")
    accounts.add_argument("action", nargs="?", choices=actions, default="list", help="what to do (default: list)")
    accounts.add_argument("name", nargs="?", metavar="NAME", help="a connected mailbox; with connect, its address")
    accounts.add_argument("new_name", nargs="?", metavar="NEWNAME", help="with rename or connect, what to call it")
    accounts.add_argument("--device", action="store_true", help="with connect: show a code to enter on another device")
    accounts.add_argument("--no-browser", action="store_true", help="with connect: print the sign-in address only")


def _add_administration(commands: _SubParsersAction[CommandParser]) -> None:
    sessions = _add_command(commands, "sessions", "list or end the sessions of users' clients")
    sessions.add_argument("action", choices=("list", "revoke"))
    sessions.add_argument("id", nargs="?", metavar="ID", help="with revoke: the session to end")
    sessions.add_argument("--user", metavar="USER", help="those of one user: an address, or TENANT:OBJECT")
    users = _add_command(commands, "users", "list, show, revoke, block, export or erase the users of a server")
    users.add_argument("action", choices=("list", "show", "revoke", "block", "unblock", "export", "erase"))
    users.add_argument("user", nargs="?", metavar="USER", help="an address, or TENANT:OBJECT")
    users.add_argument("--yes", action="store_true", help="with erase: do it")
    for command, actions in ((sessions, "list"), (users, "list and show")):
        command.add_argument("--json", action="store_true", help=f"with {actions}: print JSON")
    store = _add_command(commands, "store", "copy the vault from one store to another")
    store.add_argument("action", choices=("copy",))
    store.add_argument("source", metavar="SOURCE", help="as in --store, or @FILE that holds an address with a password")
    store.add_argument(
        "destination", nargs="?", metavar="DESTINATION", help="an empty store (default: the configured one)"
    )


def _add_keys(commands: _SubParsersAction[CommandParser]) -> None:
    keys = _add_command(commands, "keys", "list or rotate the keys that seal the vault")
    keys.add_argument("action", choices=("list", "rotate"))
    keys.add_argument("--rekey", action="store_true", help="make new data keys too, and seal every record again")
    keys.add_argument("--json", action="store_true", help="with list: print JSON")
    keys.add_argument("--drop-old", action="store_true", help="after rotating, drop the keys that nothing needs")


def _add_audit(commands: _SubParsersAction[CommandParser]) -> None:
    audit = _add_command(commands, "audit", "verify the audit log or show its last records")
    audit.add_argument("action", choices=("verify", "tail"))
    audit.add_argument("--lines", type=int, help="with tail: records to show (default 20)")
    audit.add_argument("--json", action="store_true", help="print JSON, one object a line with tail")


def _add_sandbox(commands: _SubParsersAction[CommandParser]) -> None:
    sandbox = _add_command(commands, "sandbox", "run a local Microsoft Graph and Entra ID", settings=())
    sandbox.add_argument("--port", type=int, default=8765, help="HTTP port; HTTPS is the next one (default 8765)")
    sandbox.add_argument(
        "--upload-port", type=int, default=0, metavar="PORT", help="port of upload sessions, and the next"
    )
    sandbox.add_argument(
        "--import", dest="import_path", type=Path, metavar="PATH", help=".eml folder, mbox, Maildir, .ics or .vcf"
    )
    sandbox.add_argument("--state", type=Path, metavar="FILE", help="keep the mailboxes in this file")
    sandbox.add_argument("--token-lifetime", type=int, metavar="S", help="seconds an access token lives")
    sandbox.add_argument("--strict-rotation", action="store_true", help="a refresh token works once")
    sandbox.add_argument("--colleagues", type=int, default=0, metavar="N", help="that many more users")
    sandbox.add_argument(
        "--concurrency", type=int, default=4, metavar="N", help="requests at once per app and mailbox (default 4)"
    )
    sandbox.add_argument("--control", action="store_true", help="open the control API")


def _add_demo(commands: _SubParsersAction[CommandParser]) -> None:
    demo = _add_command(
        commands, "demo", "tour a mailbox in the sandbox over real MCP, without an account", settings=()
    )
    demo.add_argument("--import", dest="import_path", type=Path, metavar="PATH", help="your own mail instead")
    demo.add_argument("--toolsets", metavar="NAMES", help="toolsets to offer, with spaces between them, or `all`")
    demo.add_argument("--port", type=int, default=0, help="sandbox HTTP port (default: any free one)")
    demo.add_argument("--http", action="store_true", help="tour a server for many users over HTTP, and keep serving")
    mode = demo.add_mutually_exclusive_group()
    mode.add_argument("--once", action="store_true", help="only the tour: no lines for clients, nothing served")
    mode.add_argument("--stdio", action="store_true", help="be a stdio server for an MCP client to launch")
