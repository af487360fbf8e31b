#!/usr/bin/env python3
"""Django's command line for Lianshen (联审)."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["demo"]:
        # The launcher needs no Django: it starts the database that the settings speak of.
        from config.launcher.demo import main as demo

        sys.exit(demo(sys.argv[2:]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
