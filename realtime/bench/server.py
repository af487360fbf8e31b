"""The rooms with another store behind them, for comparison: uvicorn runs `realtime.bench.server:application`.

LIANSHEN_BENCH_STORE: `group` is the product as it is; `per_op` commits each op by itself; `none` keeps nothing and checks
nothing: what the hub alone can do.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.sessions import CookieMiddleware  # noqa: E402

from drawings.actions import Commit, OpRequest  # noqa: E402
from realtime import house  # noqa: E402
from realtime.protocol import dump  # noqa: E402
from realtime.routing import websocket_urlpatterns  # noqa: E402


class Nowhere:
    """A store that keeps ops in memory: the same frames, no database, no checks."""

    def __init__(self) -> None:
        self.ops: dict[UUID, list[str]] = {}

    def commit(self, sheet: UUID, requests: Sequence[OpRequest]) -> Commit:
        """Number the ops and say ack."""
        kept = self.ops.setdefault(sheet, [])
        results, ops = [], []
        for request in requests:
            frame = request.frame
            op = {
                "seq": len(kept) + 1,
                "cid": frame["cid"],
                "k": frame["k"],
                "obj": frame["obj"],
                "ver": 1,
                "by": request.actor.person_id,
                "dept": request.actor.department_code,
                "at": "2026-01-01T00:00:00.000000Z",
                "p": frame["p"],
            }
            kept.append(dump(op))
            ops.append(op)
            results.append({"t": "ack", "cid": frame["cid"], "seq": op["seq"], "ver": 1})
        return Commit(results, ops, len(kept))

    async def head(self, sheet: UUID) -> int:
        """The last seq."""
        return len(self.ops.get(sheet, []))

    async def heads(self, sheets: list[UUID]) -> dict[UUID, int]:
        """The last seq of several sheets."""
        return {sheet: await self.head(sheet) for sheet in sheets}

    async def page(self, sheet: UUID, after: int, limit: int) -> list[str]:
        """Ops after a seq."""
        return self.ops.get(sheet, [])[after : after + limit]


def choose_house() -> None:
    """Open houses with the store that the environment names."""
    store = os.environ.get("LIANSHEN_BENCH_STORE", "group")
    if store == "none":
        nowhere = Nowhere()
        house.make_house = partial(house.House, commit=nowhere.commit, logs=nowhere)
    elif store == "per_op":
        house.make_house = partial(house.House, batch_ops=1)


choose_house()
application = ProtocolTypeRouter({"websocket": CookieMiddleware(URLRouter(websocket_urlpatterns))})
