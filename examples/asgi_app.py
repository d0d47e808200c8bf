"""The server for many users inside an ASGI application of one's own.

It needs the settings of `outlook-mcp serve --http`, first of all `OUTLOOK_MCP_PUBLIC_URL`, and runs like any other:

    uvicorn asgi_app:app --app-dir examples --port 8080
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from outlook_mcp.api.serving import Configuration, open_asgi_app


async def hello(_: Request) -> Response:
    return PlainTextResponse("The route of this application")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with open_asgi_app(Configuration.load()) as outlook:
        # Last, so that every other route comes first: its pages and metadata are at the root of the public URL.
        app.mount("/", outlook)
        yield


app = Starlette(routes=[Route("/hello", hello)], lifespan=lifespan)
