/** Which mark lies under the cursor. Pure geometry: edges first, then the smallest area around it. */

import type { Box } from "../drawing/manifest";
import { boxOf, distanceToPath, isInside, pathsOf, type Geometry } from "./geometry";

export interface Target {
  obj: string;
  geometry: Geometry;
  /** Box of its label in sheet coordinates, for text and stamp marks. */
  label: Box | null;
  /** True for marks drawn as areas (cloud, polygon, …). */
  area: boolean;
}

/** The best target within `reach` of (x, y), or null; later ones lie on top. */
export function targetAt(targets: readonly Target[], x: number, y: number, reach: number): Target | null {
  let best: Target | null = null;
  let bestDistance = reach;
  let inside: Target | null = null;
  let insideSize = Infinity;
  for (const target of targets) {
    if (target.label && x >= target.label[0] && x <= target.label[2] && y >= target.label[1] && y <= target.label[3]) {
      best = target;
      bestDistance = 0;
      continue;
    }
    const box = boxOf(target.geometry);
    if (x < box[0] - reach || x > box[2] + reach || y < box[1] - reach || y > box[3] + reach) continue;
    for (const path of pathsOf(target.geometry)) {
      const distance = distanceToPath(path, x, y);
      if (distance <= bestDistance) {
        best = target;
        bestDistance = distance;
      }
    }
    if (!target.area || (target.geometry.type !== "Polygon" && target.geometry.type !== "MultiPolygon")) continue;
    const polygons = target.geometry.type === "Polygon" ? [target.geometry.coordinates] : target.geometry.coordinates;
    const size = (box[2] - box[0]) * (box[3] - box[1]);
    if (size <= insideSize && polygons.some((rings) => isInside(rings, x, y))) {
      inside = target;
      insideSize = size;
    }
  }
  return best ?? inside;
}

/** Targets whose box lies wholly in `box`: selection by a frame. */
export function targetsIn(targets: readonly Target[], box: Box): Target[] {
  return targets.filter((target) => {
    const own = boxOf(target.geometry);
    return own[0] >= box[0] && own[1] >= box[1] && own[2] <= box[2] && own[3] <= box[3];
  });
}
