"""One short-lived, fenced process per file (沙箱): the parent never parses, never hangs and never dies of a file.

The parent starts `python -m drawings.cad.worker` in its own session with whatever this host allows: bubblewrap or
network namespace, dropped privileges, Landlock, resource limits; watches processor time, wall clock and resident memory of the
whole process tree; and takes over only regular files. `protections()` says which fences hold here, measured by a probe, not assumed.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import selectors
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from drawings.cad import limits
from drawings.cad.errors import CODES, Refusal

log = logging.getLogger("drawings.cad.sandbox")

Job = Literal["inspect", "prepare", "render"]
Progress = Callable[[int, str], None]

PROJECT = Path(__file__).resolve().parents[2]
NOBODY = 65534
RESULT_BYTES = 32 * limits.MIB
STDERR_BYTES = 64 * 1024
TICK = 0.1


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
    with _scratch() as scratch:
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
    with _scratch() as scratch:
        report = _supervise(["--job", "probe", "--name", "probe"], scratch, size=0, total=60.0, check=60.0)
    missing = []
    if not report.get("network"):
        missing.append("绘图处理进程无法禁用网络 (no network fence: neither bubblewrap, unshare nor Landlock)")
    if not report.get("filesystem"):
        missing.append("绘图处理进程可以读取其他文件 (no file fence: neither bubblewrap, Landlock nor another user)")
    return {
        **report,
        "wrapper": _wrapper_names(),
        "memory_watch": True,
        "wall_clock": True,
        "missing": missing,
    }


# ---------------------------------------------------------------- starting


def _worker_command() -> list[str]:
    return [sys.executable, "-P", "-m", "drawings.cad.worker"]


def _environment(scratch: Path) -> dict[str, str]:
    keep = {key: os.environ[key] for key in ("PATH", "LIANSHEN_NODE", "LIANSHEN_LIBREDWG") if key in os.environ}
    return {
        **keep,
        "PYTHONPATH": str(PROJECT),
        "PYTHONPYCACHEPREFIX": str(bytecode_folder()),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "XDG_CACHE_HOME": str(scratch / "cache"),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


@functools.lru_cache(maxsize=1)
def bytecode_folder() -> Path:
    """Compiled modules for the workers, made once by the parent: a fenced worker cannot write any, and compiling costs seconds."""
    folder = PROJECT / "var" / f"bytecode-{sys.implementation.cache_tag}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"lianshen-bytecode-{sys.implementation.cache_tag}-{os.getuid()}"
        folder.mkdir(mode=0o755, exist_ok=True)
        if folder.stat().st_uid != os.getuid():  # someone else's folder must not feed us code
            folder = Path(tempfile.mkdtemp(prefix="lianshen-bytecode-"))
    if not (folder / "complete").exists():
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment.update(PYTHONPYCACHEPREFIX=str(folder), PYTHONPATH=str(PROJECT))
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            with tempfile.TemporaryDirectory(prefix="lianshen-cad-") as here:
                command = [*_worker_command(), "--job", "hello", "--name", "compile"]
                subprocess.run(
                    command,
                    cwd=here,
                    env=environment,
                    capture_output=True,
                    timeout=120,
                    check=True,
                    stdin=subprocess.DEVNULL,
                )
            (folder / "complete").touch()
    return folder


@functools.lru_cache(maxsize=1)
def _wrapper() -> tuple[tuple[str, ...], int | None]:
    """The first chain of wrappers that really starts our worker here, and the user id that it runs under."""
    for prefix, uid in _candidates():
        with _scratch(uid) as scratch:
            command = [*_filled(prefix, scratch), *_worker_command(), "--job", "hello", "--name", "hello"]
            try:
                done = subprocess.run(
                    command,
                    cwd=scratch,
                    env=_environment(scratch),
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=60,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0 and _same_python(done.stdout):
                return prefix, uid
    return (), None


def _same_python(answer: bytes) -> bool:
    import numpy

    try:
        return bool(json.loads(answer)["hello"] == [os.__file__, numpy.__file__])
    except (ValueError, KeyError, TypeError):
        return False


def _candidates() -> Iterator[tuple[tuple[str, ...], int | None]]:
    bwrap, unshare, setpriv = shutil.which("bwrap"), shutil.which("unshare"), shutil.which("setpriv")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    drop = ("--no-new-privs", "--inh-caps=-all", "--bounding-set=-all") if root else ("--no-new-privs",)
    other = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    if bwrap:
        places: list[str] = []
        for path in ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache", *_readable()):
            places += ["--ro-bind-try", path, path]
        yield (
            bwrap, "--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
            *places, "--bind", "{scratch}", "{scratch}", "--chdir", "{scratch}", "--",
        ), None  # fmt: skip
    nets = [(unshare, "--net", "--ipc", "--"), (unshare, "--map-root-user", "--net", "--ipc", "--")] if unshare else []
    for net in [*nets, ()]:
        if setpriv and root:
            yield (*net, setpriv, *other, *drop), NOBODY  # type: ignore[misc]
        if setpriv:
            yield (*net, setpriv, *drop), None  # type: ignore[misc]
        yield (*net,), None  # type: ignore[misc]


def _readable() -> list[str]:
    """Folders that the worker must read: interpreter, packages, this library, the DWG reader."""
    from drawings.cad.confine import readable_paths

    return [str(path) for path in readable_paths()]


def _filled(prefix: tuple[str, ...], scratch: Path) -> list[str]:
    return [str(scratch) if word == "{scratch}" else word for word in prefix]


def _wrapper_names() -> list[str]:
    names = [Path(word).name for word in _wrapper()[0] if word.startswith("/") and Path(word).is_file()]
    return [name for name in names if name in {"bwrap", "unshare", "setpriv"}] + (
        [f"uid {_wrapper()[1]}"] if _wrapper()[1] is not None else []
    )


@contextlib.contextmanager
def _scratch(uid: int | None = None) -> Iterator[Path]:
    """A private folder that only the worker sees; removed whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="lianshen-cad-")).resolve()
    try:
        if uid is not None:
            os.chown(folder, uid, uid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _take_in(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o400)
    uid = _wrapper()[1]
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


# ---------------------------------------------------------------- watching


def _supervise(
    arguments: list[str],
    scratch: Path,
    *,
    size: int,
    total: float,
    check: float,
    on_progress: Progress | None = None,
) -> dict[str, Any]:
    prefix, uid = _wrapper()
    if uid is not None:
        os.chown(scratch, uid, uid)
    command = [*_filled(prefix, scratch), *_worker_command(), *arguments, "--size", str(size)]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=scratch,
        env=_environment(scratch),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        close_fds=True,
    )
    watch = _Watch(process, started, total, check, limits.memory_bytes(size))
    try:
        watch.follow(on_progress)
    finally:
        watch.kill()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()
    return _verdict(watch, scratch)


class _Watch:
    """Reads the worker's progress lines and its stderr, and kills the whole tree at the first broken limit."""

    def __init__(
        self, process: subprocess.Popen[bytes], started: float, total: float, check: float, memory: int
    ) -> None:
        self.process = process
        self.started = started
        self.total = total
        self.allowed = min(check, total)
        self.wall = started + limits.WALL_FACTOR * self.allowed
        self.cpu = 0.0
        self.memory = memory
        self.peak = 0
        self.broken: str | None = None
        self.stderr = bytearray()
        self.finished = False
        self._line = bytearray()

    def follow(self, on_progress: Progress | None) -> None:
        selector = selectors.DefaultSelector()
        for pipe, name in ((self.process.stdout, "out"), (self.process.stderr, "err")):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, name)
        while selector.get_map():
            for key, _ in selector.select(TICK):
                data = os.read(key.fd, 65536)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.data == "err":
                    if len(self.stderr) < STDERR_BYTES:
                        self.stderr += data[: STDERR_BYTES - len(self.stderr)]
                else:
                    self._take(data, on_progress)
            self.cpu = max(self.cpu, tree_cpu(self.process.pid))
            if self.cpu > self.allowed or time.monotonic() > self.wall:
                self.broken = "E_TIMEOUT"
                return
            used = tree_memory(self.process.pid)
            self.peak = max(self.peak, used)
            if used > self.memory:
                self.broken = "E_MEMORY"
                return
            if self.process.poll() is not None and not self._pending(selector):
                break
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5.0)

    def _pending(self, selector: selectors.BaseSelector) -> bool:
        """Whether a pipe still holds bytes after the worker's end (a grandchild may keep it open for ever)."""
        return bool(selector.select(0))

    def _take(self, data: bytes, on_progress: Progress | None) -> None:
        self._line += data
        if len(self._line) > 65536 and b"\n" not in self._line:
            self._line.clear()
        *lines, rest = self._line.split(b"\n")
        self._line = bytearray(rest)
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if not isinstance(message, dict):
                continue
            if message.get("judged"):
                self._allow(self.total)
            elif isinstance(message.get("seconds"), int | float):
                self._allow(float(message["seconds"]))
            if message.get("done"):
                self.finished = True
            if on_progress and isinstance(message.get("p"), int):
                on_progress(max(0, min(100, message["p"])), str(message.get("s", "")))

    def _allow(self, seconds: float) -> None:
        """The worker may use so many processor seconds more, within the total."""
        self.cpu = max(self.cpu, tree_cpu(self.process.pid))
        self.allowed = min(self.total, self.cpu + seconds)
        self.wall = time.monotonic() + limits.WALL_FACTOR * max(1.0, self.allowed - self.cpu)

    def kill(self) -> None:
        """End the whole process tree, also what left the group, and reap the worker."""
        family = [pid for pid in descendants(self.process.pid) if pid != self.process.pid]
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for pid in family:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)


def _verdict(watch: _Watch, scratch: Path) -> dict[str, Any]:
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


def descendants(pid: int) -> list[int]:
    """`pid` and all its children's children, from /proc; only `pid` where the kernel does not tell."""
    found, todo = [], [pid]
    while todo and len(found) < 256:
        here = todo.pop()
        found.append(here)
        try:
            for task in Path(f"/proc/{here}/task").iterdir():
                todo += [int(word) for word in (task / "children").read_text().split()]
        except (OSError, ValueError):
            continue
    return found


def tree_cpu(pid: int) -> float:
    """Processor seconds of a process, its living descendants and those it has waited for."""
    tick = os.sysconf("SC_CLK_TCK")
    total = 0
    for member in descendants(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
            total += sum(int(value) for value in fields[11:15])
    return total / tick


def tree_memory(pid: int) -> int:
    """Resident bytes of a process and its descendants."""
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    for member in descendants(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            total += int(Path(f"/proc/{member}/statm").read_text().split()[1]) * page
    return total
