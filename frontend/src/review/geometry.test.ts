import { describe, expect, it } from "vitest";
import { angleOf } from "./scale";
import { areaOf, arrowHead, boxOf, cloudOf, ellipse, geometryOf, isInside, lengthOf, moveBy, rectangle, simplify, stretchTo, widen, type Geometry } from "./geometry";
import type { Point } from "../drawing/manifest";

describe("geometryOf", () => {
  it.each([
    [{ type: "Point", coordinates: [1, 2] }, true],
    [{ type: "LineString", coordinates: [[0, 0], [1, 1]] }, true],
    [{ type: "Polygon", coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] }, true],
    [{ type: "Point", coordinates: [[1, 2]] }, false],
    [{ type: "LineString", coordinates: [1, 2] }, false],
    [{ type: "LineString", coordinates: [] }, false],
    [{ type: "Polygon", coordinates: [[["a", 0]]] }, false],
    [{ type: "Point", coordinates: [Number.NaN, 0] }, false],
    [{ type: "Circle", coordinates: [1, 2] }, false],
    [null, false],
    ["x", false],
  ])("%j is drawable: %s", (value, drawable) => {
    expect(geometryOf(value) !== null).toBe(drawable);
  });
});

describe("measures", () => {
  it("keep their digits far from the origin", () => {
    const far = 4e8;
    const ring: Point[] = [[far, far], [far + 3, far], [far + 3, far + 2], [far, far + 2], [far, far]];
    expect(areaOf(ring)).toBe(6);
    expect(lengthOf(ring)).toBe(10);
  });

  it("an ellipse has the area of an ellipse, within its 64 sides", () => {
    const made = ellipse([0, 0], [20, 10]) as Extract<Geometry, { type: "Polygon" }>;
    expect(areaOf(made.coordinates[0]!) / (Math.PI * 50)).toBeCloseTo(1, 2);
    const box = boxOf(made);
    [0, 0, 20, 10].forEach((value, at) => expect(box[at]).toBeCloseTo(value, 9));
  });
});

describe("changes", () => {
  it("moving and stretching keep type and closure", () => {
    const rect = rectangle([5, 6], [1, 2]);
    expect(boxOf(rect)).toEqual([1, 2, 5, 6]);
    expect(boxOf(moveBy(rect, 10, -2))).toEqual([11, 0, 15, 4]);
    const wide = stretchTo(rect, [0, 0, 100, 10]) as Extract<Geometry, { type: "Polygon" }>;
    expect(boxOf(wide)).toEqual([0, 0, 100, 10]);
    expect(wide.coordinates[0]!.at(0)).toEqual(wide.coordinates[0]!.at(-1));
    expect(boxOf(rect)).toEqual([1, 2, 5, 6]);
  });

  it("a flat line is not blown up by stretching", () => {
    const line: Geometry = { type: "LineString", coordinates: [[0, 5], [10, 5]] };
    expect(stretchTo(line, [0, 5, 20, 9])).toEqual({ type: "LineString", coordinates: [[0, 5], [20, 5]] });
  });

  it("simplify keeps ends and corners", () => {
    const path: Point[] = [[0, 0], [1, 0.001], [2, 0], [3, 5], [4, 0]];
    expect(simplify(path, 0.01)).toEqual([[0, 0], [2, 0], [3, 5], [4, 0]]);
    expect(simplify([[0, 0], [0, 0]], 1)).toHaveLength(2);
  });

  it("a region gets room on all sides", () => {
    expect(widen([0, 0, 10, 2], 0.1)).toEqual([-1, -1, 11, 3]);
    expect(widen([3, 3, 3, 3], 0.1, 5)).toEqual([-2, -2, 8, 8]);
  });
});

describe("revision cloud", () => {
  it.each([["counter-clockwise", 1], ["clockwise", -1]])("bulges outwards when drawn %s", (_, direction) => {
    const ring: Point[] = [[0, 0], [100, 0], [100, 60], [0, 60], [0, 0]];
    const drawn = direction === 1 ? ring : [...ring].reverse();
    const [cloud] = cloudOf([drawn]);
    expect(cloud!.at(0)).toEqual(cloud!.at(-1));
    expect(areaOf(cloud!)).toBeGreaterThan(6000);
    expect(cloud!.filter(([x, y]) => isInside([ring], x, y)).length).toBeLessThan(cloud!.length * 0.2);
  });

  it("stays bounded for a huge thin ring", () => {
    const [cloud] = cloudOf([[[0, 0], [1e6, 0], [1e6, 1], [0, 1], [0, 0]]]);
    expect(cloud!.length).toBeLessThan(3000);
  });

  it("leaves a ring of no size alone", () => {
    expect(cloudOf([[[1, 1], [1, 1], [1, 1], [1, 1]]])[0]).toHaveLength(4);
  });
});

it("an arrow head points along the last leg", () => {
  const [a, tip, b] = arrowHead([[0, 0], [10, 0]], 2) as [Point, Point, Point];
  expect(tip).toEqual([10, 0]);
  expect(a[0]).toBeLessThan(10);
  expect(b[0]).toBeCloseTo(a[0]);
  expect(a[1]).toBeCloseTo(-b[1]);
});

describe("angles", () => {
  it("measures at the middle one of three points and nowhere else", () => {
    expect(angleOf([[1, 0], [0, 0], [0, 5]])).toBeCloseTo(90, 9);
    expect(angleOf([[1, 0], [0, 0], [-3, 0]])).toBeCloseTo(180, 9);
    expect(angleOf([[1, 0], [0, 0], [2, 2]])).toBeCloseTo(45, 9);
    expect(angleOf([[1, 0], [0, 0], [2, -2]])).toBeCloseTo(45, 9);
    expect(angleOf([[1, 0], [1, 0], [2, 2]])).toBeNull();
    expect(angleOf([[1, 0], [0, 0]])).toBeNull();
  });
});
