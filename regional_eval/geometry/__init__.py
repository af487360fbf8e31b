"""Geometry of land: coordinate systems, repair with a report, areas, the covered rule, tiles. Pure: no framework."""
