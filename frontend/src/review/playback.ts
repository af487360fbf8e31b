/** A session played back (回放): the marks of a sheet as they stood after each op of its log. Pure: no clock, no screen. */

import { applyTo, stateAfter, type Mark } from "../realtime/marks";
import type { Op, SheetState } from "../realtime/protocol";

/** Every so many ops the marks are kept, so that a jump costs at most as many steps. */
const KEPT_EVERY = 200;
/** A pause as long as this ends a session. */
export const SESSION_GAP_MS = 30 * 60_000;

/** A run of ops without a long pause: one sitting. Positions count ops: 0 is the empty sheet. */
export interface Session {
  from: number;
  to: number;
  begin: string;
  end: string;
}

interface Kept {
  marks: ReadonlyMap<string, Mark>;
  state: SheetState;
}

export class Playback {
  readonly ops: readonly Op[];
  readonly sessions: readonly Session[];
  readonly #kept: Kept[] = [{ marks: new Map(), state: "draft" }];

  /** `ops`: the log from its first op on, without gaps. */
  constructor(ops: readonly Op[]) {
    this.ops = ops;
    this.sessions = sessionsOf(ops);
    let marks = new Map<string, Mark>();
    let state: SheetState = "draft";
    ops.forEach((op, at) => {
      state = stateAfter(state, op.k, op.p);
      step(marks, op);
      if ((at + 1) % KEPT_EVERY === 0) {
        this.#kept.push({ marks, state });
        marks = new Map(marks);
      }
    });
  }

  /** Marks and state after the first `count` ops. */
  at(count: number): Kept {
    const nearest = Math.min(Math.floor(count / KEPT_EVERY), this.#kept.length - 1);
    const kept = this.#kept[nearest]!;
    const marks = new Map(kept.marks);
    let { state } = kept;
    for (const op of this.ops.slice(nearest * KEPT_EVERY, count)) {
      step(marks, op);
      state = stateAfter(state, op.k, op.p);
    }
    return { marks, state };
  }

  /** The session in which the op before this position lies. */
  sessionAt(count: number): Session | null {
    return this.sessions.find((session) => count > session.from && count <= session.to) ?? null;
  }
}

/** How long to wait before the op at `position` follows the one before it: as it was, `speed` times as fast, never long. */
export function pauseBefore(ops: readonly Op[], position: number, speed: number, most = 1_500): number {
  const [before, next] = [ops[position - 1], ops[position]];
  if (!before || !next) return 0;
  const passed = new Date(next.at).getTime() - new Date(before.at).getTime();
  return Math.max(60, Math.min(most, passed / speed));
}

function step(marks: Map<string, Mark>, op: Op): void {
  if (op.obj === null) return;
  const mark = applyTo(marks.get(op.obj), op);
  if (mark) marks.set(op.obj, mark);
}

function sessionsOf(ops: readonly Op[]): Session[] {
  const found: Session[] = [];
  ops.forEach((op, at) => {
    const last = found.at(-1);
    if (last && new Date(op.at).getTime() - new Date(last.end).getTime() < SESSION_GAP_MS) {
      last.to = at + 1;
      last.end = op.at;
    } else found.push({ from: at, to: at + 1, begin: op.at, end: op.at });
  });
  return found;
}
