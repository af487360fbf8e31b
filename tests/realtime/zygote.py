"""Processes made by fork from one that has imported the product: a restart then costs a twentieth of a second.

`python -m tests.realtime.zygote` reads one JSON line an order, {"name", "command", "log", "environment"}, and answers each with the pid. A child
runs the very command of `config.launcher.processes`, less the start of the interpreter; it dies with the zygote.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from config.launcher.child import die_with_parent


def main() -> None:
    """Import everything once, then fork to order until stdin ends."""
    for module in ("config.asgi", "config.urls", "config.celery", "config.alive", "realtime.bench.seed"):
        import_module(module)

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    answer("ready")
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            become(order)
        answer(str(pid))


def answer(text: str) -> None:
    """A line to whoever gave the order."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def become(order: dict[str, Any]) -> None:
    """In the child: own session, own log, then the command."""
    status = 1
    try:
        os.setsid()
        die_with_parent(signal.SIGKILL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(Path(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        run(order["command"])
        status = 0
    except SystemExit as end:
        status = int(end.code or 0) if not isinstance(end.code, str) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def run(command: list[str]) -> None:
    """`python -m MODULE ARGUMENTS` without another interpreter."""
    module, arguments = command[2], command[3:]
    sys.argv = command[2:]
    if module == "uvicorn":
        from uvicorn.main import main as serve

        serve.main(args=arguments, standalone_mode=False)
    elif module == "celery":
        from celery.bin.celery import celery

        celery.main(args=arguments, standalone_mode=False)
    else:
        from realtime.bench.seed import make_room

        answer(json.dumps(make_room()))


if __name__ == "__main__":
    main()
