/** Which marks are shown, in the list and on the canvas alike. Pure. */

import type { Mark } from "../realtime/marks";

export type MarkState = "all" | "open" | "resolved" | "opinion" | "deleted";

export interface Filter {
  words: string;
  /** Empty: all departments. */
  depts: ReadonlySet<string>;
  /** Null: all authors. */
  author: number | null;
  state: MarkState;
}

export const NO_FILTER: Filter = { words: "", depts: new Set(), author: null, state: "all" };

export function isFiltering(filter: Filter): boolean {
  return filter.words.trim() !== "" || filter.depts.size > 0 || filter.author !== null || filter.state !== "all";
}

function inState(mark: Mark, state: MarkState): boolean {
  if (mark.deleted) return state === "deleted";
  switch (state) {
    case "open":
      return !mark.resolved && !mark.cited;
    case "resolved":
      return mark.resolved;
    case "opinion":
      return mark.cited;
    case "deleted":
      return false;
    case "all":
      return true;
  }
}

/** True when the mark is to be shown; its text and its thread are searched. */
export function matches(filter: Filter, mark: Mark): boolean {
  if (!inState(mark, filter.state)) return false;
  if (filter.depts.size > 0 && !filter.depts.has(mark.dept ?? "")) return false;
  if (filter.author !== null && mark.by !== filter.author) return false;
  const words = filter.words.trim().toLocaleLowerCase();
  if (words === "") return true;
  const text = typeof mark.p["text"] === "string" ? mark.p["text"] : "";
  return [text, ...mark.thread.map((reply) => reply.text)].some((said) => said.toLocaleLowerCase().includes(words));
}
