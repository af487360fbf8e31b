"""Regions, assessments, plan layers and the polygons they consist of."""

from regional_eval.models.assessments import Assessment, Effect, Region
from regional_eval.models.layers import Feature, LayerVersion, SourceFile, State, Tile

__all__ = ["Assessment", "Effect", "Feature", "LayerVersion", "Region", "SourceFile", "State", "Tile"]
