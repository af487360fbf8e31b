/** Layer states (图层状态): named sets of shown layers, kept for a person and a drawing set; those of the drawing's author come with the sheet. */

import type { LayerState } from "../drawing/sheet_drawing";

const KEPT = "lianshen-layer-states";
const MOST = 40;

export interface NamedState {
  name: string;
  /** Names of layers; a layer in neither list is left as it is. */
  shown: string[];
  hidden: string[];
  /** Saved in the drawing: may be applied, not removed. */
  byAuthor: boolean;
}

type Kept = Record<string, { shown: string[]; hidden: string[] }>;

/** The states of one person for one drawing set, in this browser. */
export class LayerStates {
  readonly #key: string;
  readonly #author: NamedState[];
  readonly #store: Storage;

  constructor(person: string, set: string, author: readonly { name: string; shown: string[]; hidden: string[] }[], store: Storage = localStorage) {
    this.#key = `${KEPT}:${person}:${set}`;
    this.#author = author.map((state) => ({ ...state, byAuthor: true }));
    this.#store = store;
  }

  /** His own first, then the author's. */
  list(): NamedState[] {
    const own = Object.entries(this.#read()).map(([name, state]) => ({ name, ...state, byAuthor: false }));
    return [...own.sort((a, b) => a.name.localeCompare(b.name, "zh-CN", { numeric: true })), ...this.#author];
  }

  /** Keeps what is shown now under a name; the same name is written over. False when there is no room. */
  save(name: string, layers: readonly LayerState[]): boolean {
    const kept = this.#read();
    if (!(name in kept) && Object.keys(kept).length >= MOST) return false;
    kept[name] = { shown: namesOf(layers, true), hidden: namesOf(layers, false) };
    return this.#write(kept);
  }

  /** Takes back a removal. */
  restore(state: NamedState): void {
    const kept = this.#read();
    kept[state.name] = { shown: state.shown, hidden: state.hidden };
    this.#write(kept);
  }

  remove(name: string): void {
    const kept = this.#read();
    delete kept[name];
    this.#write(kept);
  }

  #read(): Kept {
    try {
      const kept: unknown = JSON.parse(this.#store.getItem(this.#key) ?? "{}");
      return typeof kept === "object" && kept !== null ? (Object.assign(Object.create(null), kept) as Kept) : {};
    } catch {
      return {};
    }
  }

  #write(kept: Kept): boolean {
    try {
      this.#store.setItem(this.#key, JSON.stringify(kept));
      return true;
    } catch {
      return false; // the browser's room is full
    }
  }
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
  return layers.filter((layer) => layer.shown === shown).map((layer) => layer.name);
}
