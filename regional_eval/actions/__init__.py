"""The only writers of regions, assessments and plan layers."""

from regional_eval.actions.drafting import LayerTerms, Terms, draft_region, edit_layer, edit_region, edit_terms
from regional_eval.actions.endings import DAY_ENDED, expire_assessments, revoke_assessment, revoke_plan_layer
from regional_eval.actions.imports import import_layer
from regional_eval.actions.layers import discard_layer, publish_layer, return_layer, review_layer

__all__ = [
    "DAY_ENDED",
    "LayerTerms",
    "Terms",
    "discard_layer",
    "draft_region",
    "edit_layer",
    "edit_region",
    "edit_terms",
    "expire_assessments",
    "import_layer",
    "publish_layer",
    "return_layer",
    "review_layer",
    "revoke_assessment",
    "revoke_plan_layer",
]
