/** The district's own base map (底图): GeoJSON served by us, drawn calmly so that the site boundary stands out. */

import type Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import type Geometry from "ol/geom/Geometry";
import VectorLayer from "ol/layer/Vector";
import { transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style, { type StyleFunction } from "ol/style/Style";
import Text from "ol/style/Text";
import { english } from "../site/language";
import { ask } from "../site/requests";
import { FACE } from "./letters";

/** What `/basemap/` answers. */
export interface BaseMap {
  name: string;
  epsg: number;
  /** West, south, east, north in degrees. */
  bounds: [number, number, number, number];
  layers: { name: string; url: string }[];
}

/** The layers on the map, and those whose edges a site boundary may snap to. */
export interface DrawnBaseMap {
  about: BaseMap;
  layers: VectorLayer<VectorSource>[];
  parcels: VectorSource | null;
  extent: number[];
}

const LIGHT = {
  ground: "#f4f2ec",
  industry: "#ecebf3",
  living: "#f6f1e6",
  business: "#f5ece9",
  old_town: "#f2eadb",
  logistics: "#ededea",
  fields: "#f1f3e4",
  park: "#dcebd0",
  forest: "#d5e6c8",
  field: "#eaefd9",
  water: "#bcd9ee",
  shore: "#9cc3df",
  parcel: "#d8cdbb",
  house: "#ddd5c8",
  houseEdge: "#cbc1b1",
  contour: "#b9a98a",
  road: "#ffffff",
  casing: "#cfc8bc",
  trunk: "#fbe7b5",
  trunkCasing: "#dfc27e",
  rail: "#8b8b8b",
  text: "#4d5560",
  quiet: "#8a8171",
  waterText: "#3f7fa8",
  halo: "rgb(255 255 255 / 88%)",
};

const DARK: typeof LIGHT = {
  ground: "#19222b",
  industry: "#1d2633",
  living: "#1e262c",
  business: "#232730",
  old_town: "#26282a",
  logistics: "#1d242b",
  fields: "#1b2825",
  park: "#1d3128",
  forest: "#1b3226",
  field: "#1d2b26",
  water: "#1c3a50",
  shore: "#2b5470",
  parcel: "#34414c",
  house: "#2b3641",
  houseEdge: "#3a4753",
  contour: "#4c5a4f",
  road: "#3a4753",
  casing: "#141b22",
  trunk: "#5c5236",
  trunkCasing: "#2a2618",
  rail: "#7d868f",
  text: "#c3ccd5",
  quiet: "#8b98a4",
  waterText: "#7fb4d6",
  halo: "rgb(16 23 30 / 85%)",
};

function isDark(element: Element): boolean {
  return getComputedStyle(element).colorScheme === "dark" || (
    getComputedStyle(element).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches
  );
}

function nameOf(feature: { get(key: string): unknown }): string {
  return String(feature.get(english ? "name_en" : "name_zh") ?? "");
}

/** Metres a pixel shows near the district; display resolution is in Web Mercator metres. */
function styleFor(layer: string, colours: typeof LIGHT): StyleFunction {
  const fill = (color: string): Fill => new Fill({ color });
  const line = (color: string, width: number, dash?: number[]): Stroke =>
    new Stroke(dash ? { color, width, lineDash: dash } : { color, width, lineCap: "round", lineJoin: "round" });
  const text = (words: string, size: number, color: string, more: object = {}): Text =>
    new Text({ text: words, font: `${size}px ${FACE}`, fill: fill(color), stroke: line(colours.halo, 3), ...more });
  const byKind = (kind: unknown): string => (colours as Record<string, string>)[String(kind)] ?? colours.ground;
  switch (layer) {
    case "district":
      return () => new Style({ fill: fill(colours.ground) });
    case "areas":
    case "green":
      return (feature) =>
        new Style({
          fill: fill(byKind(feature.get("kind"))),
          ...(feature.get("kind") === "field" ? { stroke: line(colours.parcel, 0.5) } : {}),
        });
    case "hills":
      return (feature) => new Style({ stroke: line(colours.contour, feature.get("index") ? 1.4 : 0.7) });
    case "water":
      return () => new Style({ fill: fill(colours.water), stroke: line(colours.shore, 1) });
    case "parcels":
      return (feature, resolution) => {
        const style = new Style({ stroke: line(colours.parcel, resolution < 6 ? 0.9 : 0.5), fill: fill("rgb(0 0 0 / 0%)") });
        if (resolution < 2.2) style.setText(text(String(feature.get("number")), 11, colours.quiet, { overflow: false }));
        return style;
      };
    case "buildings":
      return (_feature, resolution) =>
        resolution < 8 ? new Style({ fill: fill(colours.house), stroke: line(colours.houseEdge, 0.6) }) : [];
    case "railway":
      return () => [
        new Style({ stroke: line(colours.rail, 3) }),
        new Style({ stroke: new Stroke({ color: colours.ground, width: 1.6, lineDash: [9, 9], lineCap: "butt" }) }),
      ];
    case "roads":
      return (feature, resolution) => roadStyle(feature, resolution, colours, line, text);
    case "places":
      return (feature) => {
        const kind = String(feature.get("kind"));
        const color = kind === "water" ? colours.waterText : kind === "summit" ? colours.quiet : colours.text;
        const area = ["industry", "living", "business", "old_town", "logistics"].includes(kind);
        return new Style({ text: text(nameOf(feature), area ? 14 : 12, color), zIndex: area ? 2 : 1 });
      };
    default:
      return () => new Style({ stroke: line(colours.casing, 1) });
  }
}

function roadStyle(
  feature: { get(key: string): unknown },
  resolution: number,
  colours: typeof LIGHT,
  line: (color: string, width: number) => Stroke,
  text: (words: string, size: number, color: string, more?: object) => Text,
): Style[] {
  const kind = String(feature.get("kind"));
  const metres = { trunk: 40, main: 27, street: 14, lane: 6 }[kind] ?? 10;
  const least = { trunk: 4, main: 2.6, street: 1, lane: 0.5 }[kind] ?? 1;
  const width = Math.max(least, metres / (resolution * 0.776));
  if (kind === "lane" && resolution > 10) return [];
  const rank = { lane: 1, street: 2, main: 3, trunk: 4 }[kind] ?? 1;
  const styles = [
    new Style({ stroke: line(kind === "trunk" ? colours.trunkCasing : colours.casing, width + 1.4), zIndex: rank }),
    new Style({ stroke: line(kind === "trunk" ? colours.trunk : colours.road, width), zIndex: rank + 10 }),
  ];
  const name = nameOf(feature);
  if (name && resolution < (kind === "trunk" ? 16 : 10))
    styles.push(
      new Style({
        text: text(name, kind === "trunk" ? 12 : 11, colours.text, { placement: "line", repeat: 420, maxAngle: Math.PI / 6 }),
        zIndex: 30,
      }),
    );
  return styles;
}

/** Fetch and draw the base map; `element` decides light or dark. Labels are redrawn once their face has come. */
export async function loadBaseMap(url: string, element: Element): Promise<DrawnBaseMap> {
  const about = await ask<BaseMap>(url);
  const colours = isDark(element) ? DARK : LIGHT;
  const format = new GeoJSON({ featureProjection: "EPSG:3857", dataProjection: "EPSG:4326" });
  let parcels: VectorSource | null = null;
  const layers = await Promise.all(
    about.layers.map(async ({ name, url: address }, at) => {
      const features = format.readFeatures(await ask<object>(address)) as Feature<Geometry>[];
      const source = new VectorSource({ features, overlaps: name !== "parcels" });
      if (name === "parcels") parcels = source;
      return new VectorLayer({
        source,
        style: styleFor(name, colours),
        zIndex: at - 100,
        declutter: ["places", "roads", "parcels"].includes(name) ? name : false,
        updateWhileInteracting: false,
        properties: { name },
      });
    }),
  );
  // On paper the map is light, whatever the screen is.
  const paint = (palette: typeof LIGHT): void =>
    layers.forEach((layer) => layer.setStyle(styleFor(String(layer.get("name")), palette)));
  if (colours !== LIGHT) {
    window.addEventListener("beforeprint", () => paint(LIGHT));
    window.addEventListener("afterprint", () => paint(colours));
  }
  void import("../styles/fonts.css").then(() => layers.forEach((layer) => layer.changed()));
  return { about, layers, parcels, extent: transformExtent(about.bounds, "EPSG:4326", "EPSG:3857") };
}
