/** How marks look: geometry cached per version, styles by department, state and selection. */

import OlFeature from "ol/Feature";
import OlLineString from "ol/geom/LineString";
import OlMultiLineString from "ol/geom/MultiLineString";
import OlMultiPoint from "ol/geom/MultiPoint";
import OlPoint from "ol/geom/Point";
import OlPolygon from "ol/geom/Polygon";
import type OlGeometry from "ol/geom/Geometry";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import type { Box, Point } from "../drawing/manifest";
import { FACE } from "../map/letters";
import type { Mark } from "../realtime/marks";
import { t } from "../site/language";
import { arrowHead, boxOf, cloudOf, geometryOf, pathsOf, type Geometry } from "./geometry";
import type { Target } from "./hit";
import { measureText, type Scale } from "./scale";

const TEXT_FONT = `500 14px ${FACE}`;
const BADGE_FONT = `600 11px ${FACE}`;
const LINE_PX = 20;
const WRAP = 22;
const ARROW_PX = 15;

export interface Ink {
  color: string;
  ink: string;
  badge: string;
}

/** How a mark stands at the moment: what the styles need besides the mark itself. */
export interface Standing {
  selected: boolean;
  hovered: boolean;
  /** Colour of a person elsewhere who has it selected. */
  held: string | null;
  /** True when it waits for the server longer than a moment. */
  waiting: boolean;
  /** Number of the opinion that cites it. */
  opinion: number | null;
  dark: boolean;
}

/** A mark that can be drawn: geometry checked, pieces prepared once. */
export interface MarkView {
  mark: Mark;
  geometry: Geometry;
  tool: string;
  text: string;
  box: Box;
  feature: OlFeature<OlGeometry>;
  /** Pixel size of the text of a text, stamp or measure mark. */
  label: { lines: string[]; width: number; height: number } | null;
  anchor: Point;
  waitingSince: number;
}

const pen = document.createElement("canvas").getContext("2d");

/** Breaks a text at its own line ends and after `WRAP` wide characters. */
export function wrapText(text: string, most = WRAP): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    let width = 0;
    for (const char of paragraph) {
      const wide = (char.codePointAt(0) ?? 0) > 0x2e7f ? 1 : 0.55;
      if (width + wide > most && line !== "") {
        lines.push(line);
        line = "";
        width = 0;
      }
      line += char;
      width += wide;
    }
    lines.push(line);
  }
  return lines.slice(0, 12);
}

/** "12 处", with what is counted when it was said. */
function countText(geometry: Geometry, what: string): string {
  const n = geometry.type === "MultiPoint" ? geometry.coordinates.length : 1;
  const places = t("{n} 处", "{n} {n|place|places}", { n });
  return what === "" ? places : `${what} · ${places}`;
}

function olGeometry(geometry: Geometry): OlGeometry {
  switch (geometry.type) {
    case "Point":
      return new OlPoint(geometry.coordinates);
    case "MultiPoint":
      return new OlMultiPoint(geometry.coordinates);
    case "LineString":
      return new OlLineString(geometry.coordinates);
    case "MultiLineString":
      return new OlMultiLineString(geometry.coordinates);
    case "Polygon":
      return new OlPolygon(geometry.coordinates);
    case "MultiPolygon":
      return new OlMultiLineString(geometry.coordinates.flat());
  }
}

function anchorOf(tool: string, geometry: Geometry, box: Box): Point {
  if (tool === "arrow" || tool === "line" || tool === "freehand") return pathsOf(geometry)[0]?.[0] ?? [box[0], box[3]];
  if (geometry.type === "Point") return geometry.coordinates;
  if (geometry.type === "MultiPoint") return geometry.coordinates[0] ?? [box[0], box[3]];
  return [box[0], box[3]];
}

/** Prepares a mark for the screen; null when it holds nothing that can be drawn. */
export function viewOf(mark: Mark, scale: Scale): MarkView | null {
  const geometry = geometryOf(mark.p["geom"]);
  if (!geometry) return null;
  const tool = typeof mark.p["tool"] === "string" ? mark.p["tool"] : "";
  const own = typeof mark.p["scale"] === "number" ? mark.p["scale"] : scale;
  const text = typeof mark.p["text"] === "string" ? mark.p["text"] : "";
  const box = boxOf(geometry);
  const words = tool === "measure" ? measureText(geometry, own) : tool === "count" ? countText(geometry, text) : tool === "text" || tool === "stamp" ? text : "";
  let label: MarkView["label"] = null;
  if (words !== "" && pen) {
    const lines = wrapText(words);
    pen.font = TEXT_FONT;
    const width = Math.max(...lines.map((line) => pen.measureText(line).width)) + 12;
    label = { lines, width, height: lines.length * LINE_PX + 6 };
  }
  const feature = new OlFeature(olGeometry(geometry));
  feature.setId(mark.obj);
  return { mark, geometry, tool, text, box, feature, label, anchor: anchorOf(tool, geometry, box), waitingSince: 0 };
}

const AREAS: ReadonlySet<string> = new Set(["cloud", "polygon", "rect", "ellipse"]);

/** The mark as something to click on at this zoom. */
export function targetOf(view: MarkView, resolution: number): Target {
  let label: Box | null = null;
  if (view.label && view.tool !== "measure") {
    const [x, y] = view.anchor;
    label = [x, y - view.label.height * resolution, x + view.label.width * resolution, y];
  }
  return { obj: view.mark.obj, geometry: view.geometry, label, area: AREAS.has(view.tool) };
}

const clouds = new WeakMap<Geometry, OlPolygon>();

function cloudGeometry(geometry: Geometry): OlGeometry | null {
  if (geometry.type !== "Polygon") return null;
  let cloud = clouds.get(geometry);
  if (!cloud) {
    cloud = new OlPolygon(cloudOf(geometry.coordinates));
    clouds.set(geometry, cloud);
  }
  return cloud;
}

function alpha(hex: string, share: number): string {
  const value = Number.parseInt(hex.slice(1), 16);
  return `rgba(${(value >> 16) & 255}, ${(value >> 8) & 255}, ${value & 255}, ${share})`;
}

/** Styles of a mark; `resolution` in drawing units per pixel. */
export function stylesOf(view: MarkView, ink: Ink, standing: Standing, resolution: number): Style[] {
  const { mark, tool, geometry } = view;
  const style = (mark.p["style"] ?? {}) as { color?: unknown; width?: unknown; opacity?: unknown };
  const color = typeof style.color === "string" && /^#[0-9a-f]{6}$/i.test(style.color) ? style.color : ink.color;
  const width = typeof style.width === "number" ? Math.max(0.5, Math.min(24, style.width)) : 2;
  const share = (typeof style.opacity === "number" ? Math.max(0.1, Math.min(1, style.opacity)) : 1) * (mark.resolved && !standing.selected ? 0.4 : 1);
  const lit = standing.selected || standing.hovered;
  const shape = (tool === "cloud" && cloudGeometry(geometry)) || view.feature.getGeometry()!;
  const styles: Style[] = [];
  const z = standing.selected ? 20 : standing.hovered ? 15 : 10;
  const stroke = (over: string, px: number, dash?: number[]): Stroke =>
    new Stroke({ color: over, width: px, lineCap: "round", lineJoin: "round", ...(dash ? { lineDash: dash } : {}) });

  if (standing.held && !standing.selected) {
    styles.push(new Style({ geometry: shape, stroke: stroke(alpha(standing.held, 0.45), width + 8), zIndex: z - 2 }));
  }
  // A thin rim in the paper's tone keeps every department's colour apart from the lines of the drawing.
  const rim = standing.dark ? "rgba(10, 14, 18, 0.75)" : "rgba(255, 255, 255, 0.85)";
  if (geometry.type !== "Point" && geometry.type !== "MultiPoint") {
    styles.push(new Style({ geometry: shape, stroke: stroke(lit ? alpha(color, 0.35) : rim, width + (lit ? 7 : 3)), zIndex: z - 1 }));
    styles.push(
      new Style({
        geometry: shape,
        stroke: stroke(alpha(color, share), lit ? width + 0.5 : width, standing.waiting ? [7, 6] : undefined),
        ...(AREAS.has(tool) ? { fill: new Fill({ color: alpha(color, lit ? 0.14 : 0.06) }) } : {}),
        zIndex: z,
      }),
    );
  }
  if (tool === "arrow" && geometry.type === "LineString") {
    const head = new OlLineString(arrowHead(geometry.coordinates, (ARROW_PX + 2 * width) * resolution));
    styles.push(new Style({ geometry: head, stroke: stroke(alpha(color, share), width + 0.5), zIndex: z }));
  }
  if (tool === "measure" && geometry.type !== "Point") {
    const ends = new OlMultiPoint(pathsOf(geometry).flat());
    styles.push(new Style({ geometry: ends, image: new CircleStyle({ radius: 3, fill: new Fill({ color }) }), zIndex: z }));
  }
  if (tool === "count") {
    styles.push(new Style({ image: new CircleStyle({ radius: 9, fill: new Fill({ color: alpha(color, share) }), stroke: stroke(rim, 1.5) }), zIndex: z }));
  }
  if (view.label) styles.push(labelStyle(view, color, share, standing, z));
  // A measure says its department by colour; a badge beside the number would hide what was measured.
  const plain = tool === "measure" && standing.opinion === null && mark.thread.length === 0 && !mark.resolved;
  if (!plain) styles.push(badgeStyle(view, color, ink, share, standing, z));
  return styles;
}

function labelStyle(view: MarkView, color: string, share: number, standing: Standing, z: number): Style {
  const label = view.label!;
  const measuring = view.tool === "measure";
  const paths = pathsOf(view.geometry);
  const path = paths[0] ?? [];
  const middle = measuring
    ? view.geometry.type === "Polygon"
      ? ([(view.box[0] + view.box[2]) / 2, (view.box[1] + view.box[3]) / 2] as Point)
      : path.length === 2
        ? ([(path[0]![0] + path[1]![0]) / 2, (path[0]![1] + path[1]![1]) / 2] as Point)
        : (path.at(-1) ?? view.anchor)
    : view.anchor;
  const stamp = view.tool === "stamp";
  return new Style({
    geometry: new OlPoint(middle),
    text: new Text({
      text: label.lines.join("\n"),
      font: TEXT_FONT,
      textAlign: measuring ? "center" : "left",
      justify: "left",
      textBaseline: measuring ? "middle" : "top",
      offsetX: measuring ? 0 : view.tool === "count" ? 20 : 6,
      offsetY: measuring ? -14 : view.tool === "count" ? -8 : 4,
      fill: new Fill({ color: stamp ? alpha(color, share) : standing.dark ? `rgba(240, 244, 248, ${share})` : `rgba(20, 30, 40, ${share})` }),
      backgroundFill: new Fill({ color: standing.dark ? "rgba(18, 24, 31, 0.88)" : "rgba(255, 255, 255, 0.92)" }),
      backgroundStroke: new Stroke({ color: alpha(color, standing.selected || standing.hovered ? 1 : share * 0.85), width: standing.selected ? 2.5 : stamp ? 2 : 1.25 }),
      padding: [4, 6, 3, 6],
      overflow: true,
    }),
    zIndex: z + 1,
  });
}

function badgeStyle(view: MarkView, color: string, ink: Ink, share: number, standing: Standing, z: number): Style {
  const { mark } = view;
  const words = [ink.badge];
  if (standing.opinion !== null) words.push(`#${standing.opinion}`);
  if (mark.resolved) words.push("✓");
  else if (mark.thread.length > 0) words.push(`·${mark.thread.length}`);
  return new Style({
    geometry: new OlPoint(view.anchor),
    text: new Text({
      text: words.join(" "),
      font: BADGE_FONT,
      textAlign: "left",
      textBaseline: "bottom",
      offsetX: view.label && view.tool !== "measure" ? 3 : 2,
      offsetY: view.tool === "count" ? -12 : view.label && view.tool !== "measure" ? -3 : -5,
      fill: new Fill({ color: ink.ink }),
      backgroundFill: new Fill({ color: alpha(color, Math.max(share, 0.55)) }),
      backgroundStroke: new Stroke({ color: standing.dark ? "rgba(10,14,18,.8)" : "rgba(255,255,255,.9)", width: 1 }),
      padding: [2, 3, 1, 4],
      overflow: true,
    }),
    zIndex: z + 2,
  });
}
