/** Where the sheet stands on the screen in one frame, and the arithmetic between sheet and screen coordinates. */

import type { Box, Point } from "./manifest";

export interface ViewFrame {
  /** Sheet coordinate at the middle of the screen. */
  center: Point;
  /** Drawing units per CSS pixel. */
  resolution: number;
  /** Radians, clockwise as OpenLayers counts. */
  rotation: number;
  /** CSS pixels. */
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
}

/** Takes sheet coordinates to CSS pixels: px = a*x + c*y + e, py = b*x + d*y + f. */
export interface Affine {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
}

export function toPixels(view: ViewFrame): Affine {
  const k = 1 / view.resolution;
  const cos = Math.cos(view.rotation) * k;
  const sin = Math.sin(view.rotation) * k;
  const [cx, cy] = view.center;
  return {
    a: cos,
    b: sin,
    c: sin,
    d: -cos,
    e: view.width / 2 - cos * cx - sin * cy,
    f: view.height / 2 - sin * cx + cos * cy,
  };
}

export function apply(m: Affine, x: number, y: number): Point {
  return [m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f];
}

/** The sheet box that covers the screen, rotation included. */
export function visibleBox(view: ViewFrame): Box {
  const cos = Math.abs(Math.cos(view.rotation));
  const sin = Math.abs(Math.sin(view.rotation));
  const half = [
    ((view.width * cos + view.height * sin) * view.resolution) / 2,
    ((view.width * sin + view.height * cos) * view.resolution) / 2,
  ] as const;
  const [cx, cy] = view.center;
  return [cx - half[0], cy - half[1], cx + half[0], cy + half[1]];
}

/** The CSS transform (about the top left corner) that moves a picture drawn for `from` to where it belongs in `to`. */
export function moveBetween(from: ViewFrame, to: ViewFrame): Affine {
  const scale = from.resolution / to.resolution;
  const turn = to.rotation - from.rotation;
  const cos = Math.cos(turn) * scale;
  const sin = Math.sin(turn) * scale;
  const [px, py] = apply(toPixels(to), from.center[0], from.center[1]);
  return {
    a: cos,
    b: sin,
    c: -sin,
    d: cos,
    e: px - (cos * from.width) / 2 + (sin * from.height) / 2,
    f: py - (sin * from.width) / 2 - (cos * from.height) / 2,
  };
}

export function cssMatrix(m: Affine): string {
  return `matrix(${m.a}, ${m.b}, ${m.c}, ${m.d}, ${m.e}, ${m.f})`;
}
