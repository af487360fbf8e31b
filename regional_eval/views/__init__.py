"""Pages of the land (区域评估与规划图层)."""
