"""What the API of the drawings room answers (接口输出): rows as the schemas have them, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from drawings import words
from drawings.cad.compare import Comparison
from drawings.models import DrawingSet, LayerState, Revision, Sheet, SourceFile, Upload
from drawings.queries.anew import preparation_state
from drawings.store import IncomingFile


def say_offset(response: HttpResponse, row: Upload) -> None:
    """The headers by which a sender goes on."""
    response["Upload-Offset"] = str(row.offset)
    response["Upload-Length"] = str(row.size)
    response["Tus-Resumable"] = "1.0.0"
    response["Cache-Control"] = "no-store"


def upload_out(row: Upload) -> dict[str, Any]:
    """An upload for its sender."""
    return {
        **{name: getattr(row, name) for name in ("name", "folder", "size", "offset", "sha256", "complete")},
        "id": row.pk,
        "url": f"/api/v1/uploads/{row.pk}",
    }


def delivered_out(row: Revision, sums: list[str]) -> dict[str, Any]:
    """What became of each upload, in their order."""
    by_content = {file.sha256: file for file in row.files.all()}
    return {**revision_out(row), "files": [file_out(by_content[each]) for each in sums]}


def set_out(row: DrawingSet) -> dict[str, Any]:
    """A set for the API."""
    return {
        "id": row.pk,
        "project_id": row.project_id,
        "name": row.name,
        "stage": row.stage,
        "item_code": row.item_code,
        "made_at": row.made_at,
        "revisions": [
            {
                "id": item.pk,
                "no": item.no,
                "state": item.state,
                "state_text": words.revision_state(item.state),
                "made_at": item.made_at,
            }
            for item in row.revisions.all()
        ],
    }


def layer_state_out(row: LayerState, reader: int | None) -> dict[str, Any]:
    """A layer state as one reader sees it."""
    return {
        **{name: getattr(row, name) for name in ("name", "shown", "hidden", "shared")},
        "id": row.pk,
        "mine": row.person_id == reader,
        "author": row.person.name,
    }


def revision_out(row: Revision) -> dict[str, Any]:
    """A revision for the API."""
    return {
        "id": row.pk,
        "set_id": row.set_id,
        "no": row.no,
        "note": row.note,
        "state": row.state,
        "state_text": words.revision_state(row.state),
        "made_at": row.made_at,
        "files": [file_out(file) for file in row.files.all()],
        "sheets": [sheet_brief(sheet) for sheet in row.sheets.all()],
    }


def sent_out(row: Revision, received: list[IncomingFile]) -> dict[str, Any]:
    """What became of each file sent, in the order of sending: the same content twice is one file."""
    by_content = {file.sha256: file for file in row.files.all()}
    return {**revision_out(row), "files": [file_out(by_content[file.sha256]) for file in received]}


def file_out(row: SourceFile) -> dict[str, Any]:
    """A file for the API, in the reader's language."""
    message, next_step = words.refusal_words(row)
    return {
        "id": row.pk,
        "revision_id": row.revision_id,
        "name": row.name,
        "folder": row.folder,
        "size": row.size,
        "sha256": row.sha256,
        "format": row.format,
        "state": row.state,
        "state_text": words.file_state(row.state),
        "progress": row.progress,
        "step": words.step_words(row.step) or None,
        "step_code": row.step,
        "code": row.code or None,
        "message": message or None,
        "next_step": next_step or None,
        "sheets": [sheet_brief(sheet) for sheet in row.sheets.all()],
    }


def sheet_brief(row: Sheet) -> dict[str, Any]:
    """A sheet in a list."""
    return {
        "id": row.pk,
        "key": row.key,
        "number": row.number,
        "name": row.name,
        "kind": row.kind,
        "state": row.state,
        "render": row.render,
        "units": row.units,
        "scale": row.scale,
        "verdict": row.fidelity.get("verdict", ""),
        "not_shown": sum(item.get("count", 0) for item in row.fidelity.get("not_shown", [])),
    }


CHANGES_LISTED = 3_000


def comparison_out(old: Sheet, new: Sheet, found: Comparison) -> dict[str, Any]:
    """What differs, for the viewer."""
    singles = [("added", item) for item in found.added] + [("removed", item) for item in found.removed]
    changes = [
        {
            "how": change.how, "id": change.new, "old_id": change.old, "type": change.kind, "layer": change.layer,
            "box": list(change.box), "old_text": change.old_text, "new_text": change.new_text,
        }
        for change in sorted(found.changed, key=lambda change: change.how != "text")
    ] + [
        {
            "how": how, "id": item.key, "old_id": item.key, "type": item.kind, "layer": item.layer, "box": list(item.box),
            "old_text": item.text if how == "removed" else "", "new_text": item.text if how == "added" else "",
        }
        for how, item in singles
    ]  # fmt: skip
    return {
        "old": sheet_brief(old),
        "new": sheet_brief(new),
        "identical": found.identical,
        "counts": {
            "added": len(found.added), "removed": len(found.removed), "changed": len(found.changed),
            "texts": len(found.texts), "same": found.same,
        },
        "regions": [list(region) for region in found.regions],
        "changes": changes[:CHANGES_LISTED],
    }  # fmt: skip


def sheet_out(row: Sheet) -> dict[str, Any]:
    """A sheet for the viewer."""
    revision = row.revision
    project = revision.set.project
    state = preparation_state(row)
    return {
        **{
            name: getattr(row, name) for name in ("name", "number", "kind", "state", "render", "bbox", "units", "scale")
        },
        "id": row.pk,
        "state_text": words.sheet_state(row.state),
        "revision": {"id": revision.pk, "no": revision.no},
        "set": {"id": revision.set_id, "name": revision.set.name},
        "project": {"id": project.pk, "name": project.name, "code": project.code},
        "round_id": row.round_id,
        "predecessor_id": row.predecessor_id,
        "fidelity": row.fidelity,
        "preparation": {"state": state, "text": words.preparation_words(state)},
    }
