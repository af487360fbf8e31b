import { expect, test } from "vitest";
import type { LayerState } from "../drawing/sheet_drawing";
import { isApplied, LayerStates, shownUnder } from "./layer_states";

function layers(...names: [string, boolean][]): LayerState[] {
  return names.map(([name, shown], id) => ({ id, name, shown, color: "#000000", adaptive: false, on: true, frozen: false, locked: false, plot: true, entities: 1 }));
}

function storage(): Storage {
  const kept = new Map<string, string>();
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } as unknown as Storage;
}

test("what is shown is kept under its name, for one person and one set", () => {
  const store = storage();
  const mine = new LayerStates("7", "set", [{ name: "方案一", shown: ["墙"], hidden: [] }], store);
  expect(mine.save("只看墙", layers(["墙", true], ["轴网", false]))).toBe(true);
  expect(mine.list().map((state) => [state.name, state.byAuthor])).toEqual([["只看墙", false], ["方案一", true]]);
  expect(new LayerStates("8", "set", [], store).list()).toEqual([]);
  expect(new LayerStates("7", "other", [], store).list()).toEqual([]);
});

test("a state applies to sheets that have other layers, too", () => {
  const states = new LayerStates("7", "set", [], storage());
  states.save("__proto__", layers(["墙", true], ["轴网", false]));
  const [state] = states.list();
  const sheet = layers(["墙", false], ["轴网", true], ["新图层", true]);
  expect(sheet.map(shownUnder(state!))).toEqual([true, false, true]);
  expect(isApplied(state!, sheet)).toBe(false);
  expect(isApplied(state!, layers(["墙", true], ["新图层", false]))).toBe(true);
});

test("a removal is taken back; what cannot be read is nothing", () => {
  const store = storage();
  const states = new LayerStates("7", "set", [], store);
  states.save("a", layers(["墙", true]));
  const [state] = states.list();
  states.remove("a");
  expect(states.list()).toEqual([]);
  states.restore(state!);
  expect(states.list()).toHaveLength(1);
  store.setItem("lianshen-layer-states:7:set", "broken");
  expect(states.list()).toEqual([]);
});
