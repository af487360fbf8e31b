"""A room as the Channels tutorial has it: each op saved in a thread, then `group_send`. It checks nothing.

The channel layer is the one in memory, the fastest there is; the rows are those of the product's own log.
"""

from __future__ import annotations

import json
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402

settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


class StockRoom(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """One socket."""

    async def connect(self) -> None:
        """Join the group."""
        self.sheet = self.scope["url_route"]["kwargs"]["sheet_id"]
        self.group = f"sheet-{self.sheet}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept("review.v1")

    async def disconnect(self, _code: int) -> None:
        """Leave it."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: dict[str, Any], **_options: Any) -> None:
        """Save, then tell the group."""
        if content["t"] == "hello":
            await self.send_json({"t": "welcome", "v": 1, "head": content["since"]})
        elif content["t"] == "op":
            op = await self.save(content)
            await self.channel_layer.group_send(self.group, {"type": "ops", "from": op["seq"], "ops": [op]})

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def save(self, frame: dict[str, Any]) -> dict[str, Any]:
        """One row, one transaction."""
        with transaction.atomic():
            sheet = apps.get_model("drawings.Sheet")._default_manager.select_for_update().get(pk=self.sheet)
            sheet.seq += 1
            row = apps.get_model("drawings.SheetOp")._default_manager.create(
                sheet=sheet,
                seq=sheet.seq,
                cid=frame["cid"],
                k=frame["k"],
                obj=frame["obj"],
                ver=1,
                by_id=self.scope["user"].pk,
                at=timezone.now(),
                p=frame["p"],
                prev_hash=b"",
                hash=b"",
            )
            sheet.save(update_fields=["seq"])
        return {"seq": row.seq, "cid": row.cid, "k": row.k, "obj": frame["obj"], "ver": 1, "p": row.p}

    async def ops(self, event: dict[str, Any]) -> None:
        """Hand on what the group was told."""
        await self.send_json({"t": "ops", "from": event["from"], "ops": event["ops"]})

    @classmethod
    async def encode_json(cls, content: dict[str, Any]) -> str:
        """As compact as ours."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


application = ProtocolTypeRouter(
    {"websocket": AuthMiddlewareStack(URLRouter([path("ws/sheets/<uuid:sheet_id>/", StockRoom.as_asgi())]))}
)
