/** A server of review.v1 for the tests of this folder: one sheet, in memory, with the same decisions as the real one's op table. */

import { newId } from "./ids";
import { applyTo, type Mark } from "./marks";
import type { NackCode, Op, PendingOp, ServerFrame, SheetState, Snapshot } from "./protocol";
import type { Socket } from "./parts";
import type { Page, Twin } from "./twin";

export class FakeServer {
  epoch = "e1";
  state: SheetState = "open";
  readonly log: Op[] = [];
  readonly marks = new Map<string, Mark>();
  readonly sockets = new Set<FakeSocket>();
  /** Set to make the next attempts to connect fail. */
  refuseSockets = false;
  refuseHttp = false;
  commits = 0;

  get head(): number {
    return this.log.length;
  }

  commit(by: number, dept: string, op: PendingOp): Extract<ServerFrame, { t: "ack" | "nack" }> {
    const seen = this.log.find((row) => row.cid === op.cid && row.by === by);
    if (seen) return { t: "ack", cid: op.cid, seq: seen.seq, ver: seen.ver ?? 0, dup: true };
    const mark = this.marks.get(op.obj);
    const nack = (code: NackCode): Extract<ServerFrame, { t: "nack" }> => ({
      t: "nack",
      cid: op.cid,
      code,
      cur: mark ? { ...mark, p: mark.p, thread: [] } : null,
    });
    if (this.state !== "open") return nack("frozen");
    if (!mark && op.k !== "create") return nack("not_found");
    if (mark && op.k === "create") return nack("exists");
    if (mark && op.k !== "reply") {
      if (mark.dept !== dept) return nack("not_owner");
      if (mark.cited) return nack("cited");
      if (mark.deleted && op.k !== "restore") return nack("deleted");
      if (op.base !== mark.ver) return nack("stale");
    }
    const ver = op.k === "reply" ? (mark?.ver ?? 1) : (mark?.ver ?? 0) + 1;
    const row = this.append({ cid: op.cid, k: op.k, obj: op.obj, ver, by, dept, p: op.p });
    return { t: "ack", cid: op.cid, seq: row.seq, ver };
  }

  append(op: Omit<Op, "seq" | "at">): Op {
    this.commits += 1;
    const row: Op = { ...structuredClone(op), seq: this.head + 1, at: "2026-05-01T00:00:00Z" };
    this.log.push(row);
    if (row.k === "sheet.freeze") this.state = "frozen";
    if (row.k === "sheet.thaw") this.state = "open";
    if (row.obj !== null) {
      const mark = applyTo(this.marks.get(row.obj), row);
      if (mark) this.marks.set(row.obj, mark);
    }
    for (const socket of this.sockets) socket.hear({ t: "ops", from: row.seq, ops: [row] });
    return row;
  }

  snapshot(): Snapshot {
    return {
      epoch: this.epoch,
      head: this.head,
      state: this.state,
      objects: [...this.marks.values()].map((mark) => ({
        ...mark,
        thread: mark.thread.map((reply) => ({ ...reply })),
      })),
    };
  }

  twin(by: number, dept: string): Twin {
    const gate = (): void => {
      if (this.refuseHttp) throw new Error("no network");
    };
    return {
      snapshot: async () => (gate(), structuredClone(this.snapshot())),
      after: async (seq: number): Promise<Page> => (gate(), { head: this.head, ops: structuredClone(this.log.slice(seq)) }),
      send: async (ops) => (gate(), ops.map((op) => this.commit(by, dept, op))),
    };
  }

  open(by: number, dept: string, faults: Faults = {}, openAfterMs = 0): FakeSocket {
    return new FakeSocket(this, by, dept, faults, openAfterMs);
  }
}

export interface Faults {
  random?: () => number;
  drop?: number;
  duplicate?: number;
  reorder?: number;
}

export class FakeSocket implements Socket {
  readyState = 0;
  bufferedAmount = 0;
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  readonly sent: Record<string, unknown>[] = [];
  #late: ServerFrame | null = null;

  constructor(
    readonly server: FakeServer,
    readonly by: number,
    readonly dept: string,
    readonly faults: Faults,
    openAfterMs = 0,
  ) {
    const begin = openAfterMs > 0 ? (act: () => void): unknown => setTimeout(act, openAfterMs) : queueMicrotask;
    begin(() => {
      if (this.readyState !== 0) return; // closed before it opened
      if (server.refuseSockets) {
        this.die(1006);
        return;
      }
      this.readyState = 1;
      this.onopen?.(undefined);
    });
  }

  send(text: string): void {
    const frame = JSON.parse(text) as Record<string, unknown>;
    this.sent.push(frame);
    if (frame["t"] === "hello") this.#hello(frame);
    else if (frame["t"] === "op") this.hear(this.server.commit(this.by, this.dept, frame as unknown as PendingOp));
    else if (frame["t"] === "ping") this.hear({ t: "pong" });
  }

  close(): void {
    this.readyState = 3;
    this.server.sockets.delete(this);
  }

  die(code: number): void {
    this.close();
    this.onclose?.({ code });
  }

  /** Delivers a frame, or loses, doubles or delays it as the faults say; answers to `hello` always arrive. */
  hear(frame: ServerFrame): void {
    const { random = () => 1, drop = 0, duplicate = 0, reorder = 0 } = this.faults;
    if (frame.t === "ops" || frame.t === "ack" || frame.t === "nack") {
      if (frame.t !== "nack" && random() < drop) return;
      if (random() < reorder && !this.#late) {
        this.#late = frame;
        return;
      }
    }
    this.#deliver(frame);
    if (random() < duplicate) this.#deliver(frame);
    if (this.#late) {
      const late = this.#late;
      this.#late = null;
      this.#deliver(late);
    }
  }

  #deliver(frame: ServerFrame): void {
    const data = JSON.stringify(frame);
    queueMicrotask(() => {
      if (this.readyState === 1) this.onmessage?.({ data });
    });
  }

  #hello(frame: Record<string, unknown>): void {
    const since = (frame["since"] as number | null) ?? 0;
    if (since > this.server.head || (frame["epoch"] !== null && frame["epoch"] !== this.server.epoch)) {
      queueMicrotask(() => this.die(4409));
      return;
    }
    this.server.sockets.add(this);
    this.#deliver({
      t: "welcome",
      v: 1,
      conn: newId(),
      epoch: this.server.epoch,
      head: this.server.head,
      role: "reviewer",
      can: ["annotation.create"],
      state: this.server.state,
      limits: { op_bytes: 65536, eph_hz: 20 },
    });
    const missed = this.server.log.slice(since);
    if (missed.length > 0) this.#deliver({ t: "ops", from: since + 1, ops: structuredClone(missed) });
  }
}
