"""Requests as a program sends them to the API of projects."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.test import Client

API = "/api/v1"


def send(client: Client, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
    """One unsafe request with its key; (status, JSON)."""
    headers = {"Idempotency-Key": key or str(uuid4())}
    answer = client.generic(method, API + path, *encoded(body), headers=headers)
    return answer.status_code, answer.json() if answer.content else None


def encoded(body: Any) -> tuple[bytes, str]:
    return json.dumps(body).encode(), "application/json"
