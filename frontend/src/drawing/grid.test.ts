import { describe, expect, it } from "vitest";
import { gridLines, gridStep } from "./grid_layer";

describe("the coordinate grid", () => {
  it("steps by round real lengths, never closer than asked", () => {
    expect(gridStep(730, 0.001)).toBeCloseTo(1000, 6); // a millimetre drawing: one metre
    expect(gridStep(1200, 0.001)).toBeCloseTo(2000, 6);
    expect(gridStep(50, 1)).toBe(50);
    expect(gridStep(51, 1)).toBe(100);
    expect(gridStep(0.03, 1)).toBeCloseTo(0.05, 9);
  });

  it("lies on the multiples within the view", () => {
    expect(gridLines(-15, 31, 10)).toEqual([-10, 0, 10, 20, 30]);
    expect(gridLines(1, 9, 10)).toEqual([]);
    expect(gridLines(0, 1e9, 1).length).toBe(400);
  });
});
