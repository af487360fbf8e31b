/** The grips of a selected mark and what dragging one does. Pure. */

import type { Box, Point } from "../drawing/manifest";
import { boxOf, stretchTo, type Geometry } from "./geometry";

export type Handle =
  | { kind: "corner"; at: Point; x: 0 | 2; y: 1 | 3 }
  | { kind: "vertex"; at: Point; path: number; index: number }
  | { kind: "middle"; at: Point; path: number; index: number };

const VERTICES_MAX = 120;
const BOX_TOOLS: ReadonlySet<string> = new Set(["cloud", "rect", "ellipse"]);

/** Tools whose marks are stretched by four corners rather than vertex by vertex. */
export function isBoxTool(tool: unknown, geometry: Geometry): boolean {
  return typeof tool === "string" && BOX_TOOLS.has(tool) && geometry.type === "Polygon";
}

export function handlesOf(tool: unknown, geometry: Geometry): Handle[] {
  if (isBoxTool(tool, geometry)) {
    const box = boxOf(geometry);
    const corners: [0 | 2, 1 | 3][] = [[0, 1], [2, 1], [2, 3], [0, 3]];
    return corners.map(([x, y]) => ({ kind: "corner", at: [box[x], box[y]], x, y }));
  }
  const paths = geometry.type === "LineString" ? [geometry.coordinates] : geometry.type === "Polygon" ? geometry.coordinates : [];
  if (tool === "freehand" || paths.reduce((sum, path) => sum + path.length, 0) > VERTICES_MAX) return [];
  const handles: Handle[] = [];
  const closed = geometry.type === "Polygon";
  paths.forEach((path, number) => {
    const last = closed ? path.length - 1 : path.length;
    for (let index = 0; index < last; index += 1) handles.push({ kind: "vertex", at: path[index]!, path: number, index });
    if (tool === "arrow") return;
    for (let index = 0; index < path.length - 1; index += 1) {
      const [a, b] = [path[index]!, path[index + 1]!];
      handles.push({ kind: "middle", at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], path: number, index });
    }
  });
  return handles;
}

/** The geometry after `handle` was dragged to `to`; a middle becomes a new vertex. */
export function dragHandle(geometry: Geometry, handle: Handle, to: Point): Geometry {
  if (handle.kind === "corner") {
    const box: Box = [...boxOf(geometry)];
    box[handle.x] = to[0];
    box[handle.y] = to[1];
    const flat: Box = [Math.min(box[0], box[2]), Math.min(box[1], box[3]), Math.max(box[0], box[2]), Math.max(box[1], box[3])];
    return flat[2] > flat[0] && flat[3] > flat[1] ? stretchTo(geometry, flat) : geometry;
  }
  if (geometry.type !== "LineString" && geometry.type !== "Polygon") return geometry;
  const paths = (geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates).map((path) => path.map((point): Point => [...point]));
  const path = paths[handle.path];
  if (!path) return geometry;
  if (handle.kind === "middle") path.splice(handle.index + 1, 0, [...to]);
  else {
    path[handle.index] = [...to];
    if (geometry.type === "Polygon" && handle.index === 0) path[path.length - 1] = [...to];
  }
  return geometry.type === "LineString" ? { type: "LineString", coordinates: path } : { type: "Polygon", coordinates: paths };
}

/** The geometry without a vertex, or null when too few would be left. */
export function dropVertex(geometry: Geometry, handle: Handle): Geometry | null {
  if (handle.kind !== "vertex" || (geometry.type !== "LineString" && geometry.type !== "Polygon")) return null;
  const paths = (geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates).map((path) => path.map((point): Point => [...point]));
  const path = paths[handle.path];
  if (!path || path.length <= (geometry.type === "Polygon" ? 4 : 2)) return null;
  path.splice(handle.index, 1);
  if (geometry.type === "Polygon" && handle.index === 0) path[path.length - 1] = [...path[0]!];
  return geometry.type === "LineString" ? { type: "LineString", coordinates: path } : { type: "Polygon", coordinates: paths };
}

/** The grip under the pointer; one in the middle of an edge must be met more exactly. */
export function handleAt(tool: string, geometry: Geometry, at: Point, reach: number): Handle | null {
  let best: Handle | null = null;
  let distance = reach;
  for (const handle of handlesOf(tool, geometry)) {
    const d = Math.hypot(handle.at[0] - at[0], handle.at[1] - at[1]) * (handle.kind === "middle" ? 1.5 : 1);
    if (d < distance) {
      distance = d;
      best = handle;
    }
  }
  return best;
}
