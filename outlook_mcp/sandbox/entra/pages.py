"""HTML pages: sign in, consent, device code, done, refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from starlette.responses import HTMLResponse

from outlook_mcp.sandbox.directory import App, User

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:30rem;margin:4rem auto;padding:0 1rem}"
    "button{font:inherit;display:block;width:100%;margin:.5rem 0;padding:.6rem;text-align:left;cursor:pointer}"
    "input{font:inherit;padding:.5rem;width:100%;box-sizing:border-box}"
)
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_CANCEL = '<button name="decision" value="cancel">Cancel</button>'


def sign_in_page(
    action: str, fields: Mapping[str, str], users: Iterable[User], app: App, *, may_cancel: bool = False
) -> HTMLResponse:
    buttons = "".join(
        f'<button name="user" value="{escape(user.upn)}">{escape(user.display_name)}<br>'
        f"<small>{escape(user.upn)}</small></button>"
        for user in users
    )
    buttons += _CANCEL if may_cancel else ""
    return _page("Pick an account", f"<p>to continue to {escape(app.name)}</p>{_form(action, fields, buttons)}")


def consent_page(action: str, fields: Mapping[str, str], user: User, app: App, scopes: Iterable[str]) -> HTMLResponse:
    items = "".join(f"<li>{escape(scope)}</li>" for scope in sorted(scopes))
    buttons = f'<button name="decision" value="accept">Accept</button>{_CANCEL}'
    text = (
        f"<p>{escape(user.upn)}</p><p>{escape(app.name)} would like to use:</p><ul>{items}</ul>"
        f"{_form(action, {**fields, 'user': user.upn}, buttons)}"
    )
    return _page("Permissions requested", text)


def device_code_page(action: str, typed: str = "", problem: str = "") -> HTMLResponse:
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    entry = (
        '<label for="user_code">Code</label>'
        f'<input id="user_code" name="user_code" value="{escape(typed)}" autocomplete="off" required autofocus>'
        "<button>Next</button>"
    )
    return _page("Enter the code shown by your app", alert + _form(action, {}, entry), 400 if problem else 200)


def form_post_page(action: str, fields: Mapping[str, str]) -> HTMLResponse:
    """`response_mode=form_post`: the browser posts the answer on."""
    button = "<noscript><p>Script is disabled.</p><button>Continue</button></noscript>"
    script = "<script>document.forms[0].submit();</script>"
    return _page("Working...", _form(action, fields, button) + script)


def message_page(title: str, text: str, status: int = 200) -> HTMLResponse:
    return _page(title, f"<p>{escape(text)}</p>", status)


def _form(action: str, fields: Mapping[str, str], inner: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )
    return f'<form method="post" action="{escape(action)}">{hidden}{inner}</form>'


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(html, status, headers=_HEADERS)
