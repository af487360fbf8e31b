/** Nearest end point, middle, intersection or line to a sheet coordinate: a grid per chunk. Pure; runs in `snap.worker.ts`. */

import { meets, type Box } from "./manifest";

export type SnapKind = "end" | "middle" | "cross" | "on";

export interface SnapHit {
  kind: SnapKind;
  x: number;
  y: number;
  entity: number;
}

export interface PickHit {
  entity: number;
  distance: number;
  /** Length of the polyline under the cursor, in drawing units. */
  length: number;
  closed: boolean;
  /** Area inside it when closed, in square drawing units. */
  area: number;
  /** The polyline itself, thinned out when it is very long: to show which one is meant. */
  path: [number, number][];
}

export interface SnapChunk {
  bbox: Box;
  /** "draw" lines of a dashed entity are its dashes; its true line is in a "snap" chunk. */
  role: "draw" | "snap";
  origin: readonly [number, number];
  xy: Float32Array;
  start: Uint32Array;
  entity: Uint32Array;
}

interface Grid extends SnapChunk {
  cols: number;
  rows: number;
  cell: number;
  /** cellStart[c] .. cellStart[c+1]-1 are the entries of `segments` in cell c. */
  cellStart: Uint32Array;
  segments: Uint32Array;
  /** Polyline of each segment; segment s runs from vertex `first[s]` to the next. */
  polyline: Uint32Array;
  first: Uint32Array;
}

const PER_CELL = 6;
const SIDE_MAX = 256;
const CROSS_MAX = 48;

interface Segment {
  ax: number;
  ay: number;
  bx: number;
  by: number;
  entity: number;
  grid: Grid;
  polyline: number;
}

export class SnapIndex {
  readonly #grids = new Map<string, Grid>();
  #visible: Uint8Array | null = null;
  #dashed: Uint8Array | null = null;

  /** Entities with 0 in `visible` are neither picked nor snapped to; the dashes of those in `dashed` are not snapped to. */
  setVisible(visible: Uint8Array, dashed: Uint8Array): void {
    this.#visible = visible;
    this.#dashed = dashed;
  }

  add(file: string, chunk: SnapChunk): void {
    this.#grids.set(file, gridOf(chunk));
  }

  has(file: string): boolean {
    return this.#grids.has(file);
  }

  /** The best point within `reach` of (x, y): ends and intersections before middles before any point on a line. */
  snap(x: number, y: number, reach: number): SnapHit | null {
    const near = this.#near(x, y, reach, true);
    let best: SnapHit | null = null;
    let bestCost = Number.POSITIVE_INFINITY;
    const offer = (kind: SnapKind, px: number, py: number, entity: number, handicap: number): void => {
      const distance = Math.hypot(px - x, py - y);
      if (distance > reach) return;
      const cost = distance + handicap * reach;
      if (cost < bestCost) {
        bestCost = cost;
        best = { kind, x: px, y: py, entity };
      }
    };
    for (const s of near) {
      offer("end", s.ax, s.ay, s.entity, 0);
      offer("end", s.bx, s.by, s.entity, 0);
      offer("middle", (s.ax + s.bx) / 2, (s.ay + s.by) / 2, s.entity, 0.4);
      const [px, py] = footOn(s, x, y);
      offer("on", px, py, s.entity, 1);
    }
    for (let i = 0; i < near.length && i < CROSS_MAX; i += 1) {
      for (let j = i + 1; j < near.length && j < CROSS_MAX; j += 1) {
        const point = crossing(near[i]!, near[j]!);
        if (point) offer("cross", point[0], point[1], near[i]!.entity, 0.1);
      }
    }
    return best;
  }

  /** The line nearest to (x, y) within `reach`. */
  pick(x: number, y: number, reach: number): PickHit | null {
    let best: Segment | null = null;
    let bestDistance = reach;
    for (const s of this.#near(x, y, reach, false)) {
      const [px, py] = footOn(s, x, y);
      const distance = Math.hypot(px - x, py - y);
      if (distance <= bestDistance) {
        bestDistance = distance;
        best = s;
      }
    }
    return best ? { entity: best.entity, distance: bestDistance, ...measure(best.grid, best.polyline), path: pathOf(best.grid, best.polyline) } : null;
  }

  #near(x: number, y: number, reach: number, forSnap: boolean): Segment[] {
    const box: Box = [x - reach, y - reach, x + reach, y + reach];
    const found: Segment[] = [];
    for (const grid of this.#grids.values()) {
      if (!meets(grid.bbox, box)) continue;
      const [x0, y0, x1, y1] = cellsOf(grid, box);
      const seen = new Set<number>();
      for (let row = y0; row <= y1; row += 1) {
        for (let col = x0; col <= x1; col += 1) {
          const cell = row * grid.cols + col;
          for (let at = grid.cellStart[cell]!; at < grid.cellStart[cell + 1]!; at += 1) {
            const s = grid.segments[at]!;
            if (seen.has(s)) continue;
            seen.add(s);
            const polyline = grid.polyline[s]!;
            const entity = grid.entity[polyline]!;
            if (this.#visible && !this.#visible[entity]) continue;
            if (forSnap && grid.role === "draw" && this.#dashed?.[entity]) continue;
            const segment = segmentOf(grid, s, polyline, entity);
            const [px, py] = footOn(segment, x, y);
            if (Math.hypot(px - x, py - y) <= reach) found.push(segment);
          }
        }
      }
    }
    return found;
  }
}

function segmentOf(grid: Grid, s: number, polyline: number, entity: number): Segment {
  const v = grid.first[s]!;
  const w = v + 1 < grid.start[polyline + 1]! ? v + 1 : v; // a dot is a segment of no length
  const [ox, oy] = grid.origin;
  return {
    ax: ox + grid.xy[2 * v]!,
    ay: oy + grid.xy[2 * v + 1]!,
    bx: ox + grid.xy[2 * w]!,
    by: oy + grid.xy[2 * w + 1]!,
    entity,
    grid,
    polyline,
  };
}

function footOn(s: Segment, x: number, y: number): [number, number] {
  const dx = s.bx - s.ax;
  const dy = s.by - s.ay;
  const square = dx * dx + dy * dy;
  const t = square > 0 ? Math.max(0, Math.min(1, ((x - s.ax) * dx + (y - s.ay) * dy) / square)) : 0;
  return [s.ax + t * dx, s.ay + t * dy];
}

function crossing(p: Segment, q: Segment): [number, number] | null {
  const rx = p.bx - p.ax;
  const ry = p.by - p.ay;
  const sx = q.bx - q.ax;
  const sy = q.by - q.ay;
  const across = rx * sy - ry * sx;
  if (across === 0) return null;
  const t = ((q.ax - p.ax) * sy - (q.ay - p.ay) * sx) / across;
  const u = ((q.ax - p.ax) * ry - (q.ay - p.ay) * rx) / across;
  if (t < 0 || t > 1 || u < 0 || u > 1) return null;
  return [p.ax + t * rx, p.ay + t * ry];
}

function measure(grid: Grid, polyline: number): { length: number; closed: boolean; area: number } {
  const from = grid.start[polyline]!;
  const to = grid.start[polyline + 1]!;
  let length = 0;
  let twice = 0;
  for (let v = from; v < to - 1; v += 1) {
    const ax = grid.xy[2 * v]!;
    const ay = grid.xy[2 * v + 1]!;
    const bx = grid.xy[2 * v + 2]!;
    const by = grid.xy[2 * v + 3]!;
    length += Math.hypot(bx - ax, by - ay);
    twice += ax * by - bx * ay;
  }
  const closed = to - from > 3 && grid.xy[2 * from] === grid.xy[2 * to - 2] && grid.xy[2 * from + 1] === grid.xy[2 * to - 1];
  return { length, closed, area: closed ? Math.abs(twice) / 2 : 0 };
}

const PATH_MAX = 2_000;

function pathOf(grid: Grid, polyline: number): [number, number][] {
  const from = grid.start[polyline]!;
  const to = grid.start[polyline + 1]!;
  const step = Math.max(1, Math.ceil((to - from) / PATH_MAX));
  const [ox, oy] = grid.origin;
  const path: [number, number][] = [];
  for (let v = from; v < to; v += step) path.push([ox + grid.xy[2 * v]!, oy + grid.xy[2 * v + 1]!]);
  if ((to - 1 - from) % step !== 0) path.push([ox + grid.xy[2 * to - 2]!, oy + grid.xy[2 * to - 1]!]);
  return path;
}

function cellsOf(grid: Pick<Grid, "bbox" | "cell" | "cols" | "rows">, box: Box): [number, number, number, number] {
  const col = (x: number): number => Math.max(0, Math.min(grid.cols - 1, Math.floor((x - grid.bbox[0]) / grid.cell)));
  const row = (y: number): number => Math.max(0, Math.min(grid.rows - 1, Math.floor((y - grid.bbox[1]) / grid.cell)));
  return [col(box[0]), row(box[1]), col(box[2]), row(box[3])];
}

/** Cells that a segment passes, by walking column after column. */
function walk(grid: Pick<Grid, "bbox" | "cell" | "cols" | "rows">, ax: number, ay: number, bx: number, by: number, visit: (cell: number) => void): void {
  const [c0, r0, c1, r1] = cellsOf(grid, [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)]);
  if (c0 === c1 || r0 === r1) {
    for (let r = r0; r <= r1; r += 1) for (let c = c0; c <= c1; c += 1) visit(r * grid.cols + c);
    return;
  }
  const slope = (by - ay) / (bx - ax);
  for (let c = c0; c <= c1; c += 1) {
    const left = Math.max(Math.min(ax, bx), grid.bbox[0] + c * grid.cell);
    const right = Math.min(Math.max(ax, bx), grid.bbox[0] + (c + 1) * grid.cell);
    const y0 = ay + (left - ax) * slope;
    const y1 = ay + (right - ax) * slope;
    const [, from, , to] = cellsOf(grid, [left, Math.min(y0, y1), right, Math.max(y0, y1)]);
    for (let r = Math.max(r0, from); r <= Math.min(r1, to); r += 1) visit(r * grid.cols + c);
  }
}

function gridOf(chunk: SnapChunk): Grid {
  const { xy, start, entity, origin } = chunk;
  let count = 0;
  for (let i = 0; i < entity.length; i += 1) count += Math.max(1, start[i + 1]! - start[i]! - 1);
  const first = new Uint32Array(count);
  const polyline = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < entity.length; i += 1) {
    const last = Math.max(start[i]! + 1, start[i + 1]! - 1);
    for (let v = start[i]!; v < last; v += 1) {
      first[at] = v;
      polyline[at] = i;
      at += 1;
    }
  }
  // The box of the vertices themselves: a grid over a box that is too large would be one crowded cell.
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let v = 0; v < xy.length; v += 2) {
    x0 = Math.min(x0, xy[v]!);
    x1 = Math.max(x1, xy[v]!);
    y0 = Math.min(y0, xy[v + 1]!);
    y1 = Math.max(y1, xy[v + 1]!);
  }
  const bbox: Box = count > 0 ? [origin[0] + x0, origin[1] + y0, origin[0] + x1, origin[1] + y1] : chunk.bbox;
  const width = Math.max(bbox[2] - bbox[0], 1e-9);
  const height = Math.max(bbox[3] - bbox[1], 1e-9);
  const cells = Math.max(1, count / PER_CELL);
  const cell = Math.max(Math.sqrt((width * height) / cells), Math.max(width, height) / SIDE_MAX);
  const cols = Math.max(1, Math.ceil(width / cell));
  const rows = Math.max(1, Math.ceil(height / cell));
  const shape = { bbox, cell, cols, rows };
  const visitAll = (visit: (cell: number, s: number) => void): void => {
    for (let s = 0; s < count; s += 1) {
      const v = first[s]!;
      const w = v + 1 < start[polyline[s]! + 1]! ? v + 1 : v;
      walk(shape, origin[0] + xy[2 * v]!, origin[1] + xy[2 * v + 1]!, origin[0] + xy[2 * w]!, origin[1] + xy[2 * w + 1]!, (c) => visit(c, s));
    }
  };
  const cellStart = new Uint32Array(cols * rows + 1);
  visitAll((c) => {
    cellStart[c + 1]! += 1;
  });
  for (let c = 0; c < cols * rows; c += 1) cellStart[c + 1]! += cellStart[c]!;
  const segments = new Uint32Array(cellStart[cols * rows]!);
  const fill = cellStart.slice();
  visitAll((c, s) => {
    segments[fill[c]!] = s;
    fill[c]! += 1;
  });
  return { ...chunk, ...shape, cellStart, segments, polyline, first };
}
