from django.apps import AppConfig


class DrawingsConfig(AppConfig):
    name = "drawings"
    verbose_name = "图纸"

    def ready(self) -> None:
        """Register the check of the fences."""
        import drawings.checks  # noqa: F401 - registers itself
