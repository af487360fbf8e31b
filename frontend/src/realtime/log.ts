/**
 * The log of one sheet as this page knows it: `base` = what the server has confirmed up to `last`, `pending` = what it has not;
 * the view is base + pending. No sockets, no clock, no storage: `client.ts` joins it to those.
 */

import { applyTo, markFromRecord, stateAfter, type Mark } from "./marks";
import type { Author, NackCode, ObjectRecord, Op, PendingOp, ServerFrame, SheetState, Snapshot } from "./protocol";

/** Who this page acts for; optimistic marks carry it. */
export interface Self {
  by: Author | null;
  dept: string | null;
}

/** What a nack means for the op: it goes again, or it was taken back and its text is handed over as a draft. */
export type Refusal =
  | { then: "again"; op: PendingOp; waitMs: number }
  | {
      then: "dropped";
      /** The refused op first, then the ops on the same mark that were built on it and went with it. */
      ops: [PendingOp, ...PendingOp[]];
      code: NackCode;
      /** What the server holds of the mark, null when it holds none. */
      current: Mark | null;
      msg: string;
      next: string;
    };

export interface Arrival {
  /** Ops that advanced the base, in order. */
  applied: Op[];
  /** Pending ops of this page that these ops confirmed. */
  confirmed: PendingOp[];
  /** True when ops in between are missing: fetch everything after `last`. */
  gap: boolean;
}

const HELD_MAX = 4096;
const AGAIN: ReadonlySet<string> = new Set(["retry", "rate"]);

export class SheetLog {
  last = 0;
  epoch: string | null = null;
  state: SheetState = "draft";

  readonly #self: Self;
  readonly #base = new Map<string, Mark>();
  readonly #pending: PendingOp[] = [];
  readonly #held = new Map<number, Op>();
  readonly #view = new Map<string, Mark>();
  readonly #changed = new Set<string>();

  constructor(self: Self) {
    this.#self = self;
  }

  /** Confirmed marks by id, tombstones included. */
  get base(): ReadonlyMap<string, Mark> {
    return this.#base;
  }

  /** Marks as this page shows them: confirmed and pending, tombstones included. */
  get view(): ReadonlyMap<string, Mark> {
    return this.#view;
  }

  /** Ops that the server has not confirmed, in the order in which they were made. */
  get pending(): readonly PendingOp[] {
    return this.#pending;
  }

  /** Number of ops that would be lost if this page had no storage: what the badge shows. */
  get unsaved(): number {
    let count = 0;
    for (const op of this.#pending) if (!op.acked) count += 1;
    return count;
  }

  /** True when an op is known to exist after `last` that has not arrived. */
  get isBehind(): boolean {
    return this.#held.size > 0 || this.#pending.some((op) => op.acked !== undefined && op.acked.seq > this.last);
  }

  /** Ids whose view changed since the last call. */
  takeChanged(): Set<string> {
    const taken = new Set(this.#changed);
    this.#changed.clear();
    return taken;
  }

  /** The version a new op on this mark must name as its base: what the person sees, pending edits included. */
  versionOf(obj: string): number | null {
    return this.#view.get(obj)?.ver ?? null;
  }

  /**
   * The next op to send: the first that is neither confirmed nor in `flying`, and whose mark has nothing in flight before it,
   * so that an op never overtakes the one it was built on.
   */
  nextToSend(flying: ReadonlySet<string>): PendingOp | null {
    const busy = new Set<string>();
    for (const op of this.#pending) {
      if (op.acked) continue;
      if (flying.has(op.cid) || busy.has(op.obj)) busy.add(op.obj);
      else return op;
    }
    return null;
  }

  /** Adds an op of this page; it shows at once. The same `cid` twice is one op. */
  add(op: PendingOp): void {
    if (this.#pending.some((held) => held.cid === op.cid)) return;
    this.#pending.push(op);
    this.#refresh(op.obj);
  }

  /** Takes ops out of the pending list without an answer of the server; the view falls back. */
  discard(cid: string): PendingOp | null {
    const at = this.#pending.findIndex((op) => op.cid === cid);
    if (at < 0) return null;
    const [op] = this.#pending.splice(at, 1);
    if (!op) return null;
    this.#refresh(op.obj);
    return op;
  }

  /** An `ops` frame, or a page of the HTTP twin: skip what is known, apply what follows, hold what lies ahead. */
  receive(ops: readonly Op[]): Arrival {
    const arrival: Arrival = { applied: [], confirmed: [], gap: false };
    for (const op of ops) {
      if (op.seq <= this.last) continue;
      if (this.#held.size < HELD_MAX || op.seq === this.last + 1) this.#held.set(op.seq, op);
    }
    const touched = new Set<string>();
    for (;;) {
      const op = this.#held.get(this.last + 1);
      if (!op) break;
      this.#held.delete(op.seq);
      this.#advance(op, arrival, touched);
    }
    for (const obj of touched) this.#refresh(obj);
    for (const seq of this.#held.keys()) if (seq <= this.last) this.#held.delete(seq);
    arrival.gap = this.#held.size > 0;
    return arrival;
  }

  /** An `ack`: the op is safe. It stays in the view until its `ops` frame comes, unless that came first. */
  ack(cid: string, seq: number, ver: number): PendingOp | null {
    const op = this.#pending.find((held) => held.cid === cid);
    if (!op) return null;
    op.acked = { seq, ver };
    if (seq <= this.last) this.#remove(op);
    else this.#refresh(op.obj);
    return op;
  }

  /** A `nack`: only `retry` and `rate` go again, everything else is taken back and handed to the caller. */
  nack(frame: Extract<ServerFrame, { t: "nack" }>): Refusal | null {
    const op = this.#pending.find((held) => held.cid === frame.cid);
    if (!op) return null;
    if (AGAIN.has(frame.code)) {
      const waitMs = typeof frame.retry === "number" ? frame.retry : 1000;
      return { then: "again", op, waitMs };
    }
    const ops: [PendingOp, ...PendingOp[]] = [op, ...this.#builtOn(op)];
    for (const lost of ops) this.#remove(lost);
    const current = frame.cur ? this.#adopt(frame.cur) : (this.#base.get(op.obj) ?? null);
    return { then: "dropped", ops, code: frame.code, current, msg: frame.msg ?? "", next: frame.next ?? "" };
  }

  /** Replaces the base by a snapshot; pending ops that it already holds are dropped. */
  load(snapshot: Snapshot): void {
    const touched = new Set([...this.#base.keys(), ...this.#view.keys()]);
    this.#base.clear();
    this.#held.clear();
    for (const record of snapshot.objects) {
      this.#base.set(record.obj, markFromRecord(record));
      touched.add(record.obj);
    }
    this.last = snapshot.head;
    this.epoch = snapshot.epoch;
    this.state = snapshot.state;
    for (const op of [...this.#pending]) {
      if (op.acked && op.acked.seq <= snapshot.head) this.#pending.splice(this.#pending.indexOf(op), 1);
      else delete op.acked; // another epoch may have lost it: it is sent again, and the server knows its cid
      touched.add(op.obj);
    }
    for (const obj of touched) this.#refresh(obj);
  }

  /**
   * Later pending ops whose base is the result of `op`. They go with it: sent alone they could meet a version that somebody else
   * made with the same number, and be merged into something that nobody wrote. A reply stands by itself while its mark does.
   */
  #builtOn(op: PendingOp): PendingOp[] {
    if (op.k === "reply") return [];
    const later = this.#pending.slice(this.#pending.indexOf(op) + 1);
    return later.filter((held) => held.obj === op.obj && (op.k === "create" || held.k !== "reply"));
  }

  #advance(op: Op, arrival: Arrival, touched: Set<string>): void {
    this.last = op.seq;
    this.state = stateAfter(this.state, op.k, op.p);
    if (op.obj !== null) {
      const mark = applyTo(this.#base.get(op.obj), op);
      if (mark) this.#base.set(op.obj, mark);
      touched.add(op.obj);
    }
    arrival.applied.push(op);
    if (op.cid === null) return;
    const at = this.#pending.findIndex((held) => held.cid === op.cid);
    if (at < 0) return;
    const [own] = this.#pending.splice(at, 1);
    if (own) arrival.confirmed.push(own);
  }

  /** What a nack says the server holds now; newer than the base, the base follows by the log. */
  #adopt(record: ObjectRecord): Mark {
    const known = this.#base.get(record.obj);
    if (record.p === undefined && known) return { ...known, ver: record.ver, deleted: record.deleted === true };
    return markFromRecord(record);
  }

  #remove(op: PendingOp): void {
    const at = this.#pending.indexOf(op);
    if (at >= 0) this.#pending.splice(at, 1);
    this.#refresh(op.obj);
  }

  #refresh(obj: string): void {
    let mark = this.#base.get(obj);
    for (const op of this.#pending) {
      if (op.obj !== obj) continue;
      mark =
        applyTo(mark, {
          seq: op.acked?.seq ?? null,
          k: op.k,
          obj: op.obj,
          ver: op.acked?.ver ?? null,
          by: this.#self.by,
          dept: this.#self.dept,
          at: new Date(op.made).toISOString(),
          p: op.p,
        }) ?? mark;
    }
    if (mark) this.#view.set(obj, mark);
    else this.#view.delete(obj);
    this.#changed.add(obj);
  }
}
