/** The HTTP twins of the socket: snapshot, ops after a seq, a batch of ops. Same service behind, same checks. */

import { ask } from "../site/requests";
import { parseFrame, wireOp, type Op, type PendingOp, type ServerFrame, type Snapshot } from "./protocol";

export interface Page {
  head: number;
  ops: Op[];
}

export interface Twin {
  snapshot(): Promise<Snapshot>;
  after(seq: number): Promise<Page>;
  /** Sends a batch; the answers are the `ack` and `nack` frames of the socket. */
  send(ops: readonly PendingOp[]): Promise<ServerFrame[]>;
}

/** The twins of one sheet; `api` is `/api/v1/sheets/<id>`. */
export function httpTwin(api: string): Twin {
  return {
    snapshot: () => ask<Snapshot>(`${api}/snapshot`),
    after: (seq) => ask<Page>(`${api}/ops?after=${seq}&limit=500`),
    async send(ops) {
      const answer = await ask<{ results?: unknown[] }>(`${api}/ops`, { body: { ops: ops.map(wireOp) } });
      const frames: ServerFrame[] = [];
      for (const result of answer.results ?? []) {
        const frame = parseFrame(JSON.stringify(result));
        if (frame) frames.push(frame);
      }
      return frames;
    },
  };
}

/** HTTP status of a refused call (`Refusal` of the site's requests); 0 when no answer came. */
export function statusOf(error: unknown): number {
  const problem = (error as { problem?: { status?: unknown } } | null)?.problem;
  return typeof problem?.status === "number" ? problem.status : 0;
}
