/** The HTTP twins of the socket: snapshot, ops after a seq, a batch of ops. Same service behind, same checks. */

import { call } from "./http";
import { parseFrame, type Op, type PendingOp, type ServerFrame, type Snapshot } from "./protocol";

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

/** What goes over the wire of a pending op. */
export function wireOp(op: PendingOp): Record<string, unknown> {
  const { cid, k, obj, base, p } = op;
  return { cid, k, obj, base, p };
}

/** The twins of one sheet; `api` is `<prefix>/api/v1/sheets/<id>`. */
export function httpTwin(api: string): Twin {
  return {
    snapshot: () => call<Snapshot>(`${api}/snapshot`),
    after: (seq) => call<Page>(`${api}/ops?after=${seq}&limit=500`),
    async send(ops) {
      const answer = await call<{ results?: unknown[] }>(`${api}/ops`, { method: "POST", body: { ops: ops.map(wireOp) } });
      const frames: ServerFrame[] = [];
      for (const result of answer.results ?? []) {
        const frame = parseFrame(JSON.stringify(result));
        if (frame) frames.push(frame);
      }
      return frames;
    },
  };
}
