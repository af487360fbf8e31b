"""What must always hold of papers: numbers without gaps, files as they were sealed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Max

from certificates.models import NumberSeries, Paper
from certificates.states import SEALING
from certificates.store import StoredFileDamaged, fetch
from ledger.clock_now import now

SEALED_WITHIN = timedelta(minutes=15)


def violations() -> Iterator[str]:
    """Gaps in a series of numbers, papers that wait for their seal too long, files lost or changed."""
    for series in NumberSeries.objects.all():
        papers = Paper.objects.filter(district=series.district_id, kind=series.kind, year=series.year)
        found = papers.aggregate(number=Count("pk"), top=Max("n"))
        if found["number"] != series.last or (found["top"] or 0) != series.last:
            yield f"certificates: series {series.kind} {series.year} counts {series.last}, holds {found['number']}"
    for paper in Paper.objects.filter(state=SEALING, issued_at__lt=now() - SEALED_WITHIN):
        yield f"certificates: paper {paper.number} has waited for its seal since {paper.issued_at.isoformat()}"
    for number, sha256 in Paper.objects.exclude(sha256="").values_list("number", "sha256"):
        try:
            fetch("papers", sha256)
        except StoredFileDamaged as error:
            yield f"certificates: the file of paper {number} is damaged: {error}"
