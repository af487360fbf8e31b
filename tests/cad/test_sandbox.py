"""The parent never dies and never hangs of a file: what the fence holds, and what it says when it does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from drawings.cad import fence, limits, sandbox
from drawings.cad.errors import STEPS, Refusal
from tests.cad import made

GOOD = made.dxf(made.line(0, 0, 100, 50) + made.text(1, 1, 2.5, "一层平面图"))
PLAIN = made.dxf(made.line(0, 0, 100, 50))


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.dxf"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a program of the test's own in the place of the worker."""

    def use(code: str) -> None:
        monkeypatch.setattr(fence, "worker_command", lambda: [sys.executable, "-c", code])
        monkeypatch.setattr(fence, "wrapper", lambda: ((), None))

    return use


def test_a_file_goes_through_and_tells_its_progress(plan: Path, tmp_path: Path) -> None:
    told: list[tuple[int, str]] = []
    result = sandbox.run("prepare", plan, tmp_path / "out", on_progress=lambda p, s: told.append((p, s)))
    assert [s["key"] for s in result["sheets"]] == ["model"]
    assert (tmp_path / "out/model/manifest.json").is_file()
    assert [p for p, _ in told] == sorted(p for p, _ in told)
    assert told[-1] == (100, "done")
    assert {s for _, s in told} <= set(STEPS)
    assert result["render_id"] != result["sha256"]


def test_inspection_writes_nothing(plan: Path, tmp_path: Path) -> None:
    plan.write_text(PLAIN, encoding="utf-8")
    result = sandbox.run("inspect", plan)
    assert (result["format"], result["verdict"], result["code"]) == ("dxf", "ok", None)
    assert (result["warnings"], result["not_shown"], result["missing"]) == ([], [], [])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan.dxf"]


def test_a_quarantined_file_has_its_name_told(plan: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "3f9a"
    plan.rename(hidden)
    hidden.chmod(0o600)
    assert sandbox.run("inspect", hidden, name="总平面图.dxf")["format"] == "dxf"
    with pytest.raises(Refusal) as caught:
        sandbox.run("inspect", hidden, name="总平面图.pdf")
    assert caught.value.code == "E_TYPE"


def test_a_refused_file_leaves_no_trace(tmp_path: Path) -> None:
    source = tmp_path / "plan.dxf"
    source.write_text(made.exponential_blocks())
    with pytest.raises(Refusal) as caught:
        sandbox.run("prepare", source, tmp_path / "out")
    assert caught.value.code == "E_EXPAND"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan.dxf"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.dwg", b"MZ" + b"\x90" * 4096, "E_TYPE"),
        ("a.dwg", b"AC1032" + bytes(range(256)) * 16, "E_DAMAGED"),
        ("a.dxf", GOOD[: len(GOOD) // 2].encode(), "E_TRUNCATED"),
        ("a.dxf", made.dxf(made.line("nan", 0, 1, 1)).encode(), "E_NUMBER"),
        ("a.dxf", made.dxf(made.insert("A"), made.block("A", made.insert("A"))).encode(), "E_CYCLE"),
        ("a.dxf", b"", "E_SIZE"),
        ("a.pdf", b"%PDF-1.7\n", "E_TRUNCATED"),
    ],
)
def test_hostile_files_get_one_code(name: str, content: bytes, code: str, tmp_path: Path) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    with pytest.raises(Refusal) as caught:
        sandbox.run("prepare", source, tmp_path / "out")
    assert caught.value.code == code


def test_the_fence_says_truly_what_it_holds() -> None:
    held = sandbox.protections()
    assert held["rlimits"] is True
    assert held["no_new_privs"] is True
    assert held["writes_scratch"] is True
    for key, word in (("network", "network"), ("filesystem", "file")):
        assert held[key] or any(word in sentence for sentence in held["missing"]), key
    if held["filesystem"]:
        assert held["writes_outside"] is False


def test_an_endless_loop_is_stopped(worker: Callable[[str], None], plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker("while True: pass")
    monkeypatch.setattr(limits, "check_seconds", lambda size: 0.5)
    started = time.monotonic()
    with pytest.raises(Refusal) as caught:
        sandbox.run("inspect", plan)
    assert caught.value.code == "E_TIMEOUT"
    assert time.monotonic() - started < 20


def test_a_sleeper_is_stopped_by_the_clock(
    worker: Callable[[str], None], plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker("import time; time.sleep(600)")
    monkeypatch.setattr(limits, "check_seconds", lambda size: 0.2)
    with pytest.raises(Refusal) as caught:
        sandbox.run("inspect", plan)
    assert caught.value.code == "E_TIMEOUT"


def test_memory_without_bound_is_stopped(
    worker: Callable[[str], None], plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker("import time; x = bytearray(300 << 20); time.sleep(60)")
    monkeypatch.setattr(limits, "memory_bytes", lambda size: 100 << 20)
    with pytest.raises(Refusal) as caught:
        sandbox.run("inspect", plan)
    assert caught.value.code == "E_MEMORY"


def test_grandchildren_are_ended_too(
    worker: Callable[[str], None], plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "pid"
    worker(
        "import subprocess, sys, time, pathlib\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        f"pathlib.Path({str(note)!r}).write_text(str(p.pid)); time.sleep(600)"
    )
    monkeypatch.setattr(limits, "check_seconds", lambda size: 1.0)
    with pytest.raises(Refusal):
        sandbox.run("inspect", plan)
    pid = int(note.read_text())
    for _ in range(50):
        if not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text():
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the grandchild lived on")


@pytest.mark.parametrize(
    "code",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "raise SystemExit(3)",
        "print('not json')",
        "import sys; sys.stdout.write('x' * 1000000)",
        "print('{\"done\": true}')",
    ],
)
def test_a_worker_that_dies_or_lies_is_an_internal_error(code: str, worker: Callable[[str], None], plan: Path) -> None:
    worker(code)
    with pytest.raises(Refusal) as caught:
        sandbox.run("inspect", plan)
    assert caught.value.code == "E_INTERNAL"


def test_links_in_the_output_are_not_followed(worker: Callable[[str], None], plan: Path, tmp_path: Path) -> None:
    worker(
        "import json, os, pathlib\n"
        "pathlib.Path('out').mkdir(); os.symlink('/etc/passwd', 'out/model')\n"
        "pathlib.Path('result.json').write_text(json.dumps({'result': {}})); print('{\"done\": true}')"
    )
    with pytest.raises(Refusal) as caught:
        sandbox.run("prepare", plan, tmp_path / "out")
    assert caught.value.code == "E_INTERNAL"
    assert not (tmp_path / "out").exists()


def test_the_worker_dies_with_its_parent(tmp_path: Path, plan: Path) -> None:
    """The supervisor is killed in the middle: nothing of it may run on."""
    code = (
        "import sys, threading, pathlib\n"
        f"sys.path.insert(0, {str(fence.PROJECT)!r})\n"
        "from drawings.cad import sandbox, watch\n"
        "def told(p, s):\n"
        "    import os; kids = [k for k in watch.descendants(os.getpid()) if k != os.getpid()]\n"
        "    print(*kids, flush=True); import time; time.sleep(600)\n"
        f"sandbox.run('inspect', pathlib.Path({str(plan)!r}), on_progress=told)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    kids = [int(word) for word in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not any(_runs(kid) for kid in kids):
            return
        time.sleep(0.1)
    pytest.fail(f"still running: {[k for k in kids if _runs(k)]}")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
