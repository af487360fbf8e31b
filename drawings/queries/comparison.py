"""Two revisions beside each other (版本比对): which sheet follows which, what differs, and which are proven identical."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from accounts.access import get_for
from drawings.cad.compare import Comparison, compare
from drawings.cad.tables import Table, read_table
from drawings.models import Revision, Sheet
from drawings.queries.anew import preparation_state
from drawings.queries.sets import match_sheets, sheet, sheets_of
from drawings.store import prepared_path
from drawings.words import preparation_words
from ledger.actor import Actor
from ledger.errors import NotFound, Refused


@dataclass(frozen=True)
class PairShown:
    """One row of the comparison of two revisions; `change` new, gone, identical or changed."""

    old: Sheet | None
    new: Sheet | None
    change: str

    @property
    def is_renamed(self) -> bool:
        """The same drawing under another number or name."""
        if self.old is None or self.new is None:
            return False
        return (self.old.number, self.old.name) != (self.new.number, self.new.name)

    @property
    def is_from_other_file(self) -> bool:
        """Its file is called otherwise now."""
        return self.old is not None and self.new is not None and self.old.file.name != self.new.file.name


def revisions_compared(actor: Actor, old_id: UUID, new_id: UUID) -> tuple[Revision, Revision, list[PairShown]]:
    """Two clean revisions of one set and their sheets pair by pair; NotFound for anything else."""
    old = get_for(actor, "drawing.compare_versions", Revision, old_id)
    new = get_for(actor, "drawing.compare_versions", Revision, new_id)
    if old.set_id != new.set_id or old.pk == new.pk or {old.state, new.state} != {"clean"}:
        raise NotFound
    rows = {row.pk: row for revision in (old, new) for row in sheets_of(revision.pk)}
    pairs = match_sheets(old.pk, new.pk)
    shown = [
        PairShown(rows[pair.old] if pair.old else None, rows[pair.new] if pair.new else None, pair.change)
        for pair in pairs
    ]
    return old, new, shown


def sheets_to_compare(actor: Actor, old_id: UUID, new_id: UUID) -> tuple[Sheet, Sheet]:
    """Two sheets of one set: two revisions of one, or two disciplines over each other. NotFound for anything else."""
    for sheet_id in (old_id, new_id):
        get_for(actor, "drawing.compare_versions", Sheet, sheet_id)
    old, new = sheet(old_id), sheet(new_id)
    if old.revision.set_id != new.revision.set_id:
        raise NotFound
    return old, new


def compare_prepared(old: Sheet, new: Sheet) -> Comparison:
    """What differs between two sheets, entity by entity.

    Raises Refused `being_prepared_anew` where an older version of the product made one of them in a form that says less.
    """
    try:
        return compared(old.render_sha, old.key, new.render_sha, new.key)
    except (OSError, LookupError, TypeError, ValueError) as error:
        said = next((text for sheet in (old, new) if (text := preparation_words(preparation_state(sheet)))), "")
        if not said:
            raise
        raise Refused("being_prepared_anew", said) from error


@lru_cache(maxsize=64)
def compared(old_sha: str, old_key: str, new_sha: str, new_key: str) -> Comparison:
    """Prepared sheets never change, so neither does what differs."""
    return compare(table_of(old_sha, old_key), table_of(new_sha, new_key))


@lru_cache(maxsize=4)
def table_of(render_sha: str, key: str) -> Table:
    """The sheet as a table."""
    return read_table(prepared_path(render_sha) / key)
