from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账户与权限"

    def ready(self) -> None:
        """Register this room's relations and the checks that guard the start."""
        import accounts.checks
        import accounts.relations  # noqa: F401
