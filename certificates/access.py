"""How actors stand to papers (relation letters of the permission table)."""

from __future__ import annotations

from django.db.models import Q

from accounts.access import NOBODY, VIEWED_BY, register_relation
from certificates.models import Paper
from ledger.actor import Actor


def of_own_enterprise(actor: Actor) -> Q:
    """O: papers issued to one's own enterprise; an agent under a mandate has none of his own."""
    return Q(organisation_id=actor.organisation_id) if actor.organisation_id and not actor.mandate_id else NOBODY


def under_mandate(actor: Actor) -> Q:
    """M: papers of the enterprise represented, within the projects that the mandate names."""
    if actor.on_behalf_of is None:
        return NOBODY
    covered = Q() if actor.mandate_projects is None else Q(project_id__in=actor.mandate_projects)
    return Q(organisation_id=actor.on_behalf_of) & covered


def of_own_district(actor: Actor) -> Q:
    """J: papers of the window's district."""
    return Q(district_id=actor.district_id) if actor.district_id else NOBODY


def of_own_department(actor: Actor) -> Q:
    """D, C: one's department, or one whose power it exercises, signed or took part."""
    if not actor.department_codes:
        return NOBODY
    return Q(district_id=actor.district_id, department_codes__overlap=sorted(actor.department_codes))


def signed_by_own_department(actor: Actor) -> Q:
    """P: one's department signed it and somebody else issued it (同一人不办两步)."""
    if not actor.department_codes:
        return NOBODY
    own = Q(district_id=actor.district_id, signer__code__in=sorted(actor.department_codes))
    return own & ~Q(issued_by_id=actor.person_id)


register_relation(Paper, "O", of_own_enterprise)
register_relation(Paper, "M", under_mandate)
register_relation(Paper, "J", of_own_district)
register_relation(Paper, "D", of_own_department)
register_relation(Paper, "C", of_own_department)
register_relation(Paper, "P", signed_by_own_department)
VIEWED_BY[Paper] = "document.download_issued"
