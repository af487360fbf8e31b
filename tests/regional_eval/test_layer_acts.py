"""From a file to a published layer and to its end: at least two people, every act in the audit, nothing changed later."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from accounts.actions.second_key import ask_second_key, confirm_second_key
from accounts.legal_day import SHANGHAI
from ledger.actor import Actor
from ledger.clock_now import freeze
from ledger.errors import Forbidden, Invalid, NotFound, SecondKeyRequired, StateConflict, StepUpRequired
from ledger.models import AuditEvent
from regional_eval import actions, file_store
from regional_eval.models import Assessment, Feature, LayerVersion
from regional_eval.queries.register import layer_for
from tests.cast import Cast
from tests.regional_eval.ground import drafted, drafted_plan, file_of, published, square

pytestmark = pytest.mark.django_db
EVE = datetime(2030, 1, 1, 0, 30, tzinfo=SHANGHAI)


def told(*names: str) -> list[str]:
    return list(AuditEvent.objects.filter(name__in=names).order_by("at", "n").values_list("name", flat=True))


def test_an_import_is_a_draft_with_its_report_and_its_original_bytes(cast: Cast) -> None:
    bow_tie = [[116.22, 39.1], [116.23, 39.11], [116.23, 39.1], [116.22, 39.11], [116.22, 39.1]]
    data = file_of(square(116.20, 39.10), bow_tie, [[116.2, 39.1], [116.21, 39.1], [116.2, 39.1]])
    layer = drafted(cast, data)
    assert (layer.state, layer.features, layer.crs_epsg) == ("draft", 2, 4490)
    assert [entry["index"] for entry in layer.repairs] == [1]
    assert [entry["index"] for entry in layer.rejections] == [2]
    assert file_store.fetch(layer.source.sha256) == data
    assert layer.drafted_by_id == cast.assess.person_id
    event = AuditEvent.objects.get(name="LayerImported")
    assert (event.body["features"], event.body["repaired"], event.body["rejected"]) == (2, 1, 1)


@pytest.mark.parametrize("user", ["owner", "window", "planning", "lead", "supervisor", "sysadmin"])
def test_only_managers_of_assessments_import(cast: Cast, user: str) -> None:
    with pytest.raises(Forbidden):
        actions.import_layer(
            file_of(square(116.2, 39.1)), "a.geojson", actor=cast.actor(user), purpose="assessment", code="X"
        )
    assert not LayerVersion.objects.exists()


def test_who_drafted_does_not_review_and_nobody_publishes_alone(cast: Cast) -> None:
    layer = drafted(cast)
    with pytest.raises(Forbidden) as refusal:
        actions.review_layer(layer.pk, actor=cast.assess)
    assert refusal.value.code == "same_person"
    with pytest.raises(SecondKeyRequired):
        actions.publish_layer(layer.pk, actor=cast.assess2)
    actions.review_layer(layer.pk, actor=cast.assess2)
    with pytest.raises(SecondKeyRequired):
        actions.publish_layer(layer.pk, actor=cast.assess2)
    layer.refresh_from_db()
    key = ask_second_key("assessment.publish", layer, actor=cast.assess2, summary="发布")
    with pytest.raises(Forbidden):
        confirm_second_key(key.pk, actor=cast.assess2)
    confirm_second_key(key.pk, actor=cast.assess)
    layer.refresh_from_db()
    assert (layer.state, layer.published_by_id) == ("published", cast.assess2.person_id)
    assert layer.assessments.get().state == "published"
    assert told("LayerImported", "LayerReviewed", "AssessmentPublished") == [
        "LayerImported",
        "LayerReviewed",
        "AssessmentPublished",
    ]


def test_publishing_assessments_needs_a_fresh_factor(cast: Cast) -> None:
    layer = drafted(cast)
    actions.review_layer(layer.pk, actor=cast.assess2)
    layer.refresh_from_db()
    with pytest.raises(StepUpRequired):
        ask_second_key("assessment.publish", layer, actor=cast.actor("assess2", fresh=False), summary="发布")


def test_a_record_without_its_approval_is_not_reviewed(cast: Cast) -> None:
    layer = drafted(cast, approval_document_no="", number="")
    with pytest.raises(Invalid) as refusal:
        actions.review_layer(layer.pk, actor=cast.assess2)
    assert set(refusal.value.errors) == {"number", "approval_document_no"}
    assessment = layer.assessments.get()
    terms = actions.Terms(
        number="1号",
        holder="管委会",
        approval_document_no="批1号",
        approved_on=assessment.approved_on,
        valid_from=assessment.valid_from,
        valid_to=assessment.valid_to,
        effect="EXEMPT",
    )
    actions.edit_terms(assessment.pk, terms, actor=cast.assess)
    actions.review_layer(layer.pk, actor=cast.assess2)
    with pytest.raises(StateConflict):
        actions.edit_terms(assessment.pk, terms, actor=cast.assess)
    actions.return_layer(layer.pk, actor=cast.assess2, reason="有效期与批复不符")
    layer.refresh_from_db()
    assert (layer.state, layer.reviewed_by_id) == ("draft", None)


def test_a_draft_may_be_thrown_away_a_published_version_not(cast: Cast) -> None:
    layer = drafted(cast)
    sha256 = layer.source.sha256
    actions.discard_layer(layer.pk, actor=cast.assess)
    assert not LayerVersion.objects.exists()
    assert not Feature.objects.exists()
    assert not Assessment.objects.exists()
    assert file_store.fetch(sha256)
    kept = published(cast, drafted(cast))
    with pytest.raises(StateConflict):
        actions.discard_layer(kept.pk, actor=cast.assess)


def test_a_new_version_ends_the_old_one_the_day_before(cast: Cast) -> None:
    old = published(cast, drafted(cast))
    new = published(cast, drafted(cast, file_of(square(116.201, 39.10)), version="2", valid_from="2026-06-01"))
    old.refresh_from_db()
    assert (new.supersedes_id, old.state, str(old.effective_to)) == (old.pk, "superseded", "2026-05-31")
    before, after = old.assessments.get(), new.assessments.get()
    assert (before.state, str(before.valid_to), after.replaces_id) == ("expired", "2026-05-31", before.pk)
    ended = AuditEvent.objects.get(name="AssessmentEnded")
    assert (ended.body["how"], ended.body["assessment_id"]) == ("amended", str(before.pk))


def test_a_version_of_tomorrow_leaves_today_as_it_is(cast: Cast) -> None:
    old = published(cast, drafted(cast))
    published(cast, drafted(cast, version="2", valid_from="2029-01-01"))
    old.refresh_from_db()
    assert (old.state, old.assessments.get().state) == ("published", "published")
    assert str(old.effective_to) == "2028-12-31"
    with freeze(datetime(2029, 1, 1, 1, tzinfo=SHANGHAI)):
        assert actions.expire_assessments(actor=Actor.system(cause=actions.DAY_ENDED)) == 1
    assert AuditEvent.objects.get(name="AssessmentEnded").body["how"] == "amended"


def test_revoking_takes_two_people_and_a_reason(cast: Cast) -> None:
    layer = published(cast, drafted(cast))
    assessment = layer.assessments.get()
    with pytest.raises(SecondKeyRequired):
        actions.revoke_assessment(assessment.pk, actor=cast.assess, reason="数据有误")
    key = ask_second_key(
        "assessment.withdraw", assessment, actor=cast.assess, summary="撤销", arguments={"reason": "勘察数据有误"}
    )
    confirm_second_key(key.pk, actor=cast.assess2)
    assessment.refresh_from_db()
    layer.refresh_from_db()
    assert (assessment.state, assessment.revoked_reason, layer.state) == ("revoked", "勘察数据有误", "revoked")
    assert AuditEvent.objects.get(name="AssessmentEnded").body["how"] == "revoked"


def test_the_day_after_its_last_day_it_expires_once(cast: Cast) -> None:
    layer = published(cast, drafted(cast))
    plan = published(cast, drafted_plan(cast, effective_to="2029-06-30"))
    sweep = Actor.system(cause=actions.DAY_ENDED)
    with freeze(datetime(2029, 12, 31, 23, tzinfo=SHANGHAI)):
        assert actions.expire_assessments(actor=sweep) == 1  # the plan; the assessment's last day still counts
    with freeze(EVE):
        with pytest.raises(Forbidden):
            actions.expire_assessments(actor=Actor.system(cause="Whim"))
        assert actions.expire_assessments(actor=sweep) == 1
        assert actions.expire_assessments(actor=sweep) == 0
    layer.refresh_from_db()
    plan.refresh_from_db()
    assert (layer.state, layer.assessments.get().state, plan.state) == ("expired", "expired", "expired")
    assert AuditEvent.objects.get(name="AssessmentEnded").body["how"] == "expired"


def test_another_districts_manager_sees_no_draft(cast: Cast) -> None:
    layer = drafted(cast)
    stranger = replace(cast.assess2, district_id=(cast.district.pk or 0) + 1)
    with pytest.raises(NotFound):
        layer_for(stranger, layer.pk)
    with pytest.raises(Forbidden):
        actions.review_layer(layer.pk, actor=stranger)
