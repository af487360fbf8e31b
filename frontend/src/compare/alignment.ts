/**
 * How two sheets lie over each other: old = a · new + b in complex numbers, which is turn, scale and shift. Two pairs of
 * points fix it. A similarity takes a view to a view, so nothing of the drawing itself is ever changed.
 */

import type { Box, Point } from "../drawing/manifest";

export interface Alignment {
  /** Real and imaginary part of a: scale times turn. */
  a: Point;
  b: Point;
}

export const SAME: Alignment = { a: [1, 0], b: [0, 0] };

export interface Place {
  center: Point;
  resolution: number;
  rotation: number;
}

function times(p: Point, q: Point): Point {
  return [p[0] * q[0] - p[1] * q[1], p[0] * q[1] + p[1] * q[0]];
}

function over(p: Point, q: Point): Point {
  const square = q[0] * q[0] + q[1] * q[1];
  return [(p[0] * q[0] + p[1] * q[1]) / square, (p[1] * q[0] - p[0] * q[1]) / square];
}

/** From two points on the new sheet and where they are on the old one; null when the points of a sheet are one. */
export function fromPoints(newOnes: [Point, Point], oldOnes: [Point, Point]): Alignment | null {
  const across: Point = [newOnes[1][0] - newOnes[0][0], newOnes[1][1] - newOnes[0][1]];
  const there: Point = [oldOnes[1][0] - oldOnes[0][0], oldOnes[1][1] - oldOnes[0][1]];
  if (Math.hypot(...across) === 0 || Math.hypot(...there) === 0) return null;
  const a = over(there, across);
  const [x, y] = times(a, newOnes[0]);
  return { a, b: [oldOnes[0][0] - x, oldOnes[0][1] - y] };
}

/** Lays the middle of one box on the other, at the scale that makes them equally large: for sheets that have nothing in common. */
export function fromBoxes(newBox: Box, oldBox: Box): Alignment {
  const size = (box: Box): number => Math.hypot(box[2] - box[0], box[3] - box[1]);
  const k = size(oldBox) / Math.max(size(newBox), 1e-12);
  const middle = (box: Box): Point => [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  const [nx, ny] = middle(newBox);
  const [ox, oy] = middle(oldBox);
  return { a: [k, 0], b: [ox - k * nx, oy - k * ny] };
}

export function toOld(alignment: Alignment, at: Point): Point {
  const [x, y] = times(alignment.a, at);
  return [x + alignment.b[0], y + alignment.b[1]];
}

export function toNew(alignment: Alignment, at: Point): Point {
  return over([at[0] - alignment.b[0], at[1] - alignment.b[1]], alignment.a);
}

/** The view of the old sheet that shows what a view of the new one shows. */
export function viewOfOld(alignment: Alignment, view: Place): Place {
  const [re, im] = alignment.a;
  return { center: toOld(alignment, view.center), resolution: view.resolution * Math.hypot(re, im), rotation: view.rotation + Math.atan2(im, re) };
}

export function viewOfNew(alignment: Alignment, view: Place): Place {
  const [re, im] = alignment.a;
  return { center: toNew(alignment, view.center), resolution: view.resolution / Math.hypot(re, im), rotation: view.rotation - Math.atan2(im, re) };
}

/** A box of the old sheet on the new one: the box round its turned corners. */
export function boxToNew(alignment: Alignment, box: Box): Box {
  const corners = [[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]]].map((corner) => toNew(alignment, corner as Point));
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
