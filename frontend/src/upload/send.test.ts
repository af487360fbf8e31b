import { describe, expect, it } from "vitest";
import { sharesOf } from "./send";

describe("progress per file of one POST", () => {
  it.each([
    [[100, 300], 0, 400, [0, 0]],
    [[100, 300], 50, 400, [0.5, 0]],
    [[100, 300], 250, 400, [1, 0.5]],
    [[100, 300], 400, 400, [1, 1]],
    [[100, 300], 440, 440, [1, 1]],
    [[0, 10], 5, 10, [1, 0.5]],
    [[], 0, 0, []],
  ])("%j after %i of %i bytes", (sizes, sent, all, shares) => {
    expect(sharesOf(sizes, sent, all)).toEqual(shares);
  });
});
