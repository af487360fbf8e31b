"""Our own calendar (工作日历): one row per year as it was published, with the days that differ."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class CalendarYear(models.Model):
    """One year's notice (放假通知), national or of one district; superseded rather than changed, for replays."""

    year = models.PositiveSmallIntegerField()
    district = models.ForeignKey("accounts.District", on_delete=models.PROTECT, null=True, blank=True)
    source = models.CharField(max_length=200)
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["year", "district"],
                condition=Q(superseded_at__isnull=True),
                nulls_distinct=False,
                name="calendar_year_in_force_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.source}"


class CalendarDay(models.Model):
    """A day that differs from Monday-to-Friday: off, or worked for another (调休)."""

    of_year = models.ForeignKey(CalendarYear, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    working = models.BooleanField()
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    reason = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of_year", "day"], name="calendar_day_once")]

    def __str__(self) -> str:
        return self.day.isoformat()
