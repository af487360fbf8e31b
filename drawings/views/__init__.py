"""Pages of the drawings room (图纸页面)."""
