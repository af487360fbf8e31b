"""Rooms keep to themselves: models stay inside, pure files stay pure, only actions write, views ask doors."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOMS, ROOT, imports, name_of, python_files, tree

PURE = re.compile(
    r"(^|/)(rules(/[\w/]+)?|states)\.py$|^projects/(clock|workdays)\.py$|^projects/pipeline/graph\.py$|^drawings/cad/"
    r"|^regional_eval/geometry/"
)
FRAMEWORKS = ("django", "celery", "channels", "ninja", "redis")
# The few places besides actions that write, each with its reason.
MAY_WRITE = {
    "ledger/": "the audit chain, the outbox and remembered answers are what the ledger writes",
    "accounts/models.py": "create_user(), which Django's own commands call",
    "portal/demo/": "saves canvases and drawings, not rows",
    "certificates/rendering/": "saves canvases, not rows",
    "realtime/bench/": "makes one room in a scratch database to measure",
    "regional_eval/importing/store.py": "writes the draft that an act of regional_eval.actions imports",
    "regional_eval/bench/": "makes land to measure on, and takes it back",
    "accounts/sessions.py": "marks sessions as ended; read by every request, decided by actions",
}
WRITES_ALWAYS = {"bulk_create", "bulk_update", "update_or_create", "get_or_create"}
WRITES_ON_OBJECTS = {"create", "update", "delete"}
READS = re.compile(r"(^|/)(views|api|consumer|consumers|routing)(\.py|/)")


def test_models_are_imported_only_inside_their_app() -> None:
    wrong = []
    for path in python_files():
        room = name_of(path).split("/")[0]
        for module, line in imports(path):
            parts = module.split(".")
            if parts[0] in ROOMS and parts[0] != room and "models" in parts[1:3]:
                wrong.append(f"{name_of(path)}:{line} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_pure_files_import_no_framework() -> None:
    checked = [path for path in python_files() if PURE.search(name_of(path))]
    assert len(checked) > 10
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in checked
        for module, line in imports(path)
        if module.split(".")[0] in FRAMEWORKS
    ]
    assert not wrong, "\n".join(wrong)


def receiver_is_a_manager(node: ast.expr) -> bool:
    """Does `x` in x.create() go through `.objects`?"""
    return any(
        isinstance(part, ast.Attribute) and part.attr in {"objects", "_default_manager", "all_objects"}
        for part in ast.walk(node)
    )


def writes(path: Path) -> list[str]:
    """Calls that change rows."""
    found = []
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name = node.func.attr
        saves = name == "save" and not node.args
        if name in WRITES_ALWAYS or saves or (name in WRITES_ON_OBJECTS and receiver_is_a_manager(node.func.value)):
            found.append(f"{name_of(path)}:{node.lineno} {name}()")
    return found


def test_only_actions_write() -> None:
    wrong: list[str] = []
    for path in python_files():
        name = name_of(path)
        parts = name.split("/")
        in_actions = "actions" in parts or parts[-1] == "actions.py"
        if in_actions or name.startswith((*MAY_WRITE, "drawings/cad/")):
            continue
        wrong += writes(path)
    assert not wrong, "\n".join(wrong)


def test_views_consumers_and_api_ask_doors_not_tables() -> None:
    wrong = []
    for path in python_files():
        if not READS.search(name_of(path)):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}:
                wrong.append(f"{name_of(path)}:{node.lineno} .objects")
            if isinstance(node, ast.Name) and node.id in {"get_object_or_404", "get_list_or_404"}:
                wrong.append(f"{name_of(path)}:{node.lineno} {node.id}")
    assert not wrong, "\n".join(wrong)


def test_no_deadline_is_an_eta_or_countdown() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno} {keyword.arg}="
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"apply_async", "send_task", "retry", "s", "signature"}
        for keyword in node.keywords
        if keyword.arg in {"eta", "countdown"}
    ]
    assert not wrong, "\n".join(wrong)


def test_no_business_by_django_signals() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in python_files()
        for module, line in imports(path)
        if module.startswith("django.db.models.signals") or module == "django.dispatch.receiver"
    ]
    assert not wrong, "\n".join(wrong)


def test_no_room_is_called_helper_or_manager() -> None:
    vague = re.compile(r"(^|_)(utils?|helpers?|common|misc|managers?)(_|\.py$|$)")
    wrong = [
        name_of(path)
        for path in python_files()
        if any(vague.search(part) for part in path.relative_to(ROOT).parts if part != "management")
    ]
    assert not wrong, wrong


def test_the_web_process_loads_no_parser_of_drawings() -> None:
    """Parsers run in sandboxed processes only; heavy libraries also make every start slower."""
    code = (
        "import sys; from config.launcher.nursery import preload; preload();"
        "print(' '.join(name for name in ('ezdxf', 'cadkit', 'pymupdf', 'reportlab') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
