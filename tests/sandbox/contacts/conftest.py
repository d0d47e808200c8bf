"""The clients of the imitated Graph, with permissions for contacts and people."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from tests.sandbox.graph.conftest import ANNA, BEN, Client, app, http, mailbox, store

__all__ = ["app", "http", "mailbox", "store"]

PERMISSIONS = ("Contacts.ReadWrite", "People.Read", "User.Read", "User.ReadWrite", "User.ReadBasic.All")


@pytest.fixture
def anna(http: httpx.AsyncClient) -> Client:
    return Client(http, ANNA, PERMISSIONS)


@pytest.fixture
def ben(http: httpx.AsyncClient) -> Client:
    return Client(http, BEN, PERMISSIONS)


def with_permissions(client: Client, *permissions: str) -> Client:
    return replace(client, scopes=permissions)
