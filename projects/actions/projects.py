"""The project before it is filed (新建、填写、划红线), who designs it, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.access import require
from accounts.actions import two_key_act
from accounts.identifiers import check_project_code, check_uscc
from accounts.queries import districts, organisation, organisation_by_uscc
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Conflict, Invalid, NotFound, Refused
from ledger.record import record
from projects.actions.items import end_open_items
from projects.actions.lapsing import end_rechecks, lapse_unfit
from projects.actions.progress import person_of
from projects.events import (
    DesignerEngaged,
    DesignerReleased,
    ProjectCreated,
    ProjectEdited,
    ProjectWithdrawn,
    SiteSet,
)
from projects.models import Engagement, Project, Site
from projects.queries.editions import edition_in_force
from projects.queries.locking import lock_project
from projects.queries.reuse import choose_for
from projects.rules.facts import check_values
from projects.rules.redline import read_red_line
from projects.states import project_move
from projects.words import _

LONGEST = {"name": 120, "place": 200, "contents": 4000}
FROM_MAP = "map"


@dataclass(frozen=True)
class ProjectForm:
    """The basic data of a project (XMJBXXB); None leaves a field as it is."""

    name: str | None = None
    code: str | None = None
    uscc: str | None = None
    kind: str | None = None
    nature: str | None = None
    place: str | None = None
    contents: str | None = None
    planned_start: date | None = None
    planned_finish: date | None = None
    is_linear: bool | None = None
    length_m: Decimal | None = None


@transaction.atomic
def create_project(form: ProjectForm, *, actor: Actor, district_id: int | None = None) -> Project:
    """Begin a project as a draft (新建项目): nothing is filed yet.

    The owner is the enterprise the actor acts for; a window clerk names it by its credit code. The same enterprise
    cannot begin two drafts of one name, and a project code belongs to one project: a repeat is a Conflict that names
    the first.
    """
    require(actor, "project.create")
    owner_id = owner_of(form, actor)
    checked = check_form(form, creating=True)
    district = district_id or actor.district_id or only_district()
    project = Project(
        owner_id=owner_id,
        district_id=district,
        created_at=now(),
        created_by_id=person_of(actor),
        **checked,
    )
    check_mandate_allows_new(actor)
    save_unique(project)
    event = ProjectCreated(project_id=project.pk, owner_id=owner_id, name=project.name, code=project.code)
    record(event, actor=actor, subject=project, project_id=project.pk)
    return project


def check_mandate_allows_new(actor: Actor) -> None:
    """A mandate for named projects does not cover one that does not exist yet."""
    if actor.mandate_projects is not None:
        raise Refused(
            "mandate_scope",
            _("您的委托只限于指定项目，不能新建项目。"),
            next_step=_("请企业签发覆盖全部项目的委托书，或由企业自行新建。"),
        )


def owner_of(form: ProjectForm, actor: Actor) -> UUID:
    """The enterprise in whose name the project is begun; its credit code is checked where it is typed."""
    uscc = check_uscc(form.uscc) if form.uscc else ""
    if actor.principal_id is not None:
        principal = organisation(actor.principal_id)
        if uscc and uscc != principal.uscc:
            message = _("这不是您所在企业的统一社会信用代码（%(uscc)s）。项目只能以本企业名义申报。")
            raise Invalid({"uscc": [message % {"uscc": principal.uscc}]})
        return principal.pk
    if not uscc:
        raise Invalid({"uscc": [_("请填写建设单位的统一社会信用代码。")]})
    found = organisation_by_uscc(uscc)
    if found is None:
        raise Invalid({"uscc": [_("系统中还没有这家企业，请先为其办理用户注册。")]})
    return found.pk


def only_district() -> int:
    """The district, when the platform serves just one."""
    found = list(districts()[:2])
    if len(found) != 1:
        raise Invalid({"district": [_("请选择项目所在的区（新区）。")]})
    return found[0].pk


def check_form(form: ProjectForm, *, creating: bool) -> dict[str, Any]:
    """The given fields, checked; Invalid names every wrong one at once."""
    values = {item.name: getattr(form, item.name) for item in fields(form) if item.name != "uscc"}
    given: dict[str, Any] = {
        name: value.strip() if isinstance(value, str) else value for name, value in values.items() if value is not None
    }
    errors: dict[str, list[str]] = {}
    if (creating or "name" in given) and not given.get("name"):
        errors["name"] = [_("请填写项目名称。")]
    for name, longest in LONGEST.items():
        if len(given.get(name, "")) > longest:
            errors[name] = [
                _("最多 %(longest)s 个字，现有 %(count)s 个。") % {"longest": longest, "count": len(given[name])}
            ]
    if given.get("code"):
        try:
            given["code"] = check_project_code(given["code"]).text
        except Invalid as refusal:
            errors |= refusal.errors
    for name, choices in (("kind", Project.Kind.values), ("nature", Project.Nature.values)):
        if name in given and given[name] not in choices:
            errors[name] = [_("请从列出的选项中选择。")]
    errors |= plan_order_errors(given.get("planned_start"), given.get("planned_finish"))
    if given.get("length_m") is not None and given["length_m"] <= 0:
        errors["length_m"] = [_("长度应大于零。")]
    if errors:
        raise Invalid(errors)
    return given


def plan_order_errors(start: date | None, finish: date | None) -> dict[str, list[str]]:
    """Finish comes after start."""
    if start and finish and finish < start:
        return {"planned_finish": [_("计划竣工日期不能早于计划开工日期。")]}
    return {}


def save_unique(project: Project) -> None:
    """Save; a second project with the same code, or a second draft of the same name, is a Conflict in plain words."""
    try:
        with transaction.atomic():
            project.save()
    except IntegrityError as error:
        text = str(error)
        if "project_code_once" in text:
            raise Conflict(
                _("项目代码 %(code)s 已经用于另一个项目。") % {"code": project.code},
                code="code_taken",
                next_step=_("一个项目终身一个代码；请核对代码，或在“我的项目”中打开已有的项目。"),
            ) from error
        if "project_draft_name_once" in text:
            raise Conflict(
                _("已有一个同名的项目草稿：%(name)s。") % {"name": project.name},
                code="draft_exists",
                next_step=_("请在“我的项目”中打开它继续填写，不需要重新新建。"),
            ) from error
        raise


@transaction.atomic
def edit_form(
    project_id: UUID,
    form: ProjectForm | None = None,
    *,
    actor: Actor,
    facts: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
) -> Project:
    """Change the form or the facts of a draft, or of a project under correction (修改申报信息).

    `facts` are added to those already answered; None is the answer "I do not know". `expected_version` refuses to
    overwrite what somebody else changed meanwhile.
    """
    project = lock_project(project_id)
    require(actor, "project.edit_form", project)
    check_editable(project)
    if expected_version is not None and expected_version != project.form_version:
        raise Conflict(
            _("申报信息刚刚被他人修改过，您的修改没有保存。"), next_step=_("请刷新页面，在最新内容上重新填写。")
        )
    changed: list[str] = []
    if form is not None:
        if form.uscc:
            check_same_owner(form.uscc, project)
        for name, value in check_form(form, creating=False).items():
            if getattr(project, name) != value:
                setattr(project, name, value)
                changed.append(name)
        if errors := plan_order_errors(project.planned_start, project.planned_finish):
            raise Invalid(errors)
    if facts is not None:
        changed += merge_facts(
            project, check_values(facts), source="window" if "window" in actor.roles else "applicant"
        )
    if changed:
        project.form_version += 1
        lapse_unfit(project, actor=actor)
        pin_template(project)
        save_unique(project)
        event = ProjectEdited(project_id=project.pk, fields=sorted(changed))
        record(event, actor=actor, subject=project, project_id=project.pk)
    return project


def check_editable(project: Project) -> None:
    """Only a draft, or a project sent back for correction, may be changed."""
    if project.state not in {Project.State.DRAFT, Project.State.CORRECTION}:
        project_move(project.state, "edit")


def check_same_owner(uscc: str, project: Project) -> None:
    """The owner of a project never changes by typing another code."""
    code = check_uscc(uscc)
    owner = organisation(project.owner_id)
    if code != owner.uscc:
        message = _("项目的建设单位是 %(name)s（%(uscc)s），不能改为其他单位。")
        raise Invalid({"uscc": [message % {"name": owner.name, "uscc": owner.uscc}]})


def merge_facts(project: Project, facts: Mapping[str, Any], *, source: str) -> list[str]:
    """Write the answers into the project; returns the codes that changed."""
    changed = []
    for code, value in facts.items():
        if code not in project.facts or project.facts[code] != value:
            project.facts = {**project.facts, code: value}
            project.fact_sources = {**project.fact_sources, code: source}
            changed.append(f"facts.{code}")
    return changed


def pin_template(project: Project) -> None:
    """Before acceptance the template follows the facts; acceptance pins it."""
    chosen = choose_for(project).chosen
    project.edition = edition_in_force(chosen) if chosen else None
    project.limit_days = project.edition.total_limit if project.edition else 40


@transaction.atomic
def set_site(
    project_id: UUID,
    boundary: str | bytes | Mapping[str, Any],
    *,
    actor: Actor,
    source: str = Site.Source.DRAWN,
    datum: str = "",
    file_name: str = "",
) -> Site:
    """Draw or upload the red line (划定用地红线).

    Invalid says what is wrong with it and where. The site area becomes the fact `land_area_m2` (source: the map)
    unless the applicant has given his own figure.
    """
    project = lock_project(project_id)
    require(actor, "project.edit_form", project)
    check_editable(project)
    line = read_red_line(boundary, epsg=project.district.epsg, datum=datum)
    min_lon, min_lat, max_lon, max_lat = line.bounds
    site, _made = Site.objects.update_or_create(
        project=project,
        defaults={
            "boundary": line.geojson,
            "area_m2": line.area_m2,
            "area_legal_m2": line.area_legal_m2,
            "epsg": line.epsg,
            "min_lon": min_lon,
            "min_lat": min_lat,
            "max_lon": max_lon,
            "max_lat": max_lat,
            "source": source,
            "datum": line.datum,
            "file_name": file_name[:200],
            "sha256": line.sha256,
            "set_at": now(),
            "set_by_id": person_of(actor),
        },
    )
    if project.fact_sources.get("land_area_m2", FROM_MAP) == FROM_MAP:
        merge_facts(project, {"land_area_m2": round(line.area_legal_m2, 2)}, source=FROM_MAP)
    project.form_version += 1
    project.site = site
    lapse_unfit(project, actor=actor)
    pin_template(project)
    project.save(update_fields=["facts", "fact_sources", "form_version", "edition", "limit_days"])
    event = SiteSet(
        project_id=project.pk, area_dm2=round(line.area_legal_m2 * 100), sha256=line.sha256, source=str(source)
    )
    record(event, actor=actor, subject=project, project_id=project.pk)
    return site


@transaction.atomic
def engage_designer(project_id: UUID, uscc: str, *, actor: Actor) -> Engagement:
    """Let a design institute work for the project (委托设计单位): its people may then see and upload drawings."""
    project = lock_project(project_id)
    require(actor, "project.engage_designer", project)
    institute = organisation_by_uscc(check_uscc(uscc))
    if institute is None or institute.kind != "design_institute":
        raise Invalid({"uscc": [_("系统中没有使用这个代码的设计单位，请核对或请其先注册。")]})
    engagement, made = Engagement.objects.get_or_create(
        project=project,
        organisation=institute,
        until__isnull=True,
        defaults={"since": now(), "engaged_by_id": person_of(actor)},
    )
    if made:
        event = DesignerEngaged(project_id=project.pk, organisation_id=institute.pk)
        record(event, actor=actor, subject=project, project_id=project.pk)
    return engagement


@transaction.atomic
def release_designer(project_id: UUID, organisation_id: UUID, *, actor: Actor) -> None:
    """End the institute's engagement at once (解除设计委托)."""
    project = lock_project(project_id)
    require(actor, "project.engage_designer", project)
    ended = Engagement.objects.filter(project=project, organisation_id=organisation_id, until__isnull=True).update(
        until=now()
    )
    if not ended:
        raise NotFound
    event = DesignerReleased(project_id=project.pk, organisation_id=organisation_id)
    record(event, actor=actor, subject=project, project_id=project.pk)


@two_key_act("project.withdraw")
@transaction.atomic
def withdraw_project(project_id: UUID, *, actor: Actor, reason: str) -> Project:
    """Take the project back before it is decided (撤件); its open items end as withdrawn (national code 2).

    An agent's withdrawal needs the enterprise's second key.
    """
    project = lock_project(project_id)
    require(actor, "project.withdraw", project)
    project.state = project_move(project.state, "withdraw")
    project.ended_at = now()
    project.ended_reason = reason.strip()
    project.due_on = project.warn_on = project.remaining_days = None
    project.stopped_ground = ""
    project.save()
    end_open_items(project, "withdraw", actor=actor, remark=project.ended_reason)
    end_rechecks(project.rechecks.all(), "moot", project.ended_reason, actor=actor)
    event = ProjectWithdrawn(project_id=project.pk, reason=project.ended_reason)
    record(event, actor=actor, subject=project, project_id=project.pk)
    return project
