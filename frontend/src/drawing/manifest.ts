/** The prepared sheet as docs/drawing-format.md describes it: `manifest.json`, `fidelity.json`, `text.json`. */

export type Box = [number, number, number, number];
export type Point = [number, number];
export type Paper = "dark" | "light";

export interface LayerRecord {
  id: number;
  name: string;
  color: string;
  adaptive: boolean;
  on: boolean;
  frozen: boolean;
  locked: boolean;
  plot: boolean;
  entities: number;
}

/** A layer state that the author saved (LAYERSTATE): by layer names; layers it does not name stay as they are. */
export interface LayerStateRecord {
  name: string;
  shown: string[];
  hidden: string[];
}

/** Where north is: degrees clockwise from the top of the sheet. */
export interface NorthRecord {
  angle: number;
  source: "geodata" | "arrow";
}

export interface ChunkRecord {
  file: string;
  kind: "fill" | "line";
  role: "draw" | "snap";
  level: number;
  bbox: Box;
  origin: Point;
  vertices: number;
  prims: number;
  bytes: number;
}

export interface ImageRecord {
  file: string;
  corners: [Point, Point, Point, Point];
  entity: number;
  level: number;
}

export interface TileLevel {
  z: number;
  width: number;
  height: number;
  cols: number;
  rows: number;
}

export interface TilePyramid {
  size: number;
  levels: TileLevel[];
  bbox: Box;
  template: string;
}

export interface Overview {
  file: string;
  dark: string | null;
  width: number;
  height: number;
  bbox: Box;
}

export interface Viewport {
  id: string;
  rect: Box;
  clip: Point[] | null;
  matrix: [number, number, number, number, number, number];
  scale: number;
  frozen: string[];
}

export interface Manifest {
  v: number;
  name: string;
  number: string | null;
  kind: "model" | "layout" | "page";
  format: "dwg" | "dxf" | "pdf";
  units: { name: string; metres_per_unit: number | null; source: "header" | "unitless" | "paper" };
  bbox: Box;
  fit: Box;
  paper: Paper;
  layers: LayerRecord[];
  /** Absent in preparations of before. */
  layer_states?: LayerStateRecord[];
  north?: NorthRecord | null;
  types: string[];
  fonts: string[];
  chunks: ChunkRecord[];
  entities: { file: string; count: number } | null;
  texts: { file: string; count: number } | null;
  images: ImageRecord[];
  overview: Overview | null;
  tiles: TilePyramid | null;
  viewports: Viewport[];
  fidelity: string;
  bytes: number;
}

export interface TextRecord {
  e?: number;
  x: number;
  y: number;
  h: number;
  w: number;
  s: string;
  rot?: number;
  ob?: number;
  mx?: number;
  f?: number;
  lv?: number;
  hide?: number;
  p?: number;
  dec?: string;
}

export interface Fidelity {
  v: number;
  reader: string;
  entities: Record<string, number>;
  shown: Record<string, number>;
  not_shown: { type: string; count: number; reason: string; zh: string; en: string; handles: string[] }[];
  hidden: { type: string; count: number; reason: string }[];
  fonts: { used: string[]; substituted: Record<string, string>; missing: string[]; uses: Record<string, number> } | null;
  missing: { kind: string; name: string; count: number }[];
  warnings: { code: string; zh: string; en: string }[];
  verdict: "ok" | "warn";
}

/** A prepared sheet that cannot be used; `what` names the file. */
export class DrawingError extends Error {
  readonly what: string;

  constructor(what: string, why: string) {
    super(`${what}: ${why}`);
    this.name = "DrawingError";
    this.what = what;
  }
}

function isBox(value: unknown): value is Box {
  return Array.isArray(value) && value.length === 4 && value.every((n) => typeof n === "number" && Number.isFinite(n));
}

/** Checks what the viewer relies on; a version it does not know is refused rather than drawn wrongly. */
export function checkManifest(value: unknown): Manifest {
  const manifest = value as Manifest;
  if (typeof value !== "object" || value === null || manifest.v !== 1) throw new DrawingError("manifest.json", "version");
  if (!isBox(manifest.bbox) || !isBox(manifest.fit)) throw new DrawingError("manifest.json", "bbox");
  if (!Array.isArray(manifest.chunks) || !Array.isArray(manifest.layers)) throw new DrawingError("manifest.json", "lists");
  return manifest;
}

export function meets(a: Box, b: Box): boolean {
  return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
}
