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
    from config.collector import load_undisturbed
    from config.launcher.running import adopt

    load_undisturbed()
    adopt()
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if os.environ.get("DATABASE_URL"):
            raise
        print(f"manage.py: no database: {str(error).splitlines()[0]}", file=sys.stderr)
        sys.exit("Start the demo (python3 run.py demo) in another terminal, or set DATABASE_URL.")


if __name__ == "__main__":
    main()
