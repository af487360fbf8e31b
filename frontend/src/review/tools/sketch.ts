/** The shape being drawn: points set so far and where the pointer is. Pure; `pen.ts` feeds it. */

import type { Point } from "../../drawing/manifest";
import { ellipse, rectangle, simplify, type Geometry } from "../geometry";
import { toolKind, type ToolKind, type ToolName } from "./kinds";

export class Sketch {
  readonly kind: ToolKind;
  readonly points: Point[] = [];
  cursor: Point | null = null;

  constructor(tool: ToolName) {
    this.kind = toolKind(tool);
  }

  get isEmpty(): boolean {
    return this.points.length === 0;
  }

  add(point: Point): void {
    const last = this.points.at(-1);
    if (last && last[0] === point[0] && last[1] === point[1]) return;
    this.points.push([...point]);
  }

  dropLast(): void {
    this.points.pop();
  }

  /** True when the tool needs no further point. */
  get isFull(): boolean {
    const most = this.kind.gesture === "box" ? 2 : this.kind.most;
    return most !== undefined && this.points.length >= most;
  }

  /** True when `point` closes the outline: it lies within `reach` of the first point. */
  closesAt(point: Point, reach: number): boolean {
    const first = this.points[0];
    if (!first || this.points.length < 3) return false;
    if (this.kind.name !== "polygon" && this.kind.name !== "measure") return false;
    return Math.hypot(first[0] - point[0], first[1] - point[1]) <= reach;
  }

  /** What is drawn on the screen while it is not finished, the pointer included. */
  preview(): Geometry | null {
    return this.#shape(this.cursor ? [...this.points, this.cursor] : this.points, false);
  }

  /** The finished geometry, or null when there is too little of it. */
  finish(closed: boolean, tolerance: number): Geometry | null {
    const points = this.kind.gesture === "stroke" ? simplify(this.points, tolerance) : this.points;
    return this.#shape(points, closed || this.kind.name === "polygon");
  }

  #shape(points: readonly Point[], closed: boolean): Geometry | null {
    const [first] = points;
    const last = points.at(-1);
    if (!first || !last) return null;
    switch (this.kind.gesture) {
      case "point":
        return { type: "Point", coordinates: [...first] };
      case "box":
        if (first[0] === last[0] || first[1] === last[1]) return null;
        return this.kind.name === "ellipse" ? ellipse(first, last) : rectangle(first, last);
      case "path":
      case "stroke":
        if (this.kind.name === "count") return { type: "MultiPoint", coordinates: points.map((point): Point => [...point]) };
        if (closed && points.length >= 3) return { type: "Polygon", coordinates: [[...points.map((point): Point => [...point]), [...first]]] };
        if (points.length < 2 || (this.kind.name === "polygon" && closed)) return null;
        return { type: "LineString", coordinates: points.map((point): Point => [...point]) };
      default:
        return null;
    }
  }
}

/** The point on the ray from `from` at the nearest multiple of 45 degrees: Shift held. */
export function straighten(from: Point, to: Point): Point {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const step = Math.PI / 4;
  const angle = Math.round(Math.atan2(to[1] - from[1], to[0] - from[0]) / step) * step;
  const along = (to[0] - from[0]) * Math.cos(angle) + (to[1] - from[1]) * Math.sin(angle);
  return length === 0 ? [...to] : [from[0] + along * Math.cos(angle), from[1] + along * Math.sin(angle)];
}
