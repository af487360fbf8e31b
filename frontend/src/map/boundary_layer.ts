/** The site boundary on the map: line, wash, corners with their names, and marks where something is wrong. */

import Feature from "ol/Feature";
import LineString from "ol/geom/LineString";
import MultiPoint from "ol/geom/MultiPoint";
import Point from "ol/geom/Point";
import Polygon from "ol/geom/Polygon";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat, toLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import { cornerName, type Boundary, type Problem } from "./boundary";
import type { LonLat } from "./ellipsoid";
import { FACE } from "./letters";

/** Red of the line, as on Chinese site plans; legible on the light and on the dark base map. */
export const RED = "#d3141b";

/** The polygons of a boundary as features in display coordinates. */
export function toFeatures(boundary: Boundary): Feature<Polygon>[] {
  return boundary
    .filter((rings) => (rings[0]?.length ?? 0) > 0)
    .map((rings) => new Feature(new Polygon(rings.map((ring) => [...ring, ring[0]!].map((point) => fromLonLat(point))))));
}

/** The boundary that features show. */
export function fromFeatures(features: Feature<Polygon>[]): Boundary {
  return features.map((feature) =>
    feature
      .getGeometry()!
      .getCoordinates()
      .map((ring) => ring.slice(0, -1).map((position) => toLonLat(position) as LonLat)),
  );
}

/** How the line looks; with `corners`, small squares and their names. */
export function redLineStyle(corners: boolean): (feature: unknown, resolution: number) => Style[] {
  const line = [
    new Style({
      stroke: new Stroke({ color: "rgb(255 255 255 / 85%)", width: 5 }),
      fill: new Fill({ color: "rgb(211 20 27 / 9%)" }),
    }),
    new Style({ stroke: new Stroke({ color: RED, width: 2.5 }) }),
  ];
  if (!corners) return () => line;
  return (feature, resolution) => {
    const polygon = (feature as Feature<Polygon>).getGeometry() as Polygon | undefined;
    if (!polygon || polygon.getType() !== "Polygon") return line;
    const rings = polygon.getCoordinates();
    const styles = [
      ...line,
      new Style({
        geometry: new MultiPoint(rings.flat()),
        image: new CircleStyle({
          radius: 4.5,
          fill: new Fill({ color: "#fff" }),
          stroke: new Stroke({ color: RED, width: 2 }),
        }),
      }),
    ];
    const outer = rings[0]?.slice(0, -1) ?? [];
    if (outer.length <= 60 && resolution < 12)
      outer.forEach((position, at) =>
        styles.push(
          new Style({
            geometry: new Point(position),
            text: new Text({
              text: cornerName(at),
              font: `600 12px ${FACE}`,
              offsetY: -14,
              fill: new Fill({ color: RED }),
              stroke: new Stroke({ color: "#fff", width: 3 }),
            }),
          }),
        ),
      );
    return styles;
  };
}

/** A layer for marks where something is wrong: ①②③ beside the texts. */
export function problemLayer(): VectorLayer<VectorSource> {
  return new VectorLayer({
    source: new VectorSource(),
    zIndex: 50,
    style: (feature) => [
      new Style({
        image: new CircleStyle({
          radius: 13,
          fill: new Fill({ color: "rgb(255 255 255 / 92%)" }),
          stroke: new Stroke({ color: feature.get("warning") ? "#b26a00" : RED, width: 2.5 }),
        }),
        text: new Text({
          text: String(feature.get("number")),
          font: `600 13px ${FACE}`,
          fill: new Fill({ color: feature.get("warning") ? "#8f5600" : RED }),
        }),
      }),
    ],
  });
}

/** Show the marks of these problems. */
export function markProblems(layer: VectorLayer<VectorSource>, problems: Problem[]): void {
  const source = layer.getSource()!;
  source.clear();
  problems.forEach((problem, at) => {
    if (!problem.at) return;
    const mark = new Feature(new Point(fromLonLat(problem.at)));
    mark.setProperties({ number: at + 1, warning: problem.warning === true });
    source.addFeature(mark);
  });
}

/** The part of a line that is being drawn. */
export function sketchStyle(): Style[] {
  return [
    new Style({
      stroke: new Stroke({ color: RED, width: 2.5, lineDash: [8, 6] }),
      fill: new Fill({ color: "rgb(211 20 27 / 7%)" }),
      image: new CircleStyle({
        radius: 5,
        fill: new Fill({ color: "#fff" }),
        stroke: new Stroke({ color: RED, width: 2 }),
      }),
    }),
  ];
}

/** A line's own type, for measuring while drawing. */
export type Sketch = Polygon | LineString;
