/** Layer states (图层状态): named sets of shown layers, kept on the server for a person and a drawing set, or shared; those of the drawing's author come with the sheet. */

import type { LayerState } from "../drawing/sheet_drawing";
import { ask as askServer, Refusal } from "../site/requests";

/** Where they were kept before the server did: taken over once. */
const KEPT_BEFORE = "lianshen-layer-states";

export interface NamedState {
  name: string;
  /** Names of layers; a layer in neither list is left as it is. */
  shown: string[];
  hidden: string[];
  /** Of the server; null for those saved in the drawing. */
  id: string | null;
  mine: boolean;
  shared: boolean;
  /** Who keeps it; empty for those saved in the drawing. */
  author: string;
}

type Content = Pick<NamedState, "name" | "shown" | "hidden" | "shared">;
type Ask = typeof askServer;

/** The states that one person sees of one drawing set. */
export class LayerStates {
  readonly #path: string;
  readonly #keyBefore: string;
  readonly #author: NamedState[];
  readonly #store: Storage;
  readonly #ask: Ask;
  #known: NamedState[] = [];

  constructor(person: string, set: string, author: readonly { name: string; shown: string[]; hidden: string[] }[], store: Storage = localStorage, ask: Ask = askServer) {
    this.#path = `/api/v1/sets/${set}/layer-states`;
    this.#keyBefore = `${KEPT_BEFORE}:${person}:${set}`;
    this.#author = author.map((state) => ({ ...state, id: null, mine: false, shared: false, author: "" }));
    this.#store = store;
    this.#ask = ask;
  }

  /** His own first, then those shared with him, then the author's. */
  list(): NamedState[] {
    const rank = (state: NamedState): number => (state.mine ? 0 : 1);
    const known = [...this.#known].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, "zh-CN", { numeric: true }));
    return [...known, ...this.#author];
  }

  /** Asks the server; what this browser alone kept before goes there first. Throws a Refusal. */
  async load(): Promise<void> {
    await this.#handOver();
    this.#known = await this.#ask<NamedState[]>(this.#path);
  }

  /** Keeps what is shown now under a name; his own of the same name is written over. Throws a Refusal. */
  async save(name: string, layers: readonly LayerState[], shared: boolean): Promise<void> {
    await this.#keep({ name, shown: namesOf(layers, true), hidden: namesOf(layers, false), shared });
  }

  /** Shares one of his own, or takes that back; also takes back a removal. Throws a Refusal. */
  async restore(state: NamedState, shared = state.shared): Promise<void> {
    await this.#keep({ name: state.name, shown: state.shown, hidden: state.hidden, shared });
  }

  /** Removes one of his own. Throws a Refusal. */
  async remove(state: NamedState): Promise<void> {
    await this.#ask(`/api/v1/layer-states/${state.id}`, { method: "DELETE" });
    this.#known = this.#known.filter((other) => other.id !== state.id);
  }

  async #keep(content: Content): Promise<void> {
    const kept = await this.#ask<NamedState>(this.#path, { body: content });
    this.#known = [...this.#known.filter((other) => other.id !== kept.id), kept];
  }

  /** Once for a browser: what is kept in it goes to the server and leaves the browser when it is there. What the server refuses (no more room) stays. */
  async #handOver(): Promise<void> {
    const kept = this.#keptBefore();
    const left: Record<string, unknown> = Object.create(null);
    for (const [name, content] of kept) {
      try {
        await this.#ask(this.#path, { body: { name, shown: textsOf(content, "shown"), hidden: textsOf(content, "hidden"), shared: false } });
      } catch (error) {
        if (!(error instanceof Refusal) || ![422, 429].includes(error.problem.status)) throw error; // later, then
        left[name] = content;
      }
    }
    if (Object.keys(left).length === 0) this.#store.removeItem(this.#keyBefore);
    else this.#store.setItem(this.#keyBefore, JSON.stringify(left));
  }

  #keptBefore(): [string, unknown][] {
    try {
      const kept: unknown = JSON.parse(this.#store.getItem(this.#keyBefore) ?? "{}");
      return typeof kept === "object" && kept !== null ? Object.entries(kept) : [];
    } catch {
      return [];
    }
  }
}

function textsOf(content: unknown, key: "shown" | "hidden"): string[] {
  const list = (content as Record<string, unknown> | null)?.[key];
  return Array.isArray(list) ? list.filter((each): each is string => typeof each === "string") : [];
}

/** Whether a layer is shown under a state. */
export function shownUnder(state: NamedState): (layer: LayerState) => boolean {
  const shown = new Set(state.shown);
  const hidden = new Set(state.hidden);
  return (layer) => (shown.has(layer.name) ? true : hidden.has(layer.name) ? false : layer.shown);
}

/** Whether the sheet shows what the state says, as far as it names layers of the sheet. */
export function isApplied(state: NamedState, layers: readonly LayerState[]): boolean {
  const under = shownUnder(state);
  return layers.every((layer) => under(layer) === layer.shown);
}

function namesOf(layers: readonly LayerState[], shown: boolean): string[] {
  // Two layers of an external reference may differ in what a name cannot: the state counts by names.
  return [...new Set(layers.filter((layer) => layer.shown === shown).map((layer) => layer.name))];
}
