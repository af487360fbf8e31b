"""Structured logs: one JSON object a line on stderr, with the ids of request and acting person, never personal values.

Log ids, codes, counts and times. Names, phone numbers, texts and tokens do not belong in logs: keys of `PERSONAL_KEYS`
are struck out, whoever logged them, and so are identity and phone numbers inside any text.
"""

from __future__ import annotations

import logging.config
import os
import re
import sys
from typing import Any

import structlog

PERSONAL_KEYS = frozenset(
    {"password", "token", "authorization", "cookie", "sessionid", "csrftoken", "phone", "mobile", "email", "id_number",
     "identity", "real_name", "address", "secret", "key"}
)  # fmt: skip
STRUCK_OUT = "[removed]"
# 18-digit identity numbers and 11-digit mobile numbers, not inside longer runs such as sha256 or uuid.
PERSONAL_NUMBERS = re.compile(r"(?<![0-9A-Za-z-])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z-])")


def strike_out(value: Any) -> Any:
    """Remove personal numbers from texts, however deep."""
    if isinstance(value, str):
        return PERSONAL_NUMBERS.sub(STRUCK_OUT, value)
    if isinstance(value, dict):
        return {k: STRUCK_OUT if str(k).lower() in PERSONAL_KEYS else strike_out(item) for k, item in value.items()}
    if isinstance(value, list | tuple):
        return [strike_out(item) for item in value]
    return value


def no_personal_data(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """structlog processor: the last one before the line is written."""
    cleaned: dict[str, Any] = strike_out(event)
    return cleaned


def process_name(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Which process wrote it: web, worker, beat, ..."""
    event.setdefault("process", os.environ.get("LIANSHEN_PROCESS", "manage"))
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    process_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    structlog.processors.UnicodeDecoder(),
]


def configure(settings: dict[str, str]) -> None:
    """LOGGING_CONFIG of Django: structlog and the standard library through the same processors to stderr."""
    level = settings["level"]
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": SHARED,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        no_personal_data,
                        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # Their own handlers would write a second line in another format.
                "uvicorn": {"handlers": [], "propagate": True},
                "uvicorn.error": {"handlers": [], "propagate": True},
                "uvicorn.access": {"handlers": [], "propagate": False},
                "django": {"handlers": [], "propagate": True, "level": level},
                # Requests have one line of ours; Django's repeats 4xx and 5xx without the trace's context.
                "django.request": {"level": "ERROR"},
                "celery.worker.strategy": {"level": "WARNING"},
                "celery.beat": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
                "ezdxf": {"level": "ERROR"},
                "fontTools": {"level": "ERROR"},
                "pyhanko": {"level": "WARNING"},
            },
        }
    )
