import { describe, expect, it, vi } from "vitest";

vi.hoisted(() => {
  (globalThis as { document?: unknown }).document = { documentElement: { lang: "zh-Hans" } };
});

import type { Mark } from "../realtime/marks";
import { isFiltering, matches, NO_FILTER } from "./filter";
import { History, inverseFields } from "./history";
import { refusalText, whyNot, type Standing } from "./rights";
import { areaText, barFor, lengthText, measureText } from "./scale";

const GEOM = { type: "LineString", coordinates: [[0, 0], [1, 1]] };

function mark(change: Partial<Mark> = {}): Mark {
  return { obj: "m", ver: 1, deleted: false, resolved: false, cited: false, by: 1, dept: "HUC", at: "", p: { tool: "line", geom: GEOM, text: "旧" }, thread: [], unsaved: false, ...change };
}

describe("undo and redo", () => {
  it("write the inverse, and the act again", () => {
    const history = new History();
    const marks = new Map<string, Mark>();
    history.remember([{ k: "create", obj: "m", p: {} }], () => undefined);
    marks.set("m", mark());
    expect(history.take("undo", (obj) => marks.get(obj))).toEqual({ steps: [{ k: "delete", obj: "m", p: {} }] });
    marks.set("m", mark({ deleted: true }));
    expect(history.take("redo", (obj) => marks.get(obj))).toEqual({ steps: [{ k: "restore", obj: "m", p: {} }] });
    expect(history.canRedo).toBe(false);
    expect(history.canUndo).toBe(true);
  });

  it("give fields back as they were, null for those that were not there", () => {
    expect(inverseFields({ text: "旧" }, { text: "新", style: { width: 4 } })).toEqual({ text: "旧", style: null });
  });

  it("refuse when somebody has changed the mark since", () => {
    const history = new History();
    history.remember([{ k: "patch", obj: "m", p: { text: "我的" } }], () => mark());
    expect(history.take("undo", () => mark({ p: { tool: "line", geom: GEOM, text: "同事的" } }))).toEqual({ why: "changed" });
    expect(history.take("undo", () => mark())).toEqual({ why: "empty" });
  });

  it("a new act ends the redo list; a refused mark is forgotten", () => {
    const history = new History();
    history.remember([{ k: "resolve", obj: "m", p: {} }], () => mark());
    history.take("undo", () => mark({ resolved: true }));
    history.remember([{ k: "create", obj: "n", p: {} }], () => undefined);
    expect(history.canRedo).toBe(false);
    history.forget("n");
    expect(history.canUndo).toBe(false);
  });

  it("several marks moved together come back together, last first", () => {
    const history = new History();
    history.remember([{ k: "patch", obj: "a", p: { geom: 1 } }, { k: "patch", obj: "b", p: { geom: 2 } }], (obj) => mark({ obj, p: { geom: 0 } }));
    const taken = history.take("undo", (obj) => mark({ obj, p: { geom: obj === "a" ? 1 : 2 } }));
    expect("steps" in taken && taken.steps.map((step) => step.obj)).toEqual(["b", "a"]);
  });
});

describe("what a person may do", () => {
  const all = new Set(["create", "edit", "delete", "restore", "reply", "resolve", "reopen"].map((act) => `annotation.${act}`));
  const fire: Standing = { person: 1, dept: "HUC", state: "open", can: all };
  const name = (): string => "自然资源和规划局";

  it("own drafts: everything; others': only a reply", () => {
    expect(whyNot("edit", mark(), fire, name)).toBeNull();
    expect(whyNot("edit", mark({ dept: "NRP" }), fire, name)).toContain("自然资源和规划局");
    expect(whyNot("reply", mark({ dept: "NRP" }), fire, name)).toBeNull();
  });

  it("cited marks stay, but take replies", () => {
    for (const act of ["edit", "delete", "resolve"] as const) expect(whyNot(act, mark({ cited: true }), fire, name)).toContain("审查意见");
    expect(whyNot("reply", mark({ cited: true }), fire, name)).toBeNull();
  });

  it("a deleted mark is only restored", () => {
    expect(whyNot("edit", mark({ deleted: true }), fire, name)).not.toBeNull();
    expect(whyNot("restore", mark({ deleted: true }), fire, name)).toBeNull();
    expect(whyNot("reply", mark({ deleted: true }), fire, name)).not.toBeNull();
  });

  it.each(["draft", "frozen", "signed"] as const)("nothing on a %s sheet", (state) => {
    for (const act of ["create", "edit", "reply"] as const) expect(whyNot(act, mark(), { ...fire, state }, name)).not.toBeNull();
  });

  it("nothing without the permission", () => {
    expect(whyNot("create", null, { ...fire, can: new Set() }, name)).not.toBeNull();
  });

  it("without a department only one's own", () => {
    const alone: Standing = { ...fire, dept: null };
    expect(whyNot("edit", mark({ dept: null, by: 1 }), alone, name)).toBeNull();
    expect(whyNot("edit", mark({ dept: null, by: 2 }), alone, name)).not.toBeNull();
    expect(whyNot("edit", mark({ dept: "HUC", by: 1 }), alone, name)).not.toBeNull();
  });

  it("every refusal of the protocol has words of its own", () => {
    const codes = ["forbidden", "frozen", "cited", "stale", "deleted", "exists", "not_found", "not_owner", "invalid"];
    expect(new Set(codes.map(refusalText)).size).toBe(codes.length);
  });
});

describe("filters", () => {
  it("hide deleted marks unless asked, and find words in replies", () => {
    expect(matches(NO_FILTER, mark({ deleted: true }))).toBe(false);
    expect(matches({ ...NO_FILTER, state: "deleted" }, mark({ deleted: true }))).toBe(true);
    const replied = mark({ thread: [{ seq: 2, by: 2, dept: "NRP", at: "", text: "请看 A-02", mentions: [] }] });
    expect(matches({ ...NO_FILTER, words: "a-02" }, replied)).toBe(true);
    expect(matches({ ...NO_FILTER, words: "b-02" }, replied)).toBe(false);
  });

  it("combine department, author and state", () => {
    const filter = { ...NO_FILTER, depts: new Set(["HUC"]), author: 1, state: "open" as const };
    expect(matches(filter, mark())).toBe(true);
    expect(matches(filter, mark({ resolved: true }))).toBe(false);
    expect(matches(filter, mark({ cited: true }))).toBe(false);
    expect(matches(filter, mark({ dept: "NRP" }))).toBe(false);
    expect(matches(filter, mark({ by: 2 }))).toBe(false);
    expect(isFiltering(filter)).toBe(true);
    expect(isFiltering(NO_FILTER)).toBe(false);
    const [old, fresh] = [mark({ at: new Date(Date.now() - 40 * 86_400_000).toISOString() }), mark({ at: new Date().toISOString() })];
    expect([old, fresh].map((one) => matches({ ...NO_FILTER, days: 1 }, one))).toEqual([false, true]);
    expect(matches({ ...NO_FILTER, days: 7 }, { ...old, thread: [{ seq: 1, by: 1, dept: null, at: fresh.at, text: "", mentions: [] }] })).toBe(true);
  });
});

describe("real sizes", () => {
  it.each([
    [850, 0.001, "850 mm"],
    [2400, 0.001, "2.40 m"],
    [123456, 0.001, "123.5 m"],
    [12, 1000, "12.00 km"],
    [12.5, null, "12.50 图形单位"],
  ])("%d units at %s are %s", (units, scale, text) => {
    expect(lengthText(units, scale)).toBe(text);
  });

  it("areas take the scale twice; land is given in 亩 too", () => {
    expect(areaText(24_600_000, 0.001)).toBe("24.60 m²");
    expect(areaText(6666.667e6, 0.001)).toBe("6,666.67 m²（10.00 亩）");
  });

  it("a measure says length or area with its outline", () => {
    expect(measureText({ type: "LineString", coordinates: [[0, 0], [3000, 4000]] }, 0.001)).toBe("5.00 m");
    expect(measureText({ type: "Polygon", coordinates: [[[0, 0], [2000, 0], [2000, 1000], [0, 1000], [0, 0]]] }, 0.001)).toBe("2.00 m² · 周长 6.00 m");
  });

  it("the scale bar is round and fits", () => {
    for (const resolution of [0.013, 0.7, 37, 4100]) {
      const { pixels } = barFor(resolution, 0.001, 110);
      expect(pixels).toBeLessThanOrEqual(110.001);
      expect(pixels).toBeGreaterThan(30);
    }
  });
});
