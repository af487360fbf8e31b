/** Plane geometry of marks, in sheet coordinates. GeoJSON in, GeoJSON out; no OpenLayers. */

import type { Box, Point } from "../drawing/manifest";

export type Ring = Point[];

export type Geometry =
  | { type: "Point"; coordinates: Point }
  | { type: "MultiPoint"; coordinates: Point[] }
  | { type: "LineString"; coordinates: Point[] }
  | { type: "MultiLineString"; coordinates: Point[][] }
  | { type: "Polygon"; coordinates: Ring[] }
  | { type: "MultiPolygon"; coordinates: Ring[][] };

function isPoint(value: unknown): value is Point {
  return Array.isArray(value) && value.length >= 2 && Number.isFinite(value[0]) && Number.isFinite(value[1]);
}

function allPoints(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && (isPoint(value) || value.every((part) => allPoints(part)));
}

const DEPTH: Record<string, number> = { Point: 0, MultiPoint: 1, LineString: 1, MultiLineString: 2, Polygon: 2, MultiPolygon: 3 };

function depthOf(value: unknown): number {
  return Array.isArray(value) && !isPoint(value) ? 1 + depthOf(value[0]) : 0;
}

/** The geometry of a mark, or null for anything that cannot be drawn: what came over the wire is never trusted. */
export function geometryOf(value: unknown): Geometry | null {
  if (typeof value !== "object" || value === null) return null;
  const { type, coordinates } = value as { type?: unknown; coordinates?: unknown };
  if (typeof type !== "string" || !(type in DEPTH) || !allPoints(coordinates)) return null;
  return depthOf(coordinates) === DEPTH[type] ? (value as Geometry) : null;
}

/** Open or closed chains of points: what is drawn as lines. */
export function pathsOf(geometry: Geometry): Point[][] {
  switch (geometry.type) {
    case "Point":
      return [[geometry.coordinates]];
    case "MultiPoint":
      return geometry.coordinates.map((point) => [point]);
    case "LineString":
      return [geometry.coordinates];
    case "MultiLineString":
    case "Polygon":
      return geometry.coordinates;
    case "MultiPolygon":
      return geometry.coordinates.flat();
  }
}

export function boxOf(geometry: Geometry): Box {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of pathsOf(geometry)) {
    for (const [x, y] of path) {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  return box;
}

export function joinBoxes(boxes: readonly Box[]): Box | null {
  if (boxes.length === 0) return null;
  return [
    Math.min(...boxes.map((box) => box[0])),
    Math.min(...boxes.map((box) => box[1])),
    Math.max(...boxes.map((box) => box[2])),
    Math.max(...boxes.map((box) => box[3])),
  ];
}

/** The box with a margin of `share` of its longer side, and at least `least` on each side. */
export function widen(box: Box, share: number, least = 0): Box {
  const margin = Math.max(least, share * Math.max(box[2] - box[0], box[3] - box[1]));
  return [box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin];
}

function mapPoints(geometry: Geometry, change: (point: Point) => Point): Geometry {
  const walk = (value: unknown): unknown => (isPoint(value) ? change(value) : (value as unknown[]).map(walk));
  return { type: geometry.type, coordinates: walk(geometry.coordinates) } as Geometry;
}

export function moveBy(geometry: Geometry, dx: number, dy: number): Geometry {
  return mapPoints(geometry, ([x, y]) => [x + dx, y + dy]);
}

/** Stretches the geometry so that its box becomes `to`; a flat side stays flat. */
export function stretchTo(geometry: Geometry, to: Box): Geometry {
  const from = boxOf(geometry);
  const kx = from[2] > from[0] ? (to[2] - to[0]) / (from[2] - from[0]) : 1;
  const ky = from[3] > from[1] ? (to[3] - to[1]) / (from[3] - from[1]) : 1;
  return mapPoints(geometry, ([x, y]) => [to[0] + (x - from[0]) * kx, to[1] + (y - from[1]) * ky]);
}

export function rectangle(a: Point, b: Point): Geometry {
  const [x0, y0, x1, y1] = [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
  return { type: "Polygon", coordinates: [[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]] };
}

const ELLIPSE_POINTS = 64;

export function ellipse(a: Point, b: Point): Geometry {
  const cx = (a[0] + b[0]) / 2;
  const cy = (a[1] + b[1]) / 2;
  const rx = Math.abs(b[0] - a[0]) / 2;
  const ry = Math.abs(b[1] - a[1]) / 2;
  const ring: Ring = [];
  for (let i = 0; i < ELLIPSE_POINTS; i += 1) {
    const angle = (2 * Math.PI * i) / ELLIPSE_POINTS;
    ring.push([cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)]);
  }
  ring.push([...(ring[0] as Point)]);
  return { type: "Polygon", coordinates: [ring] };
}

export function lengthOf(path: readonly Point[]): number {
  let sum = 0;
  for (let i = 1; i < path.length; i += 1) sum += Math.hypot(path[i]![0] - path[i - 1]![0], path[i]![1] - path[i - 1]![1]);
  return sum;
}

/** Area of a closed ring without regard to direction. */
export function areaOf(ring: readonly Point[]): number {
  let twice = 0;
  const origin = ring[0];
  if (!origin) return 0;
  for (let i = 1; i < ring.length; i += 1) {
    // Relative to the first point: sheet coordinates may be large, and their products would swallow the digits.
    const ax = ring[i - 1]![0] - origin[0];
    const ay = ring[i - 1]![1] - origin[1];
    twice += ax * (ring[i]![1] - origin[1]) - (ring[i]![0] - origin[0]) * ay;
  }
  return Math.abs(twice) / 2;
}

export function distanceToPath(path: readonly Point[], x: number, y: number): number {
  if (path.length === 1) return Math.hypot(path[0]![0] - x, path[0]![1] - y);
  let best = Infinity;
  for (let i = 1; i < path.length; i += 1) {
    const [ax, ay] = path[i - 1]!;
    const dx = path[i]![0] - ax;
    const dy = path[i]![1] - ay;
    const square = dx * dx + dy * dy;
    const t = square > 0 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / square)) : 0;
    best = Math.min(best, Math.hypot(ax + t * dx - x, ay + t * dy - y));
  }
  return best;
}

export function isInside(rings: readonly Ring[], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [xi, yi] = ring[i]!;
      const [xj, yj] = ring[j]!;
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

/** Drops points that lie within `tolerance` of the line between their neighbours (Douglas-Peucker, iterative). */
export function simplify(path: readonly Point[], tolerance: number): Point[] {
  if (path.length < 3) return path.map((point) => [...point]);
  const keep = new Uint8Array(path.length);
  keep[0] = keep[path.length - 1] = 1;
  const open: [number, number][] = [[0, path.length - 1]];
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span;
    let far = -1;
    let most = tolerance;
    for (let i = from + 1; i < to; i += 1) {
      const distance = distanceToPath([path[from]!, path[to]!], path[i]![0], path[i]![1]);
      if (distance > most) {
        most = distance;
        far = i;
      }
    }
    if (far < 0) continue;
    keep[far] = 1;
    open.push([from, far], [far, to]);
  }
  return path.filter((_, i) => keep[i]).map((point) => [...point]);
}

const ARCS_MAX = 240;
const ARC_POINTS = 7;

/**
 * The bumps of a revision cloud along closed rings: every side is cut into chords of about equal length, each a half circle
 * outwards. The size of a bump follows the cloud, not the zoom, so that everybody sees the same cloud.
 */
export function cloudOf(rings: readonly Ring[]): Ring[] {
  return rings.map((ring) => {
    const around = lengthOf(ring);
    const box = boxOf({ type: "LineString", coordinates: ring });
    const small = Math.min(box[2] - box[0], box[3] - box[1]);
    const chord = Math.max(around / ARCS_MAX, Math.min(around / 16, Math.max(small / 4, around / 48)));
    if (!(chord > 0)) return ring;
    const outward = signedArea(ring) >= 0 ? 1 : -1;
    const bumps: Ring = [];
    for (let i = 1; i < ring.length; i += 1) {
      const [ax, ay] = ring[i - 1]!;
      const [bx, by] = ring[i]!;
      const side = Math.hypot(bx - ax, by - ay);
      const count = Math.max(1, Math.round(side / chord));
      for (let n = 0; n < count; n += 1) {
        const sx = ax + ((bx - ax) * n) / count;
        const sy = ay + ((by - ay) * n) / count;
        const ex = ax + ((bx - ax) * (n + 1)) / count;
        const ey = ay + ((by - ay) * (n + 1)) / count;
        const mx = (sx + ex) / 2;
        const my = (sy + ey) / 2;
        const radius = Math.hypot(ex - sx, ey - sy) / 2;
        const from = Math.atan2(sy - my, sx - mx);
        for (let step = 0; step < ARC_POINTS; step += 1) {
          const angle = from + (outward * Math.PI * step) / ARC_POINTS;
          bumps.push([mx + radius * Math.cos(angle), my + radius * Math.sin(angle)]);
        }
      }
    }
    if (bumps.length > 0) bumps.push([...bumps[0]!]);
    return bumps;
  });
}

function signedArea(ring: Ring): number {
  let twice = 0;
  const [ox, oy] = ring[0] ?? [0, 0];
  for (let i = 1; i < ring.length; i += 1) {
    twice += (ring[i - 1]![0] - ox) * (ring[i]![1] - oy) - (ring[i]![0] - ox) * (ring[i - 1]![1] - oy);
  }
  return twice / 2;
}

/** The two strokes of an arrow head at the end of a path; `size` in drawing units. */
export function arrowHead(path: readonly Point[], size: number): Point[] {
  const tip = path.at(-1);
  if (!tip) return [];
  let from = path.at(-2) ?? tip;
  for (let i = path.length - 2; i >= 0 && Math.hypot(tip[0] - from[0], tip[1] - from[1]) < size * 0.3; i -= 1) from = path[i]!;
  const angle = Math.atan2(tip[1] - from[1], tip[0] - from[0]);
  const wing = (turn: number): Point => [tip[0] - size * Math.cos(angle + turn), tip[1] - size * Math.sin(angle + turn)];
  return [wing(0.42), [...tip], wing(-0.42)];
}
