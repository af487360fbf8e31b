"""From a file to a draft layer version: reading GeoJSON, zipped Shapefiles and DXF, terms, repair report, writing."""
