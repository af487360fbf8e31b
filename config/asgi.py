"""The ASGI application: pages and API over HTTP, sheet rooms over WebSocket."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

# Django must be set up before anything that touches models is imported.
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.sessions import CookieMiddleware  # noqa: E402
from django.conf import settings  # noqa: E402

from accounts.known_password import refuse_demo_accounts  # noqa: E402
from config.origins import ExactOrigin  # noqa: E402


def websocket_routes() -> list[Any]:
    """The socket addresses of the realtime room."""
    if find_spec("realtime.routing") is None:
        return []
    return list(import_module("realtime.routing").websocket_urlpatterns)


if settings.PRODUCTION:
    # In a thread of its own: the server imports this inside its event loop, where Django refuses to ask the database.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(refuse_demo_accounts).result()

application = ProtocolTypeRouter(
    {
        "http": http,
        # No more than the cookie: rooms read the session themselves, again and again, and nothing stands between them and
        # the frames they send.
        "websocket": ExactOrigin(CookieMiddleware(URLRouter(websocket_routes())), settings.PUBLIC_ORIGINS),
    }
)
