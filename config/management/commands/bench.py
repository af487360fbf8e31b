"""`manage.py bench realtime|drawings|spatial|pipeline|audit [--quick] [--large] [--peers]`: figures, never a timed test."""

from __future__ import annotations

import json
import os
import platform
from argparse import ArgumentParser
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandError

# What is measured, and the module whose `rows(...)` does it.
PLACES = {
    "realtime": "realtime.bench.rows",
    "drawings": "drawings.bench.rows",
    "spatial": "regional_eval.bench.rows",
    "pipeline": "projects.bench.rows",
    "audit": "ledger.bench.rows",
}


def exists(module: str) -> bool:
    """Is the module there? Its package may be absent too."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


class Command(BaseCommand):
    """Measure one part of the product on this machine."""

    help = "Measure one part of the product; prints rows of {name, ours, peer, ratio, unit, goal, met}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to measure, and how much of it."""
        parser.add_argument("what", choices=sorted(name for name, module in PLACES.items() if exists(module)))
        parser.add_argument("--quick", action="store_true", help="one short run of each")
        parser.add_argument("--large", action="store_true", help="the largest sizes too, where there are some")
        parser.add_argument("--peers", action="store_true", help="also peers that need extra packages or a server")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run, print the table or the JSON."""
        module = import_module(PLACES[options["what"]])
        wanted = {name: options[name] for name in ("large", "peers") if options[name]}
        accepted = module.rows.__kwdefaults__ or {}
        refused = [name for name in wanted if name not in accepted]
        if refused:
            raise CommandError(f"bench {options['what']} has no --{refused[0]}")
        rows = module.rows(quick=options["quick"], say=self.stderr.write, **wanted)
        if options["json"]:
            answer = {"rows": rows, "machine": machine()}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        for row in rows:
            peer = f"  against {row['peer']} = {row['ratio']}x" if row["peer"] is not None else ""
            goal = "" if row["goal"] is None else f"  goal {row['goal']}: {'met' if row['met'] else 'MISSED'}"
            self.stdout.write(f"{row['name']}: {row['ours']} {row['unit']}{peer}{goal}")


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
    }
