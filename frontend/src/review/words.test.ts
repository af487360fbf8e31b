import { describe, expect, it } from "vitest";
import { fullTime, shortTime } from "./words";

describe("times on the canvas", () => {
  it("are those of the clock of the law, wherever the browser stands", () => {
    const today = new Date("2026-11-22T20:30:00Z"); // already the 23rd there
    expect(shortTime("2026-11-22T16:05:00Z", today)).toBe("00:05");
    expect(shortTime("2026-11-22T15:59:00Z", today)).toMatch(/11\/22.*23:59/);
    expect(fullTime("2026-11-22T16:05:00Z")).toMatch(/23.*00?:05/);
    expect(shortTime("")).toBe("");
  });
});
