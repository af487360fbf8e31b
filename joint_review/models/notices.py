"""The merged notice (合并告知书), the applicant's answers and the departments' rechecks (复核)."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from joint_review.models.opinions import Opinion
from joint_review.models.rounds import Round, Task

ANSWER_KINDS = ("revise", "explain", "object")
RECHECK_RESULTS = ("accept", "keep", "partly")


class MergedNotice(models.Model):
    """One list for the applicant from all departments (合并告知书); one per round."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.OneToOneField(Round, on_delete=models.PROTECT, related_name="notice")
    issued_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    paper_id = models.UUIDField()
    # Until when the answers and the new revision are expected (设计修改期限); the clock stands meanwhile.
    due_on = models.DateField(null=True)
    answered_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    # The revision the answers came with; none: explanations and objections only.
    revision = models.ForeignKey("drawings.Revision", on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.round_id)


class NoticeItem(models.Model):
    """One numbered entry of a notice, with the wording as it was issued."""

    notice = models.ForeignKey(MergedNotice, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveIntegerField()
    opinion = models.ForeignKey(Opinion, on_delete=models.PROTECT, related_name="noticed")
    departments = ArrayField(models.CharField(max_length=8))
    near = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    # class, clause, text, demand, sheet number and name, revision: what the applicant was told, whatever comes later.
    wording = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "number"], name="notice_number_once"),
            models.UniqueConstraint(fields=["notice", "opinion"], name="notice_opinion_once"),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return str(self.number)


class Reply(models.Model):
    """The applicant's answer to one opinion (意见答复): 修改, 说明 or 异议; frozen when it is submitted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opinion = models.ForeignKey(Opinion, on_delete=models.PROTECT, related_name="replies")
    notice = models.ForeignKey(MergedNotice, on_delete=models.PROTECT, related_name="replies")
    kind = models.CharField(max_length=8, choices=[(k, k) for k in ANSWER_KINDS])
    text = models.TextField(blank=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opinion", "notice"], name="reply_once"),
            models.CheckConstraint(condition=Q(kind__in=ANSWER_KINDS), name="reply_kind_known"),
            # An explanation or an objection says something; a revision shows itself.
            models.CheckConstraint(condition=Q(kind="revise") | ~Q(text=""), name="reply_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.opinion_id} {self.kind}"


class Recheck(models.Model):
    """What one author department says to an answer (复核): 采纳关闭, 保留 or 部分采纳."""

    opinion = models.ForeignKey(Opinion, on_delete=models.PROTECT, related_name="rechecks")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="rechecks")
    result = models.CharField(max_length=8, choices=[(r, r) for r in RECHECK_RESULTS])
    text = models.TextField(blank=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opinion", "task"], name="recheck_once"),
            models.CheckConstraint(condition=Q(result__in=RECHECK_RESULTS), name="recheck_result_known"),
            models.CheckConstraint(condition=Q(result="accept") | ~Q(text=""), name="recheck_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.opinion_id} {self.result}"
