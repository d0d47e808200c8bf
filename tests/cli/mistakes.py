"""The table of mistakes of the first hour; see `first_hour` for how each is provoked."""

from __future__ import annotations

from tests.cli.first_hour import (
    UNKNOWN,
    Mistake,
    answered_by_entra,
    app_with_redirect,
    client_without_command,
    in_tenant,
    lose_key,
    make_newer,
    open_key_to_others,
    other_package,
    replace_vault,
    silent_proxy,
    spoil_vault,
    taken_port,
    typed,
    with_vault,
    written_in_file,
)
from tests.cli.option_mistakes import OPTIONS

GUID = "11111111-2222-3333-4444-555555555555"
SETUP = "Run `outlook-mcp setup`"


MISTAKES = (
    Mistake("Nothing was configured yet", "OUTLOOK_MCP_CLIENT_ID: nothing was read", SETUP, typed("login")),
    Mistake("Setup runs where it cannot ask", "there is no terminal", "give --client-id and --tenant", typed("setup")),
    Mistake(
        "The secret or the name of the app was given as its id",
        "--client-id: read 'my-app'",
        "expected the application (client) id of the Entra app registration, a GUID",
        typed("login", "--client-id", "my-app"),
    ),
    Mistake(
        "The client id belongs to no app of the tenant",
        "The app is not known in this tenant",
        "Register the app, or correct the client id",
        in_tenant("login", "--no-browser", client_id=UNKNOWN),
    ),
    Mistake(
        "The tenant is mistyped",
        "The tenant does not exist",
        "Correct the tenant setting",
        in_tenant("login", "--no-browser", tenant="contosso.example"),
    ),
    Mistake(
        "The name of the organisation was given as the tenant",
        "OUTLOOK_MCP_TENANT: read 'Contoso Ltd'",
        "expected a tenant id, a domain, or one of common, organizations, consumers",
        typed("login", tenant="Contoso Ltd"),
    ),
    Mistake(
        "The redirect address is not registered",
        "The redirect address is not registered (AADSTS50011)",
        "Add http://localhost/callback to the app registration, as a mobile or desktop one",
        app_with_redirect("http://localhost/elsewhere"),
    ),
    Mistake(
        "The redirect address is registered for a web page (SPA)",
        "The redirect address is one of a web page (AADSTS9002326)",
        "Register it as one of a mobile or desktop application",
        answered_by_entra(9002326, ""),
    ),
    Mistake(
        "No redirect address is registered",
        "No redirect address is registered (AADSTS500113)",
        "Add http://localhost/callback to the app registration, as a mobile or desktop one",
        answered_by_entra(500113, ""),
    ),
    Mistake(
        "The app is for one organisation, the tenant setting for all",
        "The app is for one organisation only",
        "Set the tenant setting to that organisation",
        answered_by_entra(50194, "invalid_request"),
    ),
    Mistake(
        "The app is for personal accounts, the tenant setting for others",
        "The app is for personal accounts only",
        "Set the tenant setting to consumers",
        answered_by_entra(9002346, "invalid_request"),
    ),
    Mistake(
        "Public client flows are off, and a code is asked for",
        "The app does not allow public clients",
        "Switch on 'Allow public client flows' for the app",
        answered_by_entra(7000218, "invalid_client"),
    ),
    Mistake(
        "A permission was left out of the app registration, or needs an administrator",
        "The permission needs an administrator's consent",
        "grant admin consent",
        answered_by_entra(90094, "access_denied"),
    ),
    Mistake(
        "An account of another organisation signs in",
        "This account is not in the organisation",
        "invite this account, or allow other tenants in the app",
        answered_by_entra(50020, "invalid_request"),
    ),
    Mistake(
        "The consent page was cancelled",
        "The sign-in was declined",
        "Start the sign-in again and accept the permissions.",
        answered_by_entra(65004, "access_denied"),
    ),
    Mistake(
        "Nobody is signed in", "Nobody is signed in under the profile", "Run `outlook-mcp login`", in_tenant("whoami")
    ),
    Mistake(
        "A variable is mistyped",
        ": no such setting.",
        "Did you mean OUTLOOK_MCP_TENANT?",
        typed("login", tennant="common"),
    ),
    Mistake(
        "A line of the file is mistyped",
        "config.toml: no such setting.",
        "Did you mean client_id?",
        written_in_file(f'client_di = "{GUID}"\n', "login"),
    ),
    Mistake(
        "The file is not TOML: a value without quotes",
        "config.toml: not valid TOML",
        "Correct that line; texts stand in straight quotes",
        written_in_file(f"client_id = {GUID}\n", "login"),
    ),
    Mistake(
        "The file that OUTLOOK_MCP_CONFIG names is not there",
        "OUTLOOK_MCP_CONFIG: read '/nowhere.toml'",
        "expected the path of a TOML file",
        typed("login", config="/nowhere.toml"),
    ),
    Mistake(
        "A variable overrides what setup writes",
        "OUTLOOK_MCP_TENANT: read 'contoso.example'; it overrides the file",
        "Remove the variable OUTLOOK_MCP_TENANT",
        typed("setup", "--client-id", GUID, "--tenant", "common", tenant="contoso.example"),
    ),
    Mistake(
        "A password stands on the command line",
        "--store: read an address with a password",
        "Set OUTLOOK_MCP_STORE or `store` in the configuration file instead",
        typed("login", "--store", "redis://:secret@store:6379/0"),
    ),
    Mistake(
        "The proxy is not there",
        "Entra ID could not be reached through the proxy http://127.0.0.1:1",
        "run `outlook-mcp doctor`",
        silent_proxy,
    ),
    Mistake(
        "This machine has no network",
        "Entra ID could not be reached (ConnectError)",
        "run `outlook-mcp doctor`",
        in_tenant("login", "--no-browser", authority="http://127.0.0.1:1"),
    ),
    Mistake(
        "The key of the vault is lost",
        "does not hold key",
        "If it is lost, nobody can open the vault: move its file and audit.log away, and sign in again.",
        with_vault(lose_key, "whoami"),
    ),
    Mistake(
        "The key can be read by other users",
        "is open to other users (mode 0644)",
        "chmod 600",
        with_vault(open_key_to_others, "whoami"),
    ),
    Mistake(
        "The vault is damaged",
        "is corrupt",
        "Put back a good copy of the file, or move it and audit.log away and sign in again",
        with_vault(spoil_vault, "whoami"),
    ),
    Mistake(
        "The vault was moved away, and the audit log was not",
        "its last line was not written with this key",
        "move the log away: all files whose names begin with audit",
        with_vault(replace_vault, "whoami"),
    ),
    Mistake(
        "The vault was made by a newer version",
        "was made by a newer outlook-mcp",
        "Update outlook-mcp",
        with_vault(make_newer, "whoami"),
    ),
    Mistake(
        "The data folder cannot be written",
        "OUTLOOK_MCP_DATA_DIR: read",
        "expected a folder that can be written, or made",
        typed("login", data_dir=f"{__file__}/data"),
    ),
    Mistake(
        "The port of the sandbox is taken",
        "Address already in use",
        "Choose another with --port.",
        taken_port("sandbox"),
    ),
    Mistake(
        "The port of the server is taken",
        "Cannot listen on 127.0.0.1 port",
        "Choose another host or port.",
        taken_port("serve", "--http"),
    ),
    Mistake(
        "A server for many users has no public address",
        "OUTLOOK_MCP_PUBLIC_URL: nothing was read",
        "On this machine alone, set OUTLOOK_MCP_PUBLIC_URL=http://127.0.0.1:8080.",
        in_tenant("serve", "--http"),
    ),
    Mistake(
        "A client starts a command that is not there any more",
        "which is not there",
        "connect the client again: Run `outlook-mcp setup`",
        client_without_command,
    ),
    Mistake(
        "The package of another project stands in the place of this one",
        "is the package outlook_mcp of another project",
        "in an environment of its own, for example with pipx",
        other_package,
    ),
    Mistake(
        "The name of a toolset is mistyped",
        "'mail-raed' is none",
        "did you mean mail-read?",
        typed("demo", "--once", "--toolsets", "mail-raed mail-write"),
    ),
    Mistake(
        "Several toolsets stand without quotes",
        "unrecognized arguments: mail-write",
        "--toolsets 'mail-read mail-write'",
        typed("serve", "--toolsets", "mail-read", "mail-write"),
    ),
    Mistake(
        "An area is given as a toolset",
        "'calendar' is none",
        "did you mean calendar-read?",
        typed("login", toolsets="calendar"),
    ),
    Mistake(
        "An id is given with what stood around it",
        f"OUTLOOK_MCP_CLIENT_ID: read '{{{GUID}}}'",
        "a GUID, without { and } around it",
        typed("login", client_id=f"{{{GUID}}}"),
    ),
    Mistake(
        "The port stands in the address to listen on",
        "OUTLOOK_MCP_HOST: read 'localhost:8080'",
        "without a port, which has a setting of its own",
        in_tenant("serve", "--http", host="localhost:8080"),
    ),
    Mistake(
        "The file names a setting as its variable",
        "OUTLOOK_MCP_TENANT in ",
        "Did you mean tenant?",
        written_in_file('OUTLOOK_MCP_TENANT = "common"', "login"),
    ),
    Mistake(
        "The file has its settings below a heading",
        "outlook in ",
        "Settings stand in lines of their own before the first [table].",
        written_in_file('[outlook]\ntenant = "common"', "login"),
    ),
    Mistake(
        "The file was saved as UTF-16",
        "config.toml: not UTF-8",
        "Save it again with the encoding UTF-8",
        written_in_file('tenant = "common"'.encode("utf-16"), "login"),
    ),
    Mistake(
        "The demo is to import a folder that is not there",
        "--import: read",
        "expected a folder of .eml files, an mbox, a Maildir, an .ics or a .vcf",
        typed("demo", "--once", "--import", "/nowhere"),
    ),
    Mistake(
        "A setting stands in the file twice",
        "Cannot overwrite a value",
        "A setting of that name stands above already: remove one of the two.",
        written_in_file('tenant = "common"\ntenant = "contoso.example"\n', "login"),
    ),
    *OPTIONS,
)
