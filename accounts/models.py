"""People, districts, organisations, departments, posts and mandates."""

from __future__ import annotations

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class PersonAccounts(BaseUserManager["Person"]):
    """How Django's sign-in finds and makes people."""

    def create_user(self, username: str, password: str | None = None, *, name: str = "") -> Person:
        """A person who can sign in."""
        person = self.model(username=username, name=name or username)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """One human being (用户); what he may do comes from his posts, never from flags here."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    # Raised whenever something is taken from him; open sockets compare it with the one they began with.
    permission_epoch = models.PositiveIntegerField(default=0)

    objects = PersonAccounts()
    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.name


class District(models.Model):
    """One tenant of the platform: a city, county or zone (行政区划/功能区)."""

    code = models.CharField(max_length=12, unique=True)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    # The CGCS2000 zone in which areas are shown.
    epsg = models.PositiveIntegerField(default=4549)

    def __str__(self) -> str:
        return self.name_zh


class Organisation(models.Model):
    """An enterprise, a design institute or an agency (单位)."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise"
        DESIGN_INSTITUTE = "design_institute"
        AGENCY = "agency"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    uscc = models.CharField(max_length=18, unique=True)
    legal_representative = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A department of one district (部门) by its national short code."""

    code = models.CharField(max_length=8)
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="departments")
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    short_name = models.CharField(max_length=20)
    badge = models.CharField(max_length=2)
    color = models.PositiveSmallIntegerField(default=0)
    # Powers table (权责清单): who exercises this department's power here; none: itself.
    exercised_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="exercises")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="department_once"),
            models.CheckConstraint(condition=Q(color__lte=11), name="department_color_of_twelve"),
            models.CheckConstraint(
                condition=Q(exercised_by__isnull=True) | ~Q(exercised_by=F("id")), name="department_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh


class Post(models.Model):
    """What one person does for one department or organisation (岗位): the roles of the permission table."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="posts")
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=80, blank=True)
    roles = ArrayField(models.CharField(max_length=20))
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, blank=True)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(department__isnull=True) | Q(organisation__isnull=True), name="post_in_one_house"
            ),
            # 三员分立: who administers the system holds no business role in the same post.
            models.CheckConstraint(
                condition=~Q(roles__overlap=["sysadmin", "secadmin", "auditor"])
                | Q(roles__contained_by=["sysadmin"])
                | Q(roles__contained_by=["secadmin"])
                | Q(roles__contained_by=["auditor"]),
                name="post_three_administrators_apart",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person.name} {self.title}"


class Mandate(models.Model):
    """A letter of authorisation (授权委托书): an enterprise lets one agent act, for these items, in this period."""

    class State(models.TextChoices):
        GRANTED = "granted"
        LIVE = "live"
        REVOKED = "revoked"
        DECLINED = "declined"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=40, unique=True)
    principal = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="mandates")
    agent = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mandates")
    # Empty: every project, every item of the principal.
    projects = ArrayField(models.UUIDField(), default=list, blank=True)
    items = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.GRANTED)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="mandate_period")]
        indexes = [models.Index(fields=["agent", "state"], name="mandate_agent")]

    def __str__(self) -> str:
        return self.number


class ApiToken(models.Model):
    """A key for /api/v1 (接口令牌): only its SHA-256 is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    post = models.ForeignKey(Post, on_delete=models.CASCADE)
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class SecondKey(models.Model):
    """An act that waits for another person's confirmation (双人确认)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        CONFIRMED = "confirmed"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict)
    summary = models.CharField(max_length=400)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    asked_mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="+", null=True)
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("asked_by")) | Q(state="refused"),
                name="second_key_is_another_person",
            )
        ]
        indexes = [models.Index(fields=["state", "action"], name="second_key_waiting")]
