import { expect, test } from "vitest";
import type { LayerState } from "../drawing/sheet_drawing";
import { Refusal } from "../site/requests";
import { isApplied, LayerStates, shownUnder, type NamedState } from "./layer_states";

function layers(...names: [string, boolean][]): LayerState[] {
  return names.map(([name, shown], id) => ({ id, name, shown, color: "#000000", adaptive: false, on: true, frozen: false, locked: false, plot: true, entities: 1 }));
}

function storage(content: Record<string, string> = {}): Storage {
  const kept = new Map(Object.entries(content));
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) } as unknown as Storage;
}

/** What the server does, for one person; `refuses` is the status it answers a name with. */
function server(refuses: Record<string, number> = {}) {
  const rows: NamedState[] = [];
  const ask = async (path: string, options: { method?: string; body?: unknown } = {}): Promise<unknown> => {
    if (options.method === "DELETE") return void rows.splice(rows.findIndex((row) => path.endsWith(`/${row.id}`)), 1);
    if (options.body === undefined) return rows.map((row) => ({ ...row }));
    const body = options.body as NamedState;
    const status = Object.hasOwn(refuses, body.name) ? refuses[body.name] : undefined;
    if (status) throw new Refusal({ title: "no", status, code: "no" });
    const own = rows.find((row) => row.mine && row.name === body.name);
    const row = Object.assign(own ?? ({ id: String(rows.length + 1), mine: true, author: "郑消防" } as NamedState), body);
    if (!own) rows.push(row);
    return { ...row };
  };
  return { rows, open: (store = storage(), author: { name: string; shown: string[]; hidden: string[] }[] = []) => new LayerStates("7", "set", author, store, ask as never) };
}

test("own ones come first, then those that were shared, then the author's", async () => {
  const { rows, open } = server();
  rows.push({ id: "9", name: "甲", shown: [], hidden: [], mine: false, shared: true, author: "孙规划" });
  const states = open(storage(), [{ name: "方案一", shown: ["墙"], hidden: [] }]);
  await states.load();
  await states.save("只看墙", layers(["墙", true], ["轴网", false], ["墙", true]), false);
  expect(states.list().map((state) => [state.name, state.mine, state.id])).toEqual([["只看墙", true, "2"], ["甲", false, "9"], ["方案一", false, null]]);
  expect(rows[1]).toMatchObject({ shown: ["墙"], hidden: ["轴网"], shared: false });
});

test("a state applies to sheets that have other layers, too", async () => {
  const states = server().open();
  await states.save("__proto__", layers(["墙", true], ["轴网", false]), false);
  const [state] = states.list();
  const sheet = layers(["墙", false], ["轴网", true], ["新图层", true]);
  expect(sheet.map(shownUnder(state!))).toEqual([true, false, true]);
  expect(isApplied(state!, sheet)).toBe(false);
  expect(isApplied(state!, layers(["墙", true], ["新图层", false]))).toBe(true);
});

test("one is shared, taken back, removed, and the removal taken back", async () => {
  const { rows, open } = server();
  const states = open();
  await states.save("a", layers(["墙", true]), false);
  await states.restore(states.list()[0]!, true);
  expect(rows).toMatchObject([{ name: "a", shared: true }]);
  const [state] = states.list();
  await states.remove(state!);
  expect([states.list(), rows]).toEqual([[], []]);
  await states.restore(state!);
  expect(rows).toMatchObject([{ name: "a", shared: true, shown: ["墙"] }]);
  expect(states.list()).toHaveLength(1);
});

const KEY = "lianshen-layer-states:7:set";
const BEFORE = JSON.stringify({ 旧: { shown: ["墙"], hidden: [] }, 满: { shown: [], hidden: ["墙", 7] } });

test("what this browser kept before goes to the server once", async () => {
  const { rows, open } = server();
  const store = storage({ [KEY]: BEFORE });
  const states = open(store);
  await states.load();
  expect(states.list().map((state) => state.name).sort()).toEqual(["旧", "满"].sort());
  expect(rows.find((row) => row.name === "满")).toMatchObject({ shown: [], hidden: ["墙"], shared: false });
  expect(store.getItem(KEY)).toBeNull();
  await open(storage({ [KEY]: "broken" })).load();
  expect(rows).toHaveLength(2);
});

test("nothing kept before is lost when the server does not take it", async () => {
  const full = storage({ [KEY]: BEFORE });
  const states = server({ 满: 429 }).open(full);
  await states.load();
  expect(states.list().map((state) => state.name)).toEqual(["旧"]);
  expect(JSON.parse(full.getItem(KEY)!)).toEqual({ 满: { shown: [], hidden: ["墙", 7] } });
  const away = storage({ [KEY]: BEFORE });
  await expect(server({ 旧: 503 }).open(away).load()).rejects.toThrow(Refusal);
  expect(away.getItem(KEY)).toBe(BEFORE);
});
