"""Keeps the Graph permissions of earlier sign-ins: a sign-in for one client takes none away from the user's others."""

from __future__ import annotations

from dataclasses import replace

from outlook_mcp.errors import AdministratorRequired, SignInRefused, SignInRequired
from outlook_mcp.identity.scopes import covers, merged_permissions
from outlook_mcp.identity.user import Identity
from outlook_mcp.oauth.entra.identity_claims import require_same_person
from outlook_mcp.oauth.entra.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.entra.token_answer import TokenAnswer

# How Microsoft answers when it does not grant a permission any more that it granted earlier.
NO_LONGER_GRANTED = (SignInRequired, SignInRefused, AdministratorRequired)


async def with_earlier_permissions(
    provider: MicrosoftOAuthProvider,
    identity: Identity,
    answer: TokenAnswer,
    scopes: tuple[str, ...],
    before: tuple[str, ...],
) -> tuple[TokenAnswer, tuple[str, ...]]:
    """Tokens for the Graph permissions `scopes` and those of `before`, and the permissions they are for.

    Returns `answer` and `scopes` when `scopes` cover `before`, or Microsoft refuses more. Raises SignInUnavailable when
    Microsoft cannot be asked.
    """
    if answer.refresh_token is None or covers(scopes, before):
        return answer, scopes
    union = merged_permissions(scopes, before)
    try:
        wider = await provider.refresh(answer.refresh_token, scopes=union)
    except NO_LONGER_GRANTED:
        return answer, scopes
    require_same_person(wider.id_token, identity.user)
    return replace(wider, refresh_token=wider.refresh_token or answer.refresh_token), union
