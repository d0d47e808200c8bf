"""Checks of the app registration, the sign-in of the profile, its permissions, and the mailbox."""

from __future__ import annotations

from dataclasses import replace

from outlook_mcp.answers.remedies import Audience, message_for
from outlook_mcp.app import App, entra_provider, open_app
from outlook_mcp.cli.doctor_checks.finding import Finding, State
from outlook_mcp.cli.doctor_checks.machine import is_vault_to_be_made
from outlook_mcp.cli.doctor_checks.network import ENTRA, GRAPH
from outlook_mcp.cli.inbox_line import inbox_line
from outlook_mcp.cli.reporting import login_command
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError, GraphUnavailable, OutlookError, SignInUnavailable
from outlook_mcp.identity.profile import DEFAULT_PROFILE
from outlook_mcp.identity.scopes import BASIC_PERMISSIONS, BY_NAME, covers
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.security_service import CALLBACK_PATH, OAuthSecurityService

APP, SIGN_IN, PERMISSIONS, MAILBOX = "app registration", "sign-in", "permissions", "mailbox"


async def account_findings(configuration: Configuration, no_key: Finding | None = None) -> list[Finding]:
    """What Entra ID says of the app, and what can be done with the sign-in of the profile.

    `no_key` says why the vault cannot be opened, where that is known.
    """
    try:
        configuration.require_client_id()
    except ConfigurationError:
        return [Finding(APP, State.WARN, "Not checked: there is no client id yet.", "Run `outlook-mcp setup`.")]
    if configuration.public_url is not None:
        return [await server_app_finding(configuration)]
    app = await app_finding(configuration)
    if is_vault_to_be_made(configuration):
        return [app, _nobody(configuration)]
    if no_key is not None:
        return [app, replace(no_key, name=SIGN_IN)]
    try:
        async with open_app(configuration) as opened:
            return [app, *await _sign_in_findings(opened)]
    except OutlookError as error:
        return [app, Finding.of_error(SIGN_IN, error)]


async def server_app_finding(configuration: Configuration) -> Finding:
    """Whether Entra ID knows the app of a server for many users, its tenant and its redirect address."""
    try:
        redirect_uri = configuration.require_web().callback
    except ConfigurationError:
        return Finding(APP, State.WARN, "Not checked: the configuration is wrong.", "Mend 'configuration' above first.")
    provider = entra_provider(configuration, is_server=True)
    try:
        await provider.check_app(OAuthSecurityService().new_secrets(), redirect_uri=redirect_uri)
    except SignInUnavailable as error:
        return _unreached(APP, error, ENTRA)
    except OutlookError as error:
        return Finding.of_error(APP, error)
    finally:
        await provider.aclose()
    told = f"{configuration.client_id} may send people at {configuration.tenant} back to {redirect_uri}."
    return Finding(APP, State.OK, f"{told} Its proof is not checked: the first sign-in shows it.")


async def app_finding(configuration: Configuration) -> Finding:
    """Whether Entra ID knows the app, its tenant and its redirect address, and lets it sign in by code."""
    provider = entra_provider(configuration)
    redirect_uri = f"http://{provider.settings.redirect_host}{CALLBACK_PATH}"
    try:
        await provider.check_app(OAuthSecurityService().new_secrets(), redirect_uri=redirect_uri)
        told = f"{configuration.client_id} may sign people in at {configuration.tenant}."
        try:
            await provider.start_device()
        except SignInUnavailable:
            raise
        except OutlookError as error:
            # The browser needs no public client flow, so this stops only those who have none.
            return Finding.of_error(APP, error, State.WARN)
        return Finding(APP, State.OK, told)
    except SignInUnavailable as error:
        return _unreached(APP, error, ENTRA)
    except OutlookError as error:
        return Finding.of_error(APP, error)
    finally:
        await provider.aclose()


async def _sign_in_findings(app: App) -> list[Finding]:
    user = (await app.caller.session()).user
    if user is None:
        return [_nobody(app.configuration)]
    mailboxes = await app.connections.connections_of(user)
    if not mailboxes:
        return [Finding(SIGN_IN, State.FAIL, f"{user} has no mailbox connected.", _log_in(app.configuration))]
    addresses = ", ".join(mailbox.address for mailbox in mailboxes)
    told = f"The profile {app.caller.profile!r} is signed in as {addresses}."
    findings = [Finding(SIGN_IN, State.OK, told)]
    for mailbox in mailboxes:
        findings.append(_permissions_finding(app.configuration, mailbox.address, mailbox.scopes))
        findings.append(await _mailbox_finding(app, user, mailbox.name, mailbox.address))
    return findings


def _nobody(configuration: Configuration) -> Finding:
    told = f"Nobody is signed in under the profile {configuration.profile!r}."
    return Finding(SIGN_IN, State.WARN, told, _log_in(configuration))


def _log_in(configuration: Configuration) -> str:
    profile = None if configuration.profile == DEFAULT_PROFILE else configuration.profile
    return f"Run {login_command(profile)}."


def _permissions_finding(configuration: Configuration, address: str, granted: tuple[str, ...]) -> Finding:
    """Whether Microsoft granted what the offered tools need."""
    # Entra may write them in full: https://graph.microsoft.com/Mail.Read.
    names = [permission.rpartition("/")[2] for permission in granted]
    wanting = [
        BY_NAME[scope]
        for scope in configuration.offered_scopes()
        if not covers(names, (*BASIC_PERMISSIONS, *BY_NAME[scope].graph))
    ]
    if not wanting:
        return Finding(PERMISSIONS, State.OK, f"{address}: {' '.join(sorted(names))}")
    missing = sorted(
        {permission for scope in wanting for permission in scope.graph if not covers(names, (permission,))}
    )
    toolsets = ", ".join(scope.toolset for scope in wanting)
    told = f"{address}: {', '.join(missing) or 'basic permissions'} not granted, which {toolsets} needs."
    fix = "Add them to the app registration, then run `outlook-mcp login` and accept them, or offer less: --toolsets."
    return Finding(PERMISSIONS, State.WARN, told, fix)


def _unreached(name: str, error: OutlookError, peer: str) -> Finding:
    """What could not be checked, since an earlier check found no way to the peer or will the next time."""
    told = message_for(error, Audience.COMMAND_LINE)
    return Finding(name, State.FAIL, f"Not checked: {told}", f"Mend what {peer!r} says above, then try again.")


async def _mailbox_finding(app: App, user: UserKey, name: str, address: str) -> Finding:
    """Whether Microsoft Graph answers for the mailbox."""
    try:
        connection = await app.mailboxes.choose(user, name)
        mailbox = await app.workspaces.open_workspace(user, connection.id)
        answer = await inbox_line(mailbox, app.configuration)
    except (SignInUnavailable, GraphUnavailable) as error:
        return _unreached(MAILBOX, error, ENTRA if isinstance(error, SignInUnavailable) else GRAPH)
    except OutlookError as error:
        return Finding.of_error(MAILBOX, error)
    return Finding(MAILBOX, State.OK, f"{address}: {answer}")
