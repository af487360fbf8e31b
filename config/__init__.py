"""Settings, routing and process start of Lianshen (联审)."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
