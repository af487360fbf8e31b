"""Addresses of joint review and acceptance."""

from __future__ import annotations

from django.urls import path

from joint_review.acceptance import views as acceptance
from joint_review.roundtrip import views as roundtrip
from joint_review.views import evaluations, notices, rounds

app_name = "joint_review"

urlpatterns = [
    path("revisions/<uuid:revision_id>/review/", rounds.open_form, name="open"),
    path("revisions/<uuid:revision_id>/review/open/", rounds.open_round, name="open_round"),
    path("rounds/<uuid:round_id>/", rounds.round_, name="round"),
    path("rounds/<uuid:round_id>/notice/", rounds.preview, name="preview"),
    path("rounds/<uuid:round_id>/notice/issue/", rounds.issue, name="issue"),
    path("rounds/<uuid:round_id>/conflicts/", rounds.open_conflict, name="open_conflict"),
    path("rounds/<uuid:round_id>/freeze/", rounds.freeze, name="freeze"),
    path("rounds/<uuid:round_id>/thaw/", rounds.thaw, name="thaw"),
    path("conflicts/<uuid:conflict_id>/rule/", rounds.rule, name="rule"),
    path("review-tasks/<uuid:task_id>/", rounds.task, name="task"),
    path("review-tasks/<uuid:task_id>/claim/", rounds.claim, name="claim"),
    path("review-tasks/<uuid:task_id>/hand-over/", rounds.hand_over, name="hand_over"),
    path("review-tasks/<uuid:task_id>/take-back/", rounds.take_back, name="take_back"),
    path("review-tasks/<uuid:task_id>/sign/", rounds.sign, name="sign"),
    path("review-tasks/<uuid:task_id>/opinions/", rounds.raise_opinion, name="raise_opinion"),
    path("opinions/<uuid:opinion_id>/edit/", rounds.edit_opinion, name="edit_opinion"),
    path("opinions/<uuid:opinion_id>/withdraw/", rounds.withdraw_opinion, name="withdraw_opinion"),
    path("opinions/<uuid:opinion_id>/recheck/", rounds.recheck, name="recheck"),
    path("opinions/<uuid:opinion_id>/confirm/", rounds.confirm, name="confirm"),
    path("opinions/<uuid:opinion_id>/picture.png", notices.opinion_picture, name="opinion_picture"),
    path("projects/<uuid:project_id>/evaluations/new/", evaluations.convene_form, name="convene"),
    path("projects/<uuid:project_id>/evaluations/<str:kind>/convene/", evaluations.convene_now, name="convene_now"),
    path("evaluations/<uuid:round_id>/", evaluations.evaluation, name="evaluation"),
    path("evaluations/<uuid:round_id>/meeting/", evaluations.meeting, name="evaluation_meeting"),
    path("evaluation-tasks/<uuid:task_id>/", evaluations.task, name="evaluation_task"),
    path("notices/<uuid:notice_id>/", notices.notice, name="notice"),
    path("notices/<uuid:notice_id>/opinions/<uuid:opinion_id>/answer/", notices.answer, name="answer"),
    path(
        "notices/<uuid:notice_id>/opinions/<uuid:opinion_id>/picture.png", notices.notice_picture, name="notice_picture"
    ),
    path("notices/<uuid:notice_id>/marks/", roundtrip.marks, name="notice_marks"),
    path("notices/<uuid:notice_id>/answers.xlsx", roundtrip.form, name="notice_form"),
    path("notices/<uuid:notice_id>/answers/import/", roundtrip.take_back, name="notice_form_back"),
    path("notices/<uuid:notice_id>/submit/", notices.submit, name="submit"),
    path("projects/<uuid:project_id>/acceptance/", acceptance.apply_form, name="acceptance_apply"),
    path("projects/<uuid:project_id>/acceptance/apply/", acceptance.apply, name="acceptance_apply_now"),
    path("acceptances/<uuid:acceptance_id>/", acceptance.acceptance, name="acceptance"),
    path("acceptances/<uuid:acceptance_id>/schedule/", acceptance.schedule, name="acceptance_schedule"),
    path("acceptances/<uuid:acceptance_id>/presence/", acceptance.presence, name="acceptance_presence"),
    path("acceptances/<uuid:acceptance_id>/visited/", acceptance.record_visit, name="acceptance_visited"),
    path("acceptances/<uuid:acceptance_id>/rectification/", acceptance.issue, name="acceptance_issue"),
    path("acceptances/<uuid:acceptance_id>/submit/", acceptance.submit, name="acceptance_submit"),
    path("acceptance-tasks/<uuid:task_id>/", acceptance.task, name="acceptance_task"),
    path("acceptance-tasks/<uuid:task_id>/sign/", acceptance.sign, name="acceptance_sign"),
    path("acceptance-checks/<uuid:check_id>/result/", acceptance.conclude, name="acceptance_conclude"),
    path("acceptance-checks/<uuid:check_id>/defects/", acceptance.list_defect, name="acceptance_defect"),
    path("defects/<uuid:defect_id>/strike/", acceptance.strike_defect, name="defect_strike"),
    path("defects/<uuid:defect_id>/answer/", acceptance.answer, name="defect_answer"),
    path("defects/<uuid:defect_id>/recheck/", acceptance.recheck_defect, name="defect_recheck"),
]
