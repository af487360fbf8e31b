/** Undo and redo as inverse ops: what is undone is written to the log like everything else. Pure. */

import type { Mark } from "../realtime/marks";
import { mergeFields } from "../realtime/marks";
import type { Payload, UserKind } from "../realtime/protocol";

export interface Step {
  k: UserKind;
  obj: string;
  p: Payload;
}

interface Entry {
  done: Step[];
  inverse: Step[];
}

const INVERSE: Partial<Record<UserKind, UserKind>> = { create: "delete", delete: "restore", restore: "delete", resolve: "reopen", reopen: "resolve" };
const DEPTH = 200;

/** The fields that take `changed` back to what `before` holds: null for what was not there. */
export function inverseFields(before: Payload, changed: Payload): Payload {
  const back: Payload = {};
  for (const key of Object.keys(changed)) back[key] = before[key] ?? null;
  return back;
}

/** The op that undoes a step on a mark as it was before; null when nothing can (a reply stays said). */
export function inverseOf(step: Step, before: Mark | undefined): Step | null {
  if (step.k === "patch") return before ? { k: "patch", obj: step.obj, p: inverseFields(before.p, step.p) } : null;
  const k = INVERSE[step.k];
  return k ? { k, obj: step.obj, p: {} } : null;
}

/** True when the mark still is as the step left it, so that undoing takes back nothing that somebody else wrote. */
export function stillHolds(step: Step, mark: Mark | undefined): boolean {
  if (!mark) return false;
  switch (step.k) {
    case "create":
    case "restore":
      return !mark.deleted;
    case "delete":
      return mark.deleted;
    case "resolve":
      return mark.resolved && !mark.deleted;
    case "reopen":
      return !mark.resolved && !mark.deleted;
    case "patch":
      return !mark.deleted && JSON.stringify(mergeFields(mark.p, step.p)) === JSON.stringify(mark.p);
    default:
      return false;
  }
}

export class History {
  readonly #undo: Entry[] = [];
  readonly #redo: Entry[] = [];

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  /** Remembers steps that were done together; `before` gives the marks as they were. */
  remember(steps: readonly Step[], before: (obj: string) => Mark | undefined): void {
    const inverse: Step[] = [];
    for (const step of steps) {
      const back = inverseOf(step, before(step.obj));
      if (back) inverse.unshift(back);
    }
    if (inverse.length === 0) return;
    this.#undo.push({ done: [...steps], inverse });
    if (this.#undo.length > DEPTH) this.#undo.shift();
    this.#redo.length = 0;
  }

  /** The steps to write for undo (or redo), or why there are none: nothing left, or somebody changed the mark since. */
  take(which: "undo" | "redo", mark: (obj: string) => Mark | undefined): { steps: Step[] } | { why: "empty" | "changed" } {
    const from = which === "undo" ? this.#undo : this.#redo;
    const to = which === "undo" ? this.#redo : this.#undo;
    const entry = from.pop();
    if (!entry) return { why: "empty" };
    const done = which === "undo" ? entry.done : entry.inverse;
    const steps = which === "undo" ? entry.inverse : entry.done.map((step): Step => (step.k === "create" ? { k: "restore", obj: step.obj, p: {} } : step));
    if (!done.every((step) => step.k === "reply" || stillHolds(step, mark(step.obj)))) return { why: "changed" };
    to.push(entry);
    return { steps };
  }

  /** Forgets everything about a mark: the server refused it. */
  forget(obj: string): void {
    for (const list of [this.#undo, this.#redo]) {
      for (let i = list.length - 1; i >= 0; i -= 1) if (list[i]!.done.some((step) => step.obj === obj)) list.splice(i, 1);
    }
  }
}
