"""The program under test: it prints the subjects of unread mail, through Microsoft Graph."""

import os

import httpx

GRAPH = os.environ.get("GRAPH_URL", "https://graph.microsoft.com/v1.0")


def unread_subjects(token: str, graph: str = GRAPH) -> list[str]:
    """Newest first. Raises httpx.HTTPStatusError when Graph refuses."""
    answer = httpx.get(
        f"{graph}/me/mailFolders/inbox/messages",
        params={"$filter": "isRead eq false", "$select": "subject"},
        headers={"Authorization": f"Bearer {token}"},
    )
    answer.raise_for_status()
    return [message["subject"] for message in answer.json()["value"]]


if __name__ == "__main__":
    print("\n".join(unread_subjects(os.environ["GRAPH_TOKEN"])))
