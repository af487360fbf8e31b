"""Pure decisions of the drawings room (图纸): no web framework, no database."""
