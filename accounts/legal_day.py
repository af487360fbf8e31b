"""The legal day (法定日): days are decided in Asia/Shanghai, whatever the host's zone."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from ledger.clock_now import now

SHANGHAI = ZoneInfo("Asia/Shanghai")


def today_in_shanghai() -> date:
    """Today's legal date."""
    return now().astimezone(SHANGHAI).date()
