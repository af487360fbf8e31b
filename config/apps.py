"""The configuration room as a Django app."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "系统配置"

    def ready(self) -> None:
        """Bind shared tasks to our Celery application in every process that uses Django."""
        import config.celery  # noqa: F401
