import { describe, expect, it } from "vitest";
import type { Point } from "../drawing/manifest";
import { apply, toPixels, type ViewFrame } from "../drawing/view_frame";
import { boxToNew, fromBoxes, fromPoints, SAME, toNew, toOld, viewOfNew, viewOfOld, type Place } from "./alignment";

const near = (a: Point, b: Point): void => {
  expect(a[0]).toBeCloseTo(b[0], 6);
  expect(a[1]).toBeCloseTo(b[1], 6);
};
const frame = (place: Place): ViewFrame => ({ ...place, width: 800, height: 600, ratio: 1 });

describe("two sheets over each other", () => {
  const turned = fromPoints([[0, 0], [10, 0]], [[100, 50], [100, 70]])!;
  it("takes the chosen points onto each other and back", () => {
    near(toOld(turned, [0, 0]), [100, 50]);
    near(toOld(turned, [10, 0]), [100, 70]);
    near(toNew(turned, toOld(turned, [3, 7])), [3, 7]);
    near(toOld(SAME, [3, 7]), [3, 7]);
  });
  it("shows equal places at equal pixels, whatever the turn and scale", () => {
    const view: Place = { center: [4, 2], resolution: 0.05, rotation: 0.3 };
    const older = viewOfOld(turned, view);
    for (const point of [[0, 0], [10, 0], [-3, 8]] as Point[]) {
      const [x, y] = toOld(turned, point);
      near(apply(toPixels(frame(view)), point[0], point[1]), apply(toPixels(frame(older)), x, y));
    }
    const back = viewOfNew(turned, older);
    near(back.center, view.center);
    expect(back.resolution).toBeCloseTo(view.resolution, 9);
    expect(back.rotation).toBeCloseTo(view.rotation, 9);
  });
  it("needs two different points", () => {
    expect(fromPoints([[1, 1], [1, 1]], [[0, 0], [5, 5]])).toBeNull();
    expect(fromPoints([[0, 0], [5, 5]], [[1, 1], [1, 1]])).toBeNull();
  });
  it("lays strangers middle on middle", () => {
    const found = fromBoxes([0, 0, 10, 10], [1000, 1000, 1200, 1200]);
    near(toOld(found, [5, 5]), [1100, 1100]);
    expect(boxToNew(found, [1000, 1000, 1200, 1200]).map((n) => Math.round(n * 1e6) / 1e6)).toEqual([0, 0, 10, 10]);
  });
});
