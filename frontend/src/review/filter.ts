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
  /** Drawn or answered within so many days, today included; null: whenever. */
  days: number | null;
}

export const NO_FILTER: Filter = { words: "", depts: new Set(), author: null, state: "all", days: null };

export function isFiltering(filter: Filter): boolean {
  return filter.words.trim() !== "" || filter.depts.size > 0 || filter.author !== null || filter.days !== null || filter.state !== "all";
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

/** When it was drawn or last answered. */
function lastTouched(mark: Mark): number {
  return Math.max(...[mark.at, ...mark.thread.map((reply) => reply.at)].map((at) => new Date(at).getTime() || 0));
}

/** Midnight of the day so many days ago, on this person's clock. */
function startOfDay(ago: number): number {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() - ago);
  return day.getTime();
}

/** True when the mark is to be shown; its text and its thread are searched. */
export function matches(filter: Filter, mark: Mark): boolean {
  if (!inState(mark, filter.state)) return false;
  if (filter.depts.size > 0 && !filter.depts.has(mark.dept ?? "")) return false;
  if (filter.author !== null && mark.by !== filter.author) return false;
  if (filter.days !== null && lastTouched(mark) < startOfDay(filter.days - 1)) return false;
  const words = filter.words.trim().toLocaleLowerCase();
  if (words === "") return true;
  const text = typeof mark.p["text"] === "string" ? mark.p["text"] : "";
  return [text, ...mark.thread.map((reply) => reply.text)].some((said) => said.toLocaleLowerCase().includes(words));
}
