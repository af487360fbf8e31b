import { vi } from "vitest";
vi.hoisted(() => { (globalThis as { document?: unknown }).document = { documentElement: { lang: "zh-Hans" } }; });
import { describe, expect, it } from "vitest";
import { boxOf, rectangle, type Geometry } from "./geometry";
import { dragHandle, dropVertex, handlesOf } from "./handles";
import { targetAt, targetsIn, type Target } from "./hit";
import { Sketch, straighten } from "./tools/sketch";

const LINE: Geometry = { type: "LineString", coordinates: [[0, 0], [10, 0], [10, 10]] };
const RING: Geometry = { type: "Polygon", coordinates: [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]] };

describe("grips", () => {
  it("a box mark has four corners, a line its vertices and middles, an arrow its ends only, a stroke none", () => {
    expect(handlesOf("cloud", RING).map((handle) => handle.kind)).toEqual(["corner", "corner", "corner", "corner"]);
    expect(handlesOf("line", LINE).filter((handle) => handle.kind === "vertex")).toHaveLength(3);
    expect(handlesOf("line", LINE).filter((handle) => handle.kind === "middle")).toHaveLength(2);
    expect(handlesOf("arrow", { type: "LineString", coordinates: [[0, 0], [1, 1]] })).toHaveLength(2);
    expect(handlesOf("freehand", LINE)).toEqual([]);
  });

  it("dragging a corner over the opposite one keeps the box upright", () => {
    const corner = handlesOf("rect", RING)[0]!;
    expect(boxOf(dragHandle(RING, corner, [30, 40]))).toEqual([10, 10, 30, 40]);
  });

  it("dragging a corner onto the opposite side changes nothing", () => {
    const corner = handlesOf("rect", RING)[0]!;
    expect(dragHandle(RING, corner, [10, 3])).toBe(RING);
  });

  it("the first vertex of a ring moves its end too", () => {
    const vertex = handlesOf("polygon", RING).find((handle) => handle.kind === "vertex")!;
    const moved = dragHandle(RING, vertex, [-5, -5]) as Extract<Geometry, { type: "Polygon" }>;
    expect(moved.coordinates[0]![0]).toEqual([-5, -5]);
    expect(moved.coordinates[0]!.at(-1)).toEqual([-5, -5]);
    expect(RING.type === "Polygon" && RING.coordinates[0]![0]).toEqual([0, 0]);
  });

  it("a middle becomes a vertex; a vertex can be taken out while enough are left", () => {
    const middle = handlesOf("line", LINE).find((handle) => handle.kind === "middle")!;
    expect(dragHandle(LINE, middle, [5, 3])).toEqual({ type: "LineString", coordinates: [[0, 0], [5, 3], [10, 0], [10, 10]] });
    const first = handlesOf("line", LINE)[0]!;
    const less = dropVertex(LINE, first)!;
    expect(less).toEqual({ type: "LineString", coordinates: [[10, 0], [10, 10]] });
    expect(dropVertex(less, first)).toBeNull();
  });
});

describe("picking", () => {
  const outer: Target = { obj: "outer", geometry: rectangle([0, 0], [100, 100]), label: null, area: true };
  const inner: Target = { obj: "inner", geometry: rectangle([40, 40], [60, 60]), label: null, area: true };
  const line: Target = { obj: "line", geometry: { type: "LineString", coordinates: [[0, 50], [100, 50]] }, label: null, area: false };

  it("an edge wins over an area, the smaller area over the larger", () => {
    expect(targetAt([outer, inner, line], 50, 50.5, 2)?.obj).toBe("line");
    expect(targetAt([outer, inner, line], 50, 45, 2)?.obj).toBe("inner");
    expect(targetAt([inner, outer, line], 20, 20, 2)?.obj).toBe("outer");
    expect(targetAt([outer, inner, line], 150, 50, 2)).toBeNull();
  });

  it("a frame takes what lies wholly in it", () => {
    expect(targetsIn([outer, inner, line], [30, 30, 70, 70]).map((target) => target.obj)).toEqual(["inner"]);
  });
});

describe("sketches", () => {
  it("a box needs two corners apart", () => {
    const sketch = new Sketch("cloud");
    sketch.add([0, 0]);
    sketch.add([0, 5]);
    expect(sketch.finish(false, 0)).toBeNull();
    sketch.add([4, 5]);
    expect(sketch.finish(false, 0)?.type).toBe("Polygon");
  });

  it("an arrow is full with two points, a line goes on", () => {
    const arrow = new Sketch("arrow");
    arrow.add([0, 0]);
    arrow.add([1, 1]);
    expect(arrow.isFull).toBe(true);
    const line = new Sketch("line");
    line.add([0, 0]);
    line.add([1, 1]);
    line.add([1, 1]);
    expect(line.points).toHaveLength(2);
    expect(line.isFull).toBe(false);
  });

  it("a polygon needs three points; a measure closes into an area at its first point", () => {
    const polygon = new Sketch("polygon");
    polygon.add([0, 0]);
    polygon.add([10, 0]);
    expect(polygon.finish(false, 0)).toBeNull();
    const measure = new Sketch("measure");
    for (const point of [[0, 0], [10, 0], [10, 10]] as const) measure.add([...point]);
    expect(measure.closesAt([0.5, 0.5], 1)).toBe(true);
    expect(measure.finish(true, 0)).toEqual({ type: "Polygon", coordinates: [[[0, 0], [10, 0], [10, 10], [0, 0]]] });
    expect(measure.finish(false, 0)?.type).toBe("LineString");
  });

  it("straight lines go by 45 degrees", () => {
    const [x, y] = straighten([0, 0], [10, 1]);
    expect(x).toBeCloseTo(10);
    expect(y).toBeCloseTo(0);
    const [u, v] = straighten([0, 0], [10, 9]);
    expect(u).toBeCloseTo(v);
  });
});
