/** One turn without a socket: fetch what is new, send what is pending, fetch what came of it. */

import type { SheetLog } from "./log";
import type { Op, PendingOp, ServerFrame } from "./protocol";
import type { Twin } from "./twin";

const BATCH = 50;

export interface Turn {
  received(ops: readonly Op[]): void;
  answered(frame: Extract<ServerFrame, { t: "ack" | "nack" }>): void;
  /** False when a socket has taken over meanwhile: then nothing is sent here. */
  isStillWanted(): boolean;
}

/** Rejects as the twin does; true when the turn went through, false when a socket took over. */
export async function exchange(log: SheetLog, twin: Twin, turn: Turn): Promise<boolean> {
  const news = await twin.after(log.last);
  if (!turn.isStillWanted()) return false;
  turn.received(news.ops);
  const batch = nextBatch(log);
  if (batch.length === 0) return true;
  for (const frame of await twin.send(batch)) {
    if (frame.t === "ack" || frame.t === "nack") turn.answered(frame);
  }
  turn.received((await twin.after(log.last)).ops);
  return true;
}

function nextBatch(log: SheetLog): PendingOp[] {
  const batch: PendingOp[] = [];
  const taken = new Set<string>();
  while (batch.length < BATCH) {
    const op = log.nextToSend(taken);
    if (!op) break;
    taken.add(op.cid);
    batch.push(op);
  }
  return batch;
}
