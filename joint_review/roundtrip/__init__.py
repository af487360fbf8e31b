"""Round trip for those who work in CAD and Excel (往返): the notice as DXF, the answers as a form that comes back."""
