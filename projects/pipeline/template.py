"""A pipeline template read from its data (流程模板): frozen, with every reference resolved. Pure.

`read_template` refuses what cannot be worked with at all (no items, a cycle, a prerequisite that does not exist, a
negative limit). `projects.pipeline.publishing` lists everything that keeps a draft from being put in force.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ledger.errors import Refused
from projects.pipeline import conditions, graph
from projects.words import _

KINDS = frozenset(
    "APPROVAL FILING COMMITMENT ASSESSMENT TECHNICAL_REVIEW PUBLIC_SERVICE ACCEPTANCE EVENT".split()  # noqa: SIM905
)
DECIDERS = frozenset({"HAND", "ROUND", "ACCEPTANCE", "PLATFORM"})
EFFECTS = frozenset({"EXEMPT", "SIMPLIFIED", "COMMITMENT"})
POSTS = ("pos_accept", "pos_first", "pos_second", "pos_approve")
# The applicant's own doings (land, design, building) carry this department; no officer decides them.
APPLICANT = "APP"
BESIDE = "PRE-START"
NEVER_BY_SILENCE = re.compile(r"消防|人防|防空|文物|考古|环境影响|结构")


@dataclass(frozen=True)
class Step:
    """One step of an item (环节): the posts whose work it joins."""

    code: str
    name_zh: str
    name_en: str
    posts: tuple[str, ...]


TWO_STEPS = (
    Step("ACCEPT_REVIEW", "受理审核", "Acceptance and review", ("pos_accept", "pos_first")),
    Step("DECIDE", "批准办结", "Approval and finish", ("pos_second", "pos_approve")),
)


@dataclass(frozen=True)
class MaterialSpec:
    """One paper the law names (申报材料). `source`: applicant | intermediary | platform | licence_repository."""

    code: str
    name_zh: str
    name_en: str
    source: str
    may_be_late: bool


@dataclass(frozen=True)
class ItemSpec:
    """One item of the template (事项). `limit_days` is the promise (承诺时限) in working days."""

    code: str
    name_zh: str
    name_en: str
    stage: str
    department: str
    kind: str
    limit_days: int
    counts: bool
    prerequisites: tuple[str, ...]
    consulted: tuple[str, ...] = ()
    decided_by: str = "HAND"
    statutory_days: int | None = None
    statutory_unit: str = "working_day"
    # The department's own stricter limit (内部时限), shared out over the steps.
    internal_days: int | None = None
    fee: str = ""
    parallel_group: str | None = None
    legal_basis: str = ""
    basis_certainty: str = "partly"
    # Who may apply (受理条件) and what is looked at (审查要点), each with its article where it has one.
    conditions: tuple[str, ...] = ()
    review_criteria: tuple[str, ...] = ()
    applies_if: str | None = None
    regional_assessment: str | None = None
    regional_effect: str | None = None
    materials: tuple[MaterialSpec, ...] = ()
    results: tuple[str, ...] = ()
    on_timeout: str = "ESCALATE"
    pause_reasons: tuple[str, ...] = ()
    note: str = ""

    @property
    def days_on_clock(self) -> int:
        """Working days of the government's clock; 0 for what is not counted (domain.md section 1)."""
        return self.limit_days if self.counts else 0

    @property
    def is_by_applicant(self) -> bool:
        """Done and reported by the enterprise itself."""
        return self.kind == "EVENT" or self.department == APPLICANT


@dataclass(frozen=True)
class StageSpec:
    """One of the national stages (阶段) with its lead department and limit in working days."""

    code: str
    name_zh: str
    name_en: str
    lead: str
    counts: bool
    limit_days: int | None


@dataclass(frozen=True)
class Template:
    """A whole pipeline as data (流程)."""

    code: str
    name_zh: str
    name_en: str
    version: str
    total_limit: int
    priority: int
    stages: tuple[StageSpec, ...]
    items: tuple[ItemSpec, ...]
    applies_to: Mapping[str, Any]
    steps: tuple[Step, ...] = TWO_STEPS
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def by_code(self) -> Mapping[str, ItemSpec]:
        """The items by code."""
        return {item.code: item for item in self.items}

    @cached_property
    def prerequisites(self) -> Mapping[str, tuple[str, ...]]:
        """Item -> what must come before it."""
        return {item.code: item.prerequisites for item in self.items}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The items in an order that respects the prerequisites; computed once per version."""
        return graph.order_of(self.prerequisites)

    @cached_property
    def facts_asked(self) -> frozenset[str]:
        """The facts that any condition of this template asks for."""
        found: frozenset[str] = frozenset()
        for item in self.items:
            if item.applies_if:
                found |= conditions.facts_named(conditions.parse(item.applies_if))
        return found

    def stage(self, code: str) -> StageSpec:
        """One stage by code."""
        return next(stage for stage in self.stages if stage.code == code)


def read_template(raw: Any) -> Template:
    """The template that `raw` (parsed YAML or JSON) describes.

    Refused (bad_template, cycle, unknown_prerequisite, negative_limit, bad_condition) with the item named.
    """
    if not isinstance(raw, Mapping) or not isinstance(raw.get("items"), list) or not raw["items"]:
        raise Refused("bad_template", _("这不是流程模板：缺少事项清单 items。"))
    stages = tuple(read_stage(stage) for stage in sequence_of(raw, "stages"))
    items = tuple(read_item(item, stages) for item in raw["items"])
    codes = [item.code for item in items]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise Refused("bad_template", _("事项编码重复：%(codes)s。") % {"codes": _("、").join(twice)})
    applies_to = raw.get("applies_to") or {}
    if not isinstance(applies_to, Mapping):
        raise Refused("bad_template", _("适用范围 applies_to 应为键值对。"))
    template = Template(
        code=text_of(raw, "template_code"),
        name_zh=text_of(raw, "name_zh", default=text_of(raw, "template_code")),
        name_en=text_of(raw, "name_en", default=text_of(raw, "template_code")),
        version=str(raw.get("version") or "1.0"),
        total_limit=days_of(raw, "total_limit_working_days", "template", default=40) or 0,
        priority=days_of(raw, "priority", "template", default=99) or 0,
        stages=stages,
        items=items,
        applies_to=applies_to,
        steps=tuple(read_step(step) for step in sequence_of(raw, "steps")) or TWO_STEPS,
        notes=tuple(str(note) for note in sequence_of(raw, "notes")),
    )
    graph.order_of(template.prerequisites)
    return template


def read_stage(raw: Any) -> StageSpec:
    """One stage; its lead and limit may be absent."""
    check_mapping(raw, "stages")
    code = text_of(raw, "code")
    return StageSpec(
        code=code,
        name_zh=text_of(raw, "name_zh", default=code),
        name_en=text_of(raw, "name_en", default=code),
        lead=text_of(raw, "lead", default=""),
        counts=flag_of(raw, "counts", code, default=True),
        limit_days=days_of(raw, "limit_working_days", code, default=None),
    )


def read_step(raw: Any) -> Step:
    """One step; its posts are those of the permission table, in their order."""
    check_mapping(raw, "steps")
    code = text_of(raw, "code")
    posts = tuple(str(post) for post in sequence_of(raw, "posts"))
    if not posts or any(post not in POSTS for post in posts):
        raise Refused(
            "bad_template",
            _("环节 %(code)s 的岗位应取自：%(posts)s。") % {"code": code, "posts": _("、").join(POSTS)},
        )
    return Step(code, text_of(raw, "name_zh", default=code), text_of(raw, "name_en", default=code), posts)


def read_item(raw: Any, stages: tuple[StageSpec, ...]) -> ItemSpec:
    """One item; what may be absent has the plain meaning."""
    check_mapping(raw, "items")
    code = text_of(raw, "code")
    stage = text_of(raw, "stage", default=stages[0].code if stages else "S1")
    if stages and stage not in {known.code for known in stages}:
        raise Refused("bad_template", _("事项 %(code)s 的阶段 %(stage)s 不存在。") % {"code": code, "stage": stage})
    kind = text_of(raw, "kind", default="APPROVAL")
    if kind not in KINDS:
        raise Refused("bad_template", _("事项 %(code)s 的类别 %(kind)s 不存在。") % {"code": code, "kind": kind})
    decided_by = text_of(raw, "decided_by", default="HAND")
    if decided_by not in DECIDERS:
        raise Refused("bad_template", _("事项 %(code)s 的办结方式 %(by)s 不存在。") % {"code": code, "by": decided_by})
    effect = raw.get("regional_effect")
    if effect is not None and effect not in EFFECTS:
        raise Refused(
            "bad_template", _("事项 %(code)s 的区域评估效果 %(effect)s 不存在。") % {"code": code, "effect": effect}
        )
    applies_if = raw.get("applies_if")
    if applies_if is not None:
        conditions.parse(str(applies_if))
    statutory = raw.get("statutory_limit") or {}
    check_mapping(statutory, "statutory_limit")
    unit = text_of(statutory, "unit", default="working_day")
    if unit not in {"working_day", "calendar_day"}:
        raise Refused(
            "bad_template", _("事项 %(code)s 的法定时限单位 %(unit)s 不存在。") % {"code": code, "unit": unit}
        )
    return ItemSpec(
        code=code,
        name_zh=text_of(raw, "name_zh", default=code),
        name_en=text_of(raw, "name_en", default=code),
        stage=stage,
        department=text_of(raw, "department", default=""),
        kind=kind,
        limit_days=required_days(raw, code),
        counts=flag_of(raw, "counts_toward_total", code, default=kind != "EVENT"),
        prerequisites=tuple(str(other) for other in sequence_of(raw, "prerequisites")),
        consulted=tuple(str(other) for other in sequence_of(raw, "consulted_departments")),
        decided_by=decided_by,
        statutory_days=days_of(statutory, "value", code, default=None),
        statutory_unit=unit,
        internal_days=days_of(raw, "internal_limit_working_days", code, default=None),
        fee=text_of(raw, "fee", default=""),
        parallel_group=optional_text(raw, "parallel_group"),
        legal_basis=text_of(raw, "legal_basis", default=""),
        basis_certainty=text_of(raw, "basis_certainty", default="partly"),
        conditions=tuple(str(line) for line in sequence_of(raw, "conditions")),
        review_criteria=tuple(str(line) for line in sequence_of(raw, "review_criteria")),
        applies_if=None if applies_if is None else str(applies_if),
        regional_assessment=optional_text(raw, "regional_assessment"),
        regional_effect=effect,
        materials=tuple(read_material(material, code) for material in sequence_of(raw, "materials")),
        results=tuple(str(result) for result in sequence_of(raw, "results")),
        on_timeout=text_of(raw, "on_timeout", default="ESCALATE"),
        pause_reasons=tuple(str(ground) for ground in sequence_of(raw, "pause_reasons")),
        note=text_of(raw, "note", default=""),
    )


def read_material(raw: Any, item: str) -> MaterialSpec:
    """One paper of an item."""
    check_mapping(raw, f"{item}.materials")
    code = text_of(raw, "code")
    return MaterialSpec(
        code=code,
        name_zh=text_of(raw, "name_zh", default=code),
        name_en=text_of(raw, "name_en", default=text_of(raw, "name_zh", default=code)),
        source=text_of(raw, "source", default="applicant"),
        may_be_late=flag_of(raw, "may_be_late", code, default=False),
    )


def check_mapping(raw: Any, place: str) -> None:
    """Refuse what is not a set of named values."""
    if not isinstance(raw, Mapping):
        raise Refused("bad_template", _("%(place)s 中有一项不是键值对。") % {"place": place})


def sequence_of(raw: Mapping[str, Any], key: str) -> list[Any]:
    """A list, or nothing."""
    found = raw.get(key)
    if found is None:
        return []
    if not isinstance(found, list | tuple):
        raise Refused("bad_template", _("%(key)s 应为列表。") % {"key": key})
    return list(found)


def text_of(raw: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """A text; refused when it must be there and is not."""
    found = raw.get(key)
    if found is None or found == "":
        if default is None:
            raise Refused("bad_template", _("缺少 %(key)s。") % {"key": key})
        return default
    return str(found)


def optional_text(raw: Mapping[str, Any], key: str) -> str | None:
    """A text or nothing."""
    found = raw.get(key)
    return None if found is None or found == "" else str(found)


def flag_of(raw: Mapping[str, Any], key: str, code: str, *, default: bool) -> bool:
    """Yes or no; other kinds of value are refused, never guessed."""
    found = raw.get(key, default)
    if not isinstance(found, bool):
        raise Refused("bad_template", _("%(code)s 的 %(key)s 应为 true 或 false。") % {"code": code, "key": key})
    return found


def days_of(raw: Mapping[str, Any], key: str, code: str, *, default: int | None) -> int | None:
    """A whole number of days, not negative; absent gives the default."""
    found = raw.get(key)
    if found is None:
        return default
    if isinstance(found, bool) or not isinstance(found, int):
        raise Refused("bad_template", _("%(code)s 的 %(key)s 应为整数。") % {"code": code, "key": key})
    if found < 0:
        raise Refused(
            "negative_limit",
            _("%(code)s 的 %(key)s 不能是负数（%(value)s）。") % {"code": code, "key": key, "value": found},
        )
    return found


def required_days(raw: Mapping[str, Any], code: str) -> int:
    """The promised limit, which every item has."""
    found = days_of(raw, "limit_working_days", code, default=None)
    if found is None:
        raise Refused("bad_template", _("事项 %(code)s 缺少承诺时限 limit_working_days。") % {"code": code})
    return found
