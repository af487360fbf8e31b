"""Which projects lie on land that changed (反向查询): boxes of changed ground against the boxes of red lines."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from projects.models import Project

LIVE_PROJECTS = ("draft", "submitted", "correction", "accepted")
Box = tuple[float, float, float, float]
# One statement takes so many boxes; a layer of a province has thousands.
AT_ONCE = 2000


def projects_on(boxes: Sequence[Box]) -> list[UUID]:
    """Live projects whose red line's box meets one of these (longitude and latitude), by the index, in order of id."""
    found: set[UUID] = set()
    for start in range(0, len(boxes), AT_ONCE):
        part = boxes[start : start + AT_ONCE]
        columns = [list(column) for column in zip(*part, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT site.project_id"
                " FROM unnest(%s::float8[], %s::float8[], %s::float8[], %s::float8[]) AS ground(x0, y0, x1, y1)"
                " JOIN projects_site AS site ON box(point(site.min_lon, site.min_lat), point(site.max_lon, site.max_lat))"
                " && box(point(ground.x0, ground.y0), point(ground.x1, ground.y1))"
                " JOIN projects_project AS project ON project.id = site.project_id"
                " WHERE project.state = ANY(%s)",
                [*columns, list(LIVE_PROJECTS)],
            )
            found.update(row[0] for row in cursor.fetchall())
    return sorted(found)


def live_projects_of(district_id: int | None) -> list[UUID]:
    """Live projects with a red line in a district; in every one where the layer is common to all."""
    found = Project.objects.filter(state__in=LIVE_PROJECTS, site__isnull=False)
    return list((found if district_id is None else found.filter(district_id=district_id)).values_list("pk", flat=True))
