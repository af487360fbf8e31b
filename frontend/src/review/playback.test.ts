import { describe, expect, it } from "vitest";
import { applyTo, type Mark } from "../realtime/marks";
import type { Op } from "../realtime/protocol";
import { pauseBefore, Playback } from "./playback";

const START = Date.UTC(2026, 2, 11, 2);

/** `minutes` gives each op's time. */
function log(minutes: readonly number[]): Op[] {
  return minutes.map((minute, at): Op => {
    const base = { seq: at + 1, cid: `c${at}`, by: 7, dept: "HUC", at: new Date(START + minute * 60_000).toISOString() };
    if (at === 0) return { ...base, k: "sheet.open", obj: null, ver: null, p: {} };
    const obj = `mark-${at % 5}`;
    if (at <= 5) return { ...base, k: "create", obj, ver: 1, p: { tool: "text", geom: { type: "Point", coordinates: [at, at] }, text: "0" } };
    return { ...base, k: at % 11 === 0 ? "reply" : "patch", obj, ver: at, p: { text: String(at) } };
  });
}

describe("playback", () => {
  it("gives the marks as they stood after any number of ops", () => {
    const ops = log(Array.from({ length: 1000 }, (_, at) => at / 10));
    const playback = new Playback(ops);
    const marks = new Map<string, Mark>();
    for (let count = 0; count <= ops.length; count += 1) {
      const op = ops[count - 1];
      if (op?.obj) marks.set(op.obj, applyTo(marks.get(op.obj), op)!);
      if (count % 37 === 0 || count % 200 < 2 || count === ops.length) expect(playback.at(count).marks).toEqual(marks);
    }
    expect(playback.at(0).state).toBe("draft");
    expect(playback.at(1).state).toBe("open");
  });

  it("knows sittings by their long pauses", () => {
    const playback = new Playback(log([0, 1, 29, 80, 81, 200]));
    expect(playback.sessions.map(({ from, to }) => [from, to])).toEqual([
      [0, 3],
      [3, 5],
      [5, 6],
    ]);
    expect(playback.sessionAt(0)).toBeNull();
    expect(playback.sessionAt(3)?.from).toBe(0);
    expect(playback.sessionAt(4)?.from).toBe(3);
  });

  it("plays pauses shorter, never long and never at once", () => {
    const ops = log([0, 0.05, 60]);
    expect(pauseBefore(ops, 0, 1)).toBe(0);
    expect(pauseBefore(ops, 1, 4)).toBe(750);
    expect(pauseBefore(ops, 1, 100)).toBe(60);
    expect(pauseBefore(ops, 2, 1)).toBe(1500);
    expect(pauseBefore(ops, 3, 1)).toBe(0);
  });

  it("shows an empty log as an empty sheet", () => {
    const playback = new Playback([]);
    expect(playback.at(0).marks.size).toBe(0);
    expect(playback.sessions).toEqual([]);
  });
});
