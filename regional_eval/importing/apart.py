"""Reading a file of land in a process of its own (隔离读取): it may take memory, time or fall over without hurting anybody.

Text of moderate size is read here; what takes a parser (Shapefile, DXF) or is large goes to `python -m` this module,
with limits of processor time, wall clock and memory, no files to write, and JSON between the two.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from ledger.errors import Refused
from regional_eval.importing.files import MEGABYTE, RawFeature, ReadFile, is_text, read_file, refused
from regional_eval.words import _

ROOT = Path(__file__).resolve().parents[2]
READ_HERE = MEGABYTE
WALL_SECONDS = 40
PROCESSOR_SECONDS = 30
MEMORY = 1536 * MEGABYTE
ANSWER = 512 * MEGABYTE


def read_apart(data: bytes, name: str) -> ReadFile:
    """The features of a file (see `read_file`). Refused besides: it cannot be read within the limits."""
    if is_text(data) and len(data) <= READ_HERE:
        return read_file(data, name)
    request = json.dumps({"name": name, "language": get_language() or "zh-hans"}).encode() + b"\n" + data
    process = subprocess.Popen(
        [sys.executable, "-m", "regional_eval.importing.apart"],
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONUTF8": "1", **kept(os.environ)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        answer, _errors = process.communicate(request, timeout=WALL_SECONDS)
        if process.returncode or len(answer) > ANSWER:
            raise too_hard()
        return understood(json.loads(answer))
    except (subprocess.TimeoutExpired, ValueError, BrokenPipeError) as error:
        raise too_hard() from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def kept(environment: Mapping[str, str]) -> dict[str, str]:
    """What Python itself needs to start; no secret of ours."""
    names = ("PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
    return {name: environment[name] for name in names if name in environment}


def too_hard() -> Refused:
    """The file takes more than it may."""
    return refused(
        "file_too_hard",
        _("这份文件无法在限定的时间和内存内读取。"),
        _("请只保留边界所在的图层，在制图软件中核查后重新导出。"),
    )


def understood(answer: dict[str, Any]) -> ReadFile:
    """The other process's answer; its refusal is raised here."""
    if "refused" in answer:
        told = answer["refused"]
        raise Refused(told["code"], told["message"], field=told["field"], next_step=told["next_step"])
    read = answer["read"]
    return ReadFile(
        read["format"], [RawFeature(**each) for each in read["features"]], read["epsg"], tuple(read["notes"])
    )


def main() -> int:
    """The other process: a line of JSON and the file on stdin, JSON on stdout."""
    limit_this_process()
    asked = json.loads(sys.stdin.buffer.readline())
    speak(asked["language"])
    try:
        read = read_file(sys.stdin.buffer.read(), asked["name"])
        answer: dict[str, Any] = {
            "read": {
                "format": read.format,
                "features": [vars(each) for each in read.features],
                "epsg": read.epsg,
                "notes": list(read.notes),
            }
        }
    except Refused as refusal:
        answer = {
            "refused": {
                "code": refusal.code,
                "message": refusal.message,
                "field": refusal.field,
                "next_step": refusal.next_step,
            }
        }
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, default=str))
    return 0


def limit_this_process() -> None:
    """Processor time, memory, no files, no further processes of any use. Windows has no such limits; nothing is served there."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def speak(language: str) -> None:
    """The reader's language, without the product around it."""
    import django
    from django.conf import settings
    from django.utils import translation

    settings.configure(
        USE_I18N=True, LANGUAGE_CODE="zh-hans", LOCALE_PATHS=sorted((ROOT / "locale").iterdir()), INSTALLED_APPS=[]
    )
    django.setup()
    translation.activate(language)


if __name__ == "__main__":
    sys.exit(main())
