"""Pictures of the places that opinions point at (意见附图): cut on the server from the prepared sheet, kept by SHA-256."""

from __future__ import annotations

import structlog

from certificates.actions import keep_picture
from drawings.queries.contents import DEPARTMENT_COLORS, MarkShape, picture_of_place
from joint_review.models import Anchor
from joint_review.rules.geometry import box_of

log = structlog.get_logger()

COLORS = DEPARTMENT_COLORS


def cut_picture(anchor: Anchor) -> str:
    """Cut and keep the picture of an anchor; returns its SHA-256, empty when the sheet cannot be painted.

    A missing picture never holds up a notice: sheet, place and words stand on it anyway.
    """
    color = COLORS[anchor.opinion.authors.select_related("department").order_by("-is_first")[0].department.color]
    marks = [MarkShape(geometry=mark["geom"], color=color) for mark in anchor.marks]
    region = box_of(anchor.region) if anchor.region else None
    try:
        return keep_picture(picture_of_place(anchor.sheet_id, region, marks=marks))
    except (OSError, ValueError) as error:
        log.error("picture_not_cut", anchor=anchor.pk, sheet=str(anchor.sheet_id), error=str(error))
        return ""


def with_picture(anchor: Anchor) -> Anchor:
    """The anchor with its picture, cut now when it was not cut before."""
    if not anchor.picture:
        anchor.picture = cut_picture(anchor)
        if anchor.picture:
            Anchor.objects.filter(pk=anchor.pk).update(picture=anchor.picture)
    return anchor
