"""How a worker is started behind the highest fence that this host allows (隔离启动): wrapper, environment, scratch folder."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from drawings.cad.confine import readable_paths

PROJECT = Path(__file__).resolve().parents[2]
NOBODY = 65534


def worker_command() -> list[str]:
    """The worker as a command, without its arguments."""
    return [sys.executable, "-P", "-m", "drawings.cad.worker"]


def environment(scratch: Path) -> dict[str, str]:
    """What the worker knows of the world: no secrets, no proxies, its scratch folder as home."""
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
    mark, state = folder / "complete", _state_of_sources()
    if not mark.exists() or mark.read_text(encoding="utf-8") != state:
        own = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        own.update(PYTHONPYCACHEPREFIX=str(folder), PYTHONPATH=str(PROJECT))
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            with tempfile.TemporaryDirectory(prefix="lianshen-cad-") as here:
                command = [*worker_command(), "--job", "hello", "--name", "compile"]
                subprocess.run(
                    command,
                    cwd=here,
                    env=own,
                    capture_output=True,
                    timeout=120,
                    check=True,
                    stdin=subprocess.DEVNULL,
                )
            mark.write_text(state, encoding="utf-8")
    return folder


def _state_of_sources() -> str:
    """Changes with this library, with Python and with the packages: then what was compiled is of no use."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        info = path.stat()
        digest.update(f"{path.name} {info.st_size} {info.st_mtime_ns}".encode())
    for path in sorted(Path(place) for place in {*site.getsitepackages(), sysconfig.get_paths()["purelib"]}):
        if path.is_dir():
            digest.update(f"{path} {path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()


@functools.lru_cache(maxsize=1)
def wrapper() -> tuple[tuple[str, ...], int | None]:
    """The first chain of wrappers that really starts our worker here, and the user id that it runs under."""
    for prefix, uid in _candidates():
        with scratch_folder(uid) as scratch:
            command = [*filled(prefix, scratch), *worker_command(), "--job", "hello", "--name", "hello"]
            try:
                done = subprocess.run(
                    command,
                    cwd=scratch,
                    env=environment(scratch),
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
    """Chains of wrappers, the strongest first, with the user id that the worker then has; the last wraps nothing."""
    bwrap, unshare, setpriv = shutil.which("bwrap"), shutil.which("unshare"), shutil.which("setpriv")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if bwrap:
        yield _bubble(bwrap), None
    nets: list[tuple[str, ...]] = [()]
    if unshare:
        nets = [(unshare, "--net", "--ipc", "--"), (unshare, "--map-root-user", "--net", "--ipc", "--"), ()]
    drop = ("--no-new-privs", "--inh-caps=-all", "--bounding-set=-all") if root else ("--no-new-privs",)
    other = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    for net in nets:
        if setpriv and root:
            yield (*net, setpriv, *other, *drop), NOBODY
        if setpriv:
            yield (*net, setpriv, *drop), None
        yield net, None


def _bubble(bwrap: str) -> tuple[str, ...]:
    """Bubblewrap: no network, nothing to read but the system's libraries and ours, nothing to write but the scratch folder."""
    system = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache")
    places = [word for path in (*system, *readable_paths()) for word in ("--ro-bind-try", str(path), str(path))]
    return (
        bwrap, "--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev",
        "--tmpfs", "/tmp",  # noqa: S108 - an empty one of the bubble's own
        *places, "--bind", "{scratch}", "{scratch}", "--chdir", "{scratch}", "--",
    )  # fmt: skip


def filled(prefix: tuple[str, ...], scratch: Path) -> list[str]:
    """The wrapper with the scratch folder in its place."""
    return [str(scratch) if word == "{scratch}" else word for word in prefix]


def wrapper_names() -> list[str]:
    """Which programs wrap the worker, for the report."""
    names = [Path(word).name for word in wrapper()[0] if word.startswith("/") and Path(word).is_file()]
    return [name for name in names if name in {"bwrap", "unshare", "setpriv"}] + (
        [f"uid {wrapper()[1]}"] if wrapper()[1] is not None else []
    )


@contextlib.contextmanager
def scratch_folder(uid: int | None = None) -> Iterator[Path]:
    """A private folder that only the worker sees; removed whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="lianshen-cad-")).resolve()
    try:
        if uid is not None:
            os.chown(folder, uid, uid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
