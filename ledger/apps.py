from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = "审计与发件箱"

    def ready(self) -> None:
        """Load every room's events, subscribers and permission relations."""
        autodiscover_modules("events", "subscribers", "access")
