/** How the unfinished shape, the grips of a selected mark, the snap sign and the selection frame look. */

import type OlFeature from "ol/Feature";
import type { FeatureLike } from "ol/Feature";
import OlMultiPoint from "ol/geom/MultiPoint";
import OlLineString from "ol/geom/LineString";
import OlPoint from "ol/geom/Point";
import OlPolygon from "ol/geom/Polygon";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import RegularShape from "ol/style/RegularShape";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import type { Point } from "../../drawing/manifest";
import { FACE } from "../../map/letters";
import { arrowHead, cloudOf, type Geometry } from "../geometry";

const SNAP = "#ffb020";
const WHITE = new Fill({ color: "#ffffff" });

const frame = new Style({ stroke: new Stroke({ color: "#8fb9f7", width: 1, lineDash: [5, 4] }), fill: new Fill({ color: "rgba(143, 185, 247, 0.12)" }) });

const snapSigns: Record<string, Style> = {
  end: new Style({ image: new RegularShape({ points: 4, radius: 8, angle: Math.PI / 4, stroke: new Stroke({ color: SNAP, width: 2 }) }) }),
  middle: new Style({ image: new RegularShape({ points: 3, radius: 8, stroke: new Stroke({ color: SNAP, width: 2 }) }) }),
  cross: new Style({ image: new RegularShape({ points: 4, radius: 9, radius2: 0, angle: Math.PI / 4, stroke: new Stroke({ color: SNAP, width: 2 }) }) }),
  on: new Style({ image: new CircleStyle({ radius: 5, stroke: new Stroke({ color: SNAP, width: 2 }) }) }),
};

/** Under the crosshair, so that it is seen on every ink. */
const aimOver = new Style({ image: new RegularShape({ points: 4, radius: 17, radius2: 0, stroke: new Stroke({ color: "#ffffff", width: 5 }) }) });

export function sketchStyle(color: () => string): (feature: FeatureLike, resolution: number) => Style[] {
  return (feature, resolution) => {
    const role: unknown = feature.get("role");
    if (role === "frame") return [frame];
    if (role === "snap") return [snapSigns[String(feature.get("kind"))] ?? snapSigns["on"]!];
    const own = color();
    if (role === "aim") return [aimOver, new Style({ image: new RegularShape({ points: 4, radius: 15, radius2: 0, stroke: new Stroke({ color: own, width: 2 }) }) })];
    if (role === "handle") {
      const small = feature.get("kind") === "middle";
      return [new Style({ image: new CircleStyle({ radius: small ? 3.5 : 5.5, fill: WHITE, stroke: new Stroke({ color: own, width: small ? 1.5 : 2.5 }) }) })];
    }
    return shapeStyles(feature as OlFeature, own, resolution);
  };
}

function shapeStyles(feature: OlFeature, color: string, resolution: number): Style[] {
  const shape = feature.get("shape") as Geometry;
  const tool: unknown = feature.get("tool");
  const label: unknown = feature.get("label");
  const stroke = new Stroke({ color, width: 2, lineCap: "round", lineJoin: "round" });
  const styles: Style[] = [];
  if (tool === "cloud" && shape.type === "Polygon") styles.push(new Style({ geometry: new OlPolygon(cloudOf(shape.coordinates)), stroke, fill: new Fill({ color: `${color}18` }) }));
  else if (shape.type === "Point") styles.push(new Style({ image: new CircleStyle({ radius: 5, fill: new Fill({ color }) }) }));
  else styles.push(new Style({ stroke, ...(shape.type === "Polygon" ? { fill: new Fill({ color: `${color}18` }) } : {}) }));
  if (tool === "arrow" && shape.type === "LineString") styles.push(new Style({ geometry: new OlLineString(arrowHead(shape.coordinates, 19 * resolution)), stroke }));
  if (typeof label === "string" && label !== "" && shape.type !== "Point") {
    const path = (shape.type === "Polygon" ? shape.coordinates[0] : shape.type === "LineString" ? shape.coordinates : []) as Point[];
    if (tool === "measure") styles.push(new Style({ geometry: new OlMultiPoint(path), image: new CircleStyle({ radius: 3, fill: new Fill({ color }) }) }));
    const last = path.at(shape.type === "Polygon" ? -2 : -1);
    if (last) {
      styles.push(
        new Style({
          geometry: new OlPoint(last),
          text: new Text({
            text: label,
            font: `600 13px ${FACE}`,
            textAlign: "left",
            offsetX: 14,
            offsetY: -14,
            fill: new Fill({ color: "#ffffff" }),
            backgroundFill: new Fill({ color: "rgba(18, 24, 31, 0.92)" }),
            padding: [4, 7, 3, 7],
            overflow: true,
          }),
        }),
      );
    }
  }
  return styles;
}
