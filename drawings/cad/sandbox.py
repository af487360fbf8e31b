"""One short-lived, fenced process per file (沙箱): the parent never parses, never hangs and never dies of a file.

The parent starts `python -m drawings.cad.worker` in its own session with whatever this host allows: bubblewrap or
network namespace, dropped privileges, Landlock, resource limits; watches processor time, wall clock and resident memory of the
whole process tree; and takes over only regular files. `protections()` says which fences hold here, measured by a probe, not assumed.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import Any, Literal

from drawings.cad import fence, limits
from drawings.cad.errors import CODES, Refusal
from drawings.cad.watch import Progress, Watch

log = logging.getLogger("drawings.cad.sandbox")

Job = Literal["inspect", "prepare", "render"]

RESULT_BYTES = 32 * limits.MIB


def run(
    job: Job,
    source: Path,
    out: Path | None = None,
    *,
    on_progress: Progress | None = None,
    name: str | None = None,
    options: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Inspect, prepare or render one uploaded file in a process of its own and return the worker's result.

    `name` is the uploader's file name when `source` is a quarantined file without extension. For "prepare", `out` appears whole with
    one folder per sheet, or not at all; for "render", `out` is a folder that gets `picture.png` (`options`: sheet, width, box, dark).
    Raises `Refusal`; never anything that the file caused.
    """
    if job != "inspect" and out is None:
        raise ValueError(f"{job} needs an output folder")
    size = source.stat().st_size
    if size == 0 or size > limits.FILE_BYTES:
        raise Refusal("E_SIZE", f"{size / limits.MIB:.1f} MB", f"{size / limits.MIB:.1f} MB")
    with fence.scratch_folder() as scratch:
        _take_in(source, scratch / "source")
        (scratch / "options.json").write_text(json.dumps(options or {}), encoding="utf-8")
        result = _supervise(
            ["--job", job, "--name", name or source.name],
            scratch,
            size=size,
            total=limits.total_seconds(size, job),
            check=limits.check_seconds(size),
            on_progress=on_progress,
        )
        if job != "inspect" and out is not None:
            _take_out(scratch / "out", out)
    return result


@functools.lru_cache(maxsize=1)
def protections() -> dict[str, Any]:
    """Which fences hold on this host, as the probe worker measured them from inside.

    Keys: wrapper (list of words), network, filesystem, privileges, no_new_privs, rlimits, memory_watch, wall_clock, missing
    (sentences for `manage.py check`, empty when everything holds).
    """
    with fence.scratch_folder() as scratch:
        report = _supervise(["--job", "probe", "--name", "probe"], scratch, size=0, total=60.0, check=60.0)
    missing = []
    if not report.get("network"):
        missing.append("绘图处理进程无法禁用网络 (no network fence: neither bubblewrap, unshare nor Landlock)")
    if not report.get("filesystem"):
        missing.append("绘图处理进程可以读取其他文件 (no file fence: neither bubblewrap, Landlock nor another user)")
    return {
        **report,
        "wrapper": fence.wrapper_names(),
        "memory_watch": True,
        "wall_clock": True,
        "missing": missing,
    }


def _take_in(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o400)
    uid = fence.wrapper()[1]
    if uid is not None:
        os.chown(target, uid, uid)
        os.chown(target.parent, uid, uid)


def _take_out(made: Path, out: Path) -> None:
    """Copy the worker's files: only plain folders and regular files; then show them under `out` in one step."""
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    total = 0
    for folder, folders, files in os.walk(made, followlinks=False):
        here = part / Path(folder).relative_to(made)
        for name in folders:
            if stat.S_ISLNK((Path(folder) / name).lstat().st_mode):
                raise Refusal("E_INTERNAL", "输出异常", "unexpected output")
            (here / name).mkdir()
        for name in files:
            path = Path(folder) / name
            info = path.lstat()
            total += info.st_size
            if not stat.S_ISREG(info.st_mode) or total > limits.OUTPUT_BYTES:
                raise Refusal("E_INTERNAL", "输出异常", "unexpected output")
            shutil.copyfile(path, here / name)
    if out.exists():
        old = out.with_name(f".{out.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        out.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    part.rename(out)


def _supervise(
    arguments: list[str],
    scratch: Path,
    *,
    size: int,
    total: float,
    check: float,
    on_progress: Progress | None = None,
) -> dict[str, Any]:
    prefix, uid = fence.wrapper()
    if uid is not None:
        os.chown(scratch, uid, uid)
    command = [*fence.filled(prefix, scratch), *fence.worker_command(), *arguments, "--size", str(size)]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=scratch,
        env=fence.environment(scratch),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        close_fds=True,
    )
    watch = Watch(process, started, total, check, limits.memory_bytes(size))
    try:
        watch.follow(on_progress)
    finally:
        watch.kill()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()
    return _verdict(watch, scratch)


def _verdict(watch: Watch, scratch: Path) -> dict[str, Any]:
    if watch.broken:
        raise Refusal(watch.broken)
    code = watch.process.returncode
    answer = _read_answer(scratch / "result.json") if watch.finished else None
    if answer is None:
        words = bytes(watch.stderr[-2000:]).decode("utf-8", "replace")
        if code == -signal.SIGXCPU:
            raise Refusal("E_TIMEOUT")
        log.error("CAD worker ended without an answer: code %s\n%s", code, words)
        if "MemoryError" in words or "bad_alloc" in words:
            raise Refusal("E_MEMORY")
        raise Refusal("E_INTERNAL", f"进程结束代码 {code}", f"exit code {code}")
    refused = answer.get("refused")
    if isinstance(refused, dict):
        detail = refused.get("detail") or {}
        refusal = refused.get("code") if refused.get("code") in CODES else "E_INTERNAL"
        if refusal == "E_INTERNAL":
            log.error("CAD worker failed: %s", bytes(watch.stderr[-4000:]).decode("utf-8", "replace"))
        raise Refusal(str(refusal), str(detail.get("zh", "")), str(detail.get("en", "")))
    result = answer.get("result")
    if not isinstance(result, dict):
        raise Refusal("E_INTERNAL", "没有结果", "no result")
    result["seconds"] = round(time.monotonic() - watch.started, 3)
    result["cpu_seconds"] = round(watch.cpu, 2)
    result["peak_bytes"] = watch.peak
    return result


def _read_answer(path: Path) -> dict[str, Any] | None:
    try:
        info = path.lstat()
        if not stat.S_ISREG(info.st_mode) or info.st_size > RESULT_BYTES:
            return None
        answer = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None
