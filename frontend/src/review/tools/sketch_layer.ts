/** Puts shapes and points on the layer of what is being drawn. */

import OlFeature from "ol/Feature";
import OlLineString from "ol/geom/LineString";
import OlPoint from "ol/geom/Point";
import OlPolygon from "ol/geom/Polygon";
import type OlGeometry from "ol/geom/Geometry";
import type { Point } from "../../drawing/manifest";
import type { Geometry } from "../geometry";
import type { Stage } from "../stage";

function add(stage: Stage, geometry: OlGeometry, properties: Record<string, unknown>): void {
  stage.sketch.addFeature(new OlFeature({ geometry, ...properties }));
}

export function showPoint(stage: Stage, at: Point, properties: Record<string, unknown>): void {
  add(stage, new OlPoint(at), properties);
}

export function showShape(stage: Stage, shape: Geometry, properties: Record<string, unknown>): void {
  const told = { role: "shape", ...properties, shape };
  if (shape.type === "LineString") add(stage, new OlLineString(shape.coordinates), told);
  else if (shape.type === "Polygon") add(stage, new OlPolygon(shape.coordinates), told);
  else if (shape.type === "Point") add(stage, new OlPoint(shape.coordinates), told);
}
