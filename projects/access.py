"""How an actor stands to projects and items (letters: promises section 4). Higher rooms add to these."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import NOBODY, VIEWED_BY, register_relation
from ledger.actor import Actor
from projects.models import (
    AssessmentReuse,
    ClockPause,
    DayContest,
    Engagement,
    ItemCase,
    ItemStep,
    Material,
    PlanConflict,
    PlanContradiction,
    Project,
    RecheckTask,
    StageCase,
)
from projects.queries.powers import held_by

NOT_RUN = ("not_needed", "reused")


def own(actor: Actor) -> Q:
    """O: the project belongs to the actor's enterprise."""
    if actor.organisation_id is None or actor.mandate_id is not None:
        return NOBODY
    return Q(owner_id=actor.organisation_id)


def mandated(actor: Actor) -> Q:
    """M: a live mandate covers the project; the actor exists only while it is live."""
    if actor.on_behalf_of is None:
        return NOBODY
    covered = Q(owner_id=actor.on_behalf_of)
    return covered if actor.mandate_projects is None else covered & Q(pk__in=actor.mandate_projects)


def in_window_district(actor: Actor) -> Q:
    """J: filed in the window's district; a draft only when this clerk began it, or its pre-review was asked for."""
    if actor.district_id is None:
        return NOBODY
    return Q(district_id=actor.district_id) & (
        ~Q(state=Project.State.DRAFT) | Q(created_by_id=actor.person_id) | Q(prereview_asked_at__isnull=False)
    )


def department_has_item(actor: Actor) -> Q:
    """I: a department whose power the actor exercises has an item in it."""
    if not actor.department_codes:
        return NOBODY
    items = ItemCase.objects.filter(project=OuterRef("pk"), department_code__in=actor.department_codes).exclude(
        need__in=NOT_RUN
    )
    return Q(Exists(items), district_id=actor.district_id)


def department_leads(actor: Actor) -> Q:
    """C: a department whose power the actor exercises leads one of its stages."""
    if not actor.department_codes:
        return NOBODY
    stages = StageCase.objects.filter(project=OuterRef("pk"), lead_department_code__in=actor.department_codes)
    return Q(Exists(stages), district_id=actor.district_id)


def institute_engaged(actor: Actor) -> Q:
    """E: the actor's design institute works for it now."""
    if actor.organisation_id is None:
        return NOBODY
    live = Engagement.objects.filter(project=OuterRef("pk"), organisation_id=actor.organisation_id, until__isnull=True)
    return Q(Exists(live))


def supervised(actor: Actor) -> Q:
    """S: filed in the supervisor's district."""
    if actor.district_id is None:
        return NOBODY
    return Q(district_id=actor.district_id) & ~Q(state=Project.State.DRAFT)


RELATIONS = {
    "O": own,
    "M": mandated,
    "J": in_window_district,
    "I": department_has_item,
    "D": department_has_item,
    "C": department_leads,
    "E": institute_engaged,
    "S": supervised,
}

for letter, relation in RELATIONS.items():
    register_relation(Project, letter, relation)


def through_project(letter: str, actor: Actor) -> Q:
    """The same relation, reached through the project a row belongs to."""
    query = RELATIONS[letter](actor)
    return NOBODY if query == NOBODY else Q(project__in=Project.objects.filter(query))


def by_own(actor: Actor) -> Q:
    """O through the project."""
    return through_project("O", actor)


def by_mandate(actor: Actor) -> Q:
    """M through the project."""
    return through_project("M", actor)


def by_window(actor: Actor) -> Q:
    """J through the project."""
    return through_project("J", actor)


def by_department(actor: Actor) -> Q:
    """I through the project."""
    return through_project("I", actor)


def by_lead(actor: Actor) -> Q:
    """C through the project."""
    return through_project("C", actor)


def by_institute(actor: Actor) -> Q:
    """E through the project."""
    return through_project("E", actor)


def by_supervisor(actor: Actor) -> Q:
    """S through the project."""
    return through_project("S", actor)


THROUGH = {
    "O": by_own,
    "M": by_mandate,
    "J": by_window,
    "I": by_department,
    "C": by_lead,
    "E": by_institute,
    "S": by_supervisor,
}


def item_by_mandate(actor: Actor) -> Q:
    """M: the mandate covers the project and names the item, or names none."""
    query = by_mandate(actor)
    return query if actor.mandate_items is None else query & Q(code__in=actor.mandate_items)


def item_of_department(actor: Actor) -> Q:
    """D: the item of a department whose power the actor exercises."""
    if not actor.department_codes:
        return NOBODY
    return Q(department_code__in=actor.department_codes, project__district_id=actor.district_id) & ~Q(need__in=NOT_RUN)


def item_by_power(actor: Actor) -> Q:
    """D: the powers table gives the item's power to the actor's department today (授权、委托、下放)."""
    if actor.department_code is None or actor.district_id is None:
        return NOBODY
    return held_by(actor) & ~Q(need__in=NOT_RUN)


def item_at_position_by_power(actor: Actor) -> Q:
    """P: the same, it is the turn of one of my posts, and I took no other step of it."""
    posts = [role for role in actor.roles if role.startswith("pos_")]
    if not posts or actor.person_id is None:
        return NOBODY
    query = item_by_power(actor)
    return NOBODY if query == NOBODY else query & Q(posts_now__overlap=posts) & ~Q(Exists(other_steps_of(actor)))


def project_by_power(actor: Actor) -> Q:
    """I: the powers table gives the actor's department the power behind one of its items."""
    query = item_by_power(actor)
    if query == NOBODY:
        return NOBODY
    return Q(Exists(ItemCase.objects.filter(query, project=OuterRef("pk"))))


def other_steps_of(actor: Actor) -> QuerySet[ItemStep]:
    """Steps of the same item, other than its current one, that the actor took."""
    return ItemStep.objects.filter(item=OuterRef("pk"), person_id=actor.person_id or 0).exclude(number=OuterRef("step"))


def item_at_position(actor: Actor) -> Q:
    """P: D, it is the turn of one of my posts, and I took no other step of it (四眼原则)."""
    posts = [role for role in actor.roles if role.startswith("pos_")]
    if not posts or not actor.department_codes or actor.person_id is None:
        return NOBODY
    return item_of_department(actor) & Q(posts_now__overlap=posts) & ~Q(Exists(other_steps_of(actor)))


for letter, relation in {**THROUGH, "M": item_by_mandate, "D": item_of_department, "P": item_at_position}.items():
    register_relation(ItemCase, letter, relation)

for letter, relation in {"D": item_by_power, "P": item_at_position_by_power}.items():
    register_relation(ItemCase, letter, relation)
register_relation(Project, "I", project_by_power)

for model in (Material, ClockPause, DayContest):
    for letter, relation in THROUGH.items():
        register_relation(model, letter, relation)

VIEWED_BY[Project] = "project.view"
VIEWED_BY[ItemCase] = "item.view"


def project_on_my_plan(actor: Actor) -> Q:
    """I: a filed project runs into a plan of a department whose power the actor exercises."""
    if not actor.department_codes:
        return NOBODY
    conflicts = PlanConflict.objects.filter(project=OuterRef("pk"), department_code__in=actor.department_codes).exclude(
        state=PlanConflict.State.RESOLVED
    )
    return Q(Exists(conflicts), district_id=actor.district_id) & ~Q(state=Project.State.DRAFT)


def conflict_of_owner(actor: Actor) -> Q:
    """D: the plan is one of a department whose power the actor exercises, and the project is filed."""
    if not actor.department_codes:
        return NOBODY
    return Q(department_code__in=actor.department_codes, project__district_id=actor.district_id) & ~Q(
        project__state=Project.State.DRAFT
    )


def contradiction_of_owner(actor: Actor) -> Q:
    """D: one of the two plans is one of a department whose power the actor exercises."""
    if not actor.department_codes:
        return NOBODY
    codes = actor.department_codes
    owned = Q(first_department_code__in=codes) | Q(second_department_code__in=codes)
    return owned & Q(district_id=actor.district_id)


def contradiction_of_district(actor: Actor) -> Q:
    """R and S: in one's own district."""
    return Q(district_id=actor.district_id) if actor.district_id is not None else NOBODY


register_relation(Project, "I", project_on_my_plan)
register_relation(Project, "D", project_on_my_plan)
register_relation(PlanConflict, "D", conflict_of_owner)
register_relation(PlanConflict, "C", by_lead)
register_relation(PlanContradiction, "D", contradiction_of_owner)
register_relation(PlanContradiction, "R", contradiction_of_district)
register_relation(PlanContradiction, "S", contradiction_of_district)

for letter in ("O", "M", "J", "I", "S", "E"):
    register_relation(PlanConflict, letter, THROUGH[letter])

VIEWED_BY[PlanConflict] = "plan_check.view"
VIEWED_BY[PlanContradiction] = "contradiction.view"


def reuse_of_department(actor: Actor) -> Q:
    """D: it is for a department whose power the actor exercises to say whether a report of its own is needed."""
    if not actor.department_codes:
        return NOBODY
    return Q(department_code__in=actor.department_codes, project__district_id=actor.district_id)


def in_own_district(actor: Actor) -> Q:
    """R and S: of a project in one's own district, drafts included: what is leaned on must be seen whole."""
    return Q(project__district_id=actor.district_id) if actor.district_id is not None else NOBODY


for of_reuse in (AssessmentReuse, RecheckTask):
    for letter in ("O", "M", "J", "C"):
        register_relation(of_reuse, letter, THROUGH[letter])
    register_relation(of_reuse, "D", reuse_of_department)
    register_relation(of_reuse, "R", in_own_district)
    register_relation(of_reuse, "S", in_own_district)

VIEWED_BY[AssessmentReuse] = "assessment.view_reuse"
VIEWED_BY[RecheckTask] = "recheck.list"
