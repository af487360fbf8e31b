"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from regional_eval.views import acts, importing, precheck, register

app_name = "regional_eval"

urlpatterns = [
    path("precheck/", precheck.precheck, name="precheck"),
    path("precheck/file/", precheck.read_file, name="precheck_file"),
    path("precheck/keep/", precheck.keep, name="precheck_keep"),
    path("precheck/forget/", precheck.forget, name="precheck_forget"),
    path("assessments/", register.assessments, name="assessments"),
    path("assessments/areas.json", precheck.areas, name="areas"),
    path("assessments/<uuid:assessment_id>/", register.assessment, name="assessment"),
    path("assessments/<uuid:assessment_id>/land.json", register.assessment_land, name="assessment_land"),
    path("assessments/<uuid:assessment_id>/terms/", acts.terms, name="terms"),
    path("assessments/<uuid:assessment_id>/revoke/", acts.revoke, name="revoke"),
    path("layers/", register.layers, name="layers"),
    path("layers/import/", importing.upload, name="import"),
    path("layers/import/confirm/", importing.confirm, name="import_confirm"),
    path("layers/<uuid:layer_id>/", register.layer, name="layer"),
    path("layers/<uuid:layer_id>/land.json", register.layer_land, name="layer_land"),
    path("layers/<uuid:layer_id>/original/<str:name>", register.layer_original, name="layer_original"),
    path("layers/<uuid:layer_id>/terms/", acts.plan_terms, name="plan_terms"),
    path("layers/<uuid:layer_id>/review/", acts.review, name="review"),
    path("layers/<uuid:layer_id>/return/", acts.send_back, name="send_back"),
    path("layers/<uuid:layer_id>/discard/", acts.discard, name="discard"),
    path("layers/<uuid:layer_id>/publish/", acts.publish, name="publish"),
    path("layers/<uuid:layer_id>/revoke/", acts.revoke_plan, name="revoke_plan"),
    path("regions/", acts.regions, name="regions"),
    path("regions/new/", acts.region, name="region_new"),
    path("regions/<uuid:region_id>/", acts.region, name="region"),
]
