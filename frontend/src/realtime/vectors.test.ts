/** State before + ops = state after: the same vectors as `drawings.rules.fold` of the server. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SheetLog } from "./log";
import type { Mark } from "./marks";
import type { ObjectRecord, Op, SheetState } from "./protocol";

interface State {
  head: number;
  state: SheetState;
  objects: Record<string, ObjectRecord>;
}

const path = new URL("../../../tests/realtime/vectors.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8")) as { name: string; before: State; ops: Op[]; after: State }[];

function stateOf(log: SheetLog): State {
  const objects: Record<string, ObjectRecord> = {};
  for (const [obj, { unsaved, ...mark }] of log.base as ReadonlyMap<string, Mark>) {
    expect(unsaved).toBe(false);
    objects[obj] = { ...mark, thread: mark.thread.map((reply) => ({ ...reply })) };
  }
  return { head: log.last, state: log.state, objects };
}

describe("shared vectors", () => {
  it("exist", () => expect(vectors.length).toBeGreaterThan(10));

  it.each(vectors)("$name", ({ before, ops, after }) => {
    const log = new SheetLog({ by: null, dept: null });
    log.load({ epoch: "e", head: before.head, state: before.state, objects: Object.values(before.objects) });
    log.receive(ops);
    expect(stateOf(log)).toEqual(after);
    expect([...log.view.values()]).toEqual([...log.base.values()]);
  });
});
