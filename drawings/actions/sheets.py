"""System ops on sheets (系统操作): open, freeze, thaw, revise, cite, sign, seal, marking rights, anchoring.

Every function here is PART OF AN ACT of a higher room (a round is opened, a notice issued, an opinion raised): the
caller holds project > round > task, has asked the permission table, and has a transaction open. They lock the sheets,
always in id order, write the op in each log, and are idempotent: what is so already is not written again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from drawings.actions.log import LogWriter
from drawings.events import SheetHead
from drawings.models import Annotation, Revision, Sheet, SheetOp
from drawings.queries.sets import match_sheets
from drawings.rules.marks import Fields
from drawings.rules.matching import SheetPair
from drawings.states import SHEET_MOVES, NoSuchMove, move
from drawings.words import sheet_state
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import NotFound, Refused, StateConflict
from ledger.record import record


@dataclass(frozen=True)
class CitedMark:
    """A mark as it stood when it was cited: the anchor (锚点) of an opinion."""

    obj: UUID
    ver: int
    geom: Fields
    text: str
    dept: str | None
    op_hash: str


def locked(sheet_ids: Iterable[UUID]) -> list[Sheet]:
    """These sheets, locked in id order; NotFound when one is missing. Refuses to run outside the caller's act."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("system ops are part of an act: open its transaction first")
    wanted = set(sheet_ids)
    sheets = list(
        Sheet.objects.select_for_update(of=("self",))
        .select_related("revision__set", "file")
        .filter(pk__in=wanted)
        .order_by("pk")
    )
    if len(sheets) != len(wanted):
        raise NotFound
    return sheets


def move_sheet(sheet: Sheet, name: str) -> None:
    """Change the state by the table, or say what stands in the way."""
    try:
        sheet.state = move(SHEET_MOVES, sheet.state, name)
    except NoSuchMove:
        raise StateConflict(
            _("图幅“%(sheet)s”当前不能进行这项操作（%(state)s）。")
            % {"sheet": str(sheet), "state": sheet_state(sheet.state)}
        ) from None


def open_sheets(revision_id: UUID, *, actor: Actor, round_id: UUID | None = None) -> list[UUID]:
    """Open every draft sheet of a clean revision for a round (开放会审); returns the ids of all open sheets of it."""
    revision = Revision.objects.filter(pk=revision_id).first()
    if revision is None:
        raise NotFound
    if revision.state != "clean":
        raise StateConflict(_("这一版图纸尚未通过检查，不能开始会审。"))
    ids = list(Sheet.objects.filter(revision=revision).values_list("pk", flat=True))
    opened = []
    for sheet in locked(ids):
        if sheet.state == "draft":
            move_sheet(sheet, "open")
            sheet.round_id = round_id
            append_one(sheet, "sheet.open", actor, {"round": text(round_id)})
        if sheet.state == "open":
            opened.append(sheet.pk)
    return opened


def freeze_sheets(sheet_ids: Iterable[UUID], *, reason: str, actor: Actor, round_id: UUID | None = None) -> None:
    """Freeze (冻结): no mark may change after this op; the heads are anchored in the project's chain."""
    for sheet in locked(sheet_ids):
        if sheet.state == "frozen":
            continue
        move_sheet(sheet, "freeze")
        append_one(sheet, "sheet.freeze", actor, {"reason": reason, "round": text(round_id)})
        anchor(sheet, actor, "freeze")


def thaw_sheets(sheet_ids: Iterable[UUID], *, reason: str, actor: Actor, round_id: UUID | None = None) -> None:
    """Open frozen sheets again (解冻): by a second person, or for the next round on the same revision (`round_id`)."""
    for sheet in locked(sheet_ids):
        if sheet.state == "open" and (round_id is None or sheet.round_id == round_id):
            continue
        if has_successor_op(sheet):
            raise StateConflict(_("图幅“%(sheet)s”已被新版本取代，不能再解冻。") % {"sheet": str(sheet)})
        move_sheet(sheet, "thaw")
        sheet.round_id = round_id or sheet.round_id
        append_one(sheet, "sheet.thaw", actor, {"reason": reason, "round": text(round_id)})


def has_successor_op(sheet: Sheet) -> bool:
    """Has the log ended with sheet.revise?"""
    return SheetOp.objects.filter(sheet=sheet, k="sheet.revise").exists()


def revise_sheets(old_revision_id: UUID, new_revision_id: UUID, *, actor: Actor) -> list[SheetPair]:
    """End the logs of the old revision (换版): each gets `sheet.revise {next}` and stays frozen for ever.

    Marks are not copied; joint_review gives open opinions a new anchor on the next sheet. Returns the pairs.
    """
    pairs = match_sheets(old_revision_id, new_revision_id)
    following = {pair.old: pair for pair in pairs if pair.old is not None}
    ids = [pair.new for pair in pairs if pair.new is not None] + list(following)
    sheets = {sheet.pk: sheet for sheet in locked(ids)}
    for old_id, pair in following.items():
        old = sheets[old_id]
        if has_successor_op(old):
            continue
        move_sheet(old, "revise")
        append_one(old, "sheet.revise", actor, {"next": text(pair.new), "change": pair.change})
        anchor(old, actor, "revise")
        if pair.new is not None:
            Sheet.objects.filter(pk=pair.new).update(predecessor=old)
    return pairs


def cite_marks(sheet_id: UUID, objs: Sequence[UUID], *, opinion_id: UUID, actor: Actor) -> list[CitedMark]:
    """Cite marks of one's own department in an opinion (引用): from now on nobody edits or deletes them."""
    (sheet,) = locked([sheet_id])
    if sheet.state != "open":
        raise Refused("sheet_frozen", _("图幅已冻结，不能再引用批注。"), next_step=_("请在下一轮会审中提出意见。"))
    log, cited = LogWriter(sheet), []
    for mark in marks_in_order(sheet, objs):
        if mark.deleted:
            raise Refused("mark_deleted", _("有一处批注已被删除，不能引用。"), field="marks")
        if mark.dept != actor.department_code:
            raise Refused("mark_of_other_department", _("只能引用本部门的批注。"), field="marks")
        if opinion_id not in mark.cited_by:
            mark.cited, mark.cited_by, mark.ver = True, [*mark.cited_by, opinion_id], mark.ver + 1
            log.append("cite", actor=actor, obj=str(mark.pk), ver=mark.ver, p={"opinion": str(opinion_id)})
            mark.save(update_fields=["cited", "cited_by", "ver"])
        cited.append(mark)
    log.write()
    return [cited_mark(sheet, mark) for mark in cited]


def cited_mark(sheet: Sheet, mark: Annotation) -> CitedMark:
    """The anchor: the mark with the hash of the last op that shaped it."""
    last = SheetOp.objects.filter(sheet=sheet, obj=mark.pk).order_by("-seq").values_list("hash", flat=True).first()
    return CitedMark(
        obj=mark.pk,
        ver=mark.ver,
        geom=mark.p["geom"],
        text=mark.p.get("text", ""),
        dept=mark.dept,
        op_hash=bytes(last or b"").hex(),
    )


def uncite_marks(sheet_id: UUID, objs: Sequence[UUID], *, opinion_id: UUID, actor: Actor) -> None:
    """Take the citation back with a withdrawn opinion (解除引用); a mark is free when no opinion cites it."""
    (sheet,) = locked([sheet_id])
    log = LogWriter(sheet)
    for mark in marks_in_order(sheet, objs):
        if opinion_id not in mark.cited_by:
            continue
        if sheet.state != "open":
            raise StateConflict(_("图幅已冻结，引用不能解除。"))
        mark.cited_by = [opinion for opinion in mark.cited_by if opinion != opinion_id]
        mark.cited, mark.ver = bool(mark.cited_by), mark.ver + 1
        kind = "cite" if mark.cited else "uncite"
        log.append(kind, actor=actor, obj=str(mark.pk), ver=mark.ver, p={"withdrawn": str(opinion_id)})
        mark.save(update_fields=["cited", "cited_by", "ver"])
    log.write()


def marks_in_order(sheet: Sheet, objs: Sequence[UUID]) -> list[Annotation]:
    """The named marks of this sheet; a mark of another sheet is as unknown as one that never was."""
    found = {mark.pk: mark for mark in Annotation.objects.filter(sheet=sheet, pk__in=objs)}
    missing = [obj for obj in objs if obj not in found]
    if missing:
        raise Refused("mark_unknown", _("有一处批注不在这张图上，请刷新后重选。"), field="marks")
    return [found[obj] for obj in dict.fromkeys(objs)]


def sign_sheets(sheet_ids: Iterable[UUID], *, task_id: UUID, conclusion: str, actor: Actor) -> None:
    """Note a department's signature in the logs (签署): what was on the sheets when it signed is before this op."""
    for sheet in locked(sheet_ids):
        if sheet.state == "signed":
            continue
        append_one(sheet, "sign", actor, {"task": str(task_id), "conclusion": conclusion})
        anchor(sheet, actor, "sign")


def seal_sheets(sheet_ids: Iterable[UUID], *, actor: Actor, round_id: UUID | None = None) -> None:
    """The round is closed: the sheets are final (定稿) and their heads anchored."""
    for sheet in locked(sheet_ids):
        if sheet.state == "signed":
            continue
        move_sheet(sheet, "seal")
        append_one(sheet, "sign", actor, {"final": True, "round": text(round_id)})
        anchor(sheet, actor, "seal")


def grant_marking(sheet_ids: Iterable[UUID], *, department_code: str, actor: Actor) -> None:
    """Note that a department may mark these sheets from now on (开放批注): its task was made."""
    write_to_all(sheet_ids, lambda sheet: append_one(sheet, "perm.grant", actor, {"dept": department_code}))


def revoke_marking(sheet_ids: Iterable[UUID], *, department_code: str, actor: Actor) -> None:
    """Note that a department may no longer mark these sheets (收回批注); open sockets are asked again at once."""
    write_to_all(sheet_ids, lambda sheet: append_one(sheet, "perm.revoke", actor, {"dept": department_code}))


def write_to_all(sheet_ids: Iterable[UUID], write: Callable[[Sheet], None]) -> None:
    """One op in each log."""
    for sheet in locked(sheet_ids):
        write(sheet)


def append_one(sheet: Sheet, kind: str, actor: Actor, p: Fields) -> None:
    """One op without a mark, and the sheet's new head and state."""
    log = LogWriter(sheet)
    log.append(kind, actor=actor, p={name: value for name, value in p.items() if value is not None})
    log.write()


def anchor_sheets(sheet_ids: Iterable[UUID], *, actor: Actor, why: str = "beat") -> int:
    """Anchor the heads that have moved since the last time (日志锚定); returns how many. Lock the project first."""
    moved = 0
    for sheet in locked(sheet_ids):
        moved += anchor(sheet, actor, why)
    return moved


def anchor(sheet: Sheet, actor: Actor, why: str) -> bool:
    """Write the head into the project's audit chain unless it stands there already."""
    if sheet.anchored_seq == sheet.seq:
        return False
    head = SheetHead(sheet_id=sheet.pk, seq=sheet.seq, head_hash=bytes(sheet.head_hash).hex(), why=why)
    record(head, actor=actor, subject=sheet, project_id=sheet.revision.set.project_id)
    sheet.anchored_seq, sheet.anchored_at = sheet.seq, now()
    sheet.save(update_fields=["anchored_seq", "anchored_at"])
    return True


def renew_epochs() -> int:
    """After a restore: every sheet's log begins a new epoch, so that browsers which know more than it notice."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE drawings_sheet SET epoch = gen_random_uuid()")
        return int(cursor.rowcount)


def text(value: UUID | None) -> str | None:
    """A uuid as JSON text."""
    return None if value is None else str(value)
