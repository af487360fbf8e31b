"""The projects room."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "投资项目"

    def ready(self) -> None:
        """Tell the room of certificates how to compute a reuse again."""
        from projects import holding

        holding.register()
