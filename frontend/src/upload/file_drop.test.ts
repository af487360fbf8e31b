import { describe, expect, it } from "vitest";
import { refusalOf } from "./file_drop";

const ACCEPT = ".dwg,.dxf,.pdf";

describe("what is refused before a byte is sent", () => {
  it.each([
    ["plan.dwg", 10, null],
    ["PLAN.DXF", 10, null],
    ["a.b.pdf", 200, null],
    ["plan.exe", 10, "E_TYPE"],
    ["plan.dwg.zip", 10, "E_TYPE"],
    ["dwg", 10, "E_TYPE"],
    ["plan.dwg", 0, "E_EMPTY"],
    ["plan.dwg", 201, "E_SIZE"],
  ])("%s of %i bytes: %s", (name, size, code) => {
    expect(refusalOf({ name, size }, ACCEPT, 200)?.[2] ?? null).toBe(code);
  });
});
