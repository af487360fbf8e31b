/**
 * The room of one sheet: keeps a socket alive, sends what is pending, applies what arrives, falls back to HTTP, and tells
 * the page what changed. All state is in `SheetLog`; all waiting is here.
 */

import { Backoff } from "./backoff";
import { SheetLog, type Refusal, type Self } from "./log";
import { newId } from "./ids";
import {
  closeVerdict,
  parseFrame,
  SUBPROTOCOL,
  wireOp,
  type Ephemeral,
  type Op,
  type Payload,
  type PendingOp,
  type ServerFrame,
  type UserKind,
  type Who,
} from "./protocol";
import type { PendingQueue } from "./queue";
import type { Twin } from "./twin";

/**
 * connecting: nothing known yet · live: socket open and caught up · unsteady: open, but no answer in time · offline: waiting to
 * try again · polling: no socket, HTTP works · stopped: the server said no for good (`stopCode`).
 */
export type Link = "connecting" | "live" | "unsteady" | "offline" | "polling" | "stopped";

export interface RoomEvents {
  /** The link or the number of unsaved ops changed. */
  status(): void;
  /** Marks that changed, with the ops that others wrote. */
  marks(changed: ReadonlySet<string>, ops: readonly Op[]): void;
  refused(refusal: Extract<Refusal, { then: "dropped" }>): void;
  presence(kind: "join" | "leave" | "list", who: readonly Who[]): void;
  ephemeral(list: readonly Ephemeral[]): void;
  /** Names by person id, as the snapshot gives them. */
  people?(names: Readonly<Record<string, string>>): void;
}

/** The part of a WebSocket that the room uses; tests put their own in its place. */
export interface Socket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code?: number): void;
  // Methods, so that a WebSocket, whose handlers take more than is used here, fits too.
  onopen: { bivariant(event: unknown): void }["bivariant"] | null;
  onmessage: { bivariant(event: { data: unknown }): void }["bivariant"] | null;
  onclose: { bivariant(event: { code: number }): void }["bivariant"] | null;
}

export interface RoomParts {
  url: string;
  self: Self;
  twin: Twin;
  queue: PendingQueue;
  openSocket(url: string, protocol: string): Socket;
  backoff?: Backoff;
}

const OPEN = 1;
const FLYING_MAX = 16;
const SENDS_A_SECOND = 24; // the server closes 4429 at 30
const EPH_RESERVE = 8; // left in the bucket for ops, so that a moving cursor never delays a mark
const GAP_MS = 250;
const POS_MS = 30_000;
const IDLE_PING_MS = 20_000;
const ACTIVE_PING_MS = 2_000; // while the person works, so that a dead line shows within 3 s
const ANSWER_MS = 2_500;
const DEAD_MS = 10_000;
const POLL_MS = 2_500;
const POLL_AFTER_FAILURES = 3;
const CHANGES_RIGHTS: ReadonlySet<string> = new Set([
  "sheet.open",
  "sheet.freeze",
  "sheet.thaw",
  "sheet.revise",
  "perm.grant",
  "perm.revoke",
  "sign",
]);

/** HTTP status of a refused call (`Refusal` of the site's requests); 0 when no answer came. */
function statusOf(error: unknown): number {
  const problem = (error as { problem?: { status?: unknown } } | null)?.problem;
  return typeof problem?.status === "number" ? problem.status : 0;
}

export class Room {
  readonly log: SheetLog;
  link: Link = "connecting";
  stopCode: number | null = null;
  conn: string | null = null;
  role: string | null = null;
  /** What this person may do here; null while only the server knows (no socket yet), and then it decides op by op. */
  can: ReadonlySet<string> | null = null;
  head = 0;
  opBytes = 65_536;
  ephHz = 20;

  /** Why a supervisor looks (监察事由); said in the hello, and kept in the audit trail. */
  reason = "";
  readonly #parts: RoomParts;
  readonly #events: RoomEvents;
  readonly #backoff: Backoff;
  readonly #client = newId();
  #socket: Socket | null = null;
  #welcomed = false;
  #welcomeHead = 0;
  #loaded = false;
  #diskFailed = false;
  #turn = 0;
  #failures = 0;
  #flying = new Set<string>();
  #notBefore = 0;
  #tokens = SENDS_A_SECOND;
  #tokensAt = Date.now();
  #lastSent = 0;
  #lastHeard = Date.now();
  #askedAt = 0;
  #activeUntil = 0;
  #posAt = 0;
  #eph: Payload | null = null;
  #ephAt = 0;
  #gapTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pumpTimer: ReturnType<typeof setTimeout> | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #polling = false;
  #pollAt = 0;

  constructor(parts: RoomParts, events: RoomEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#backoff = parts.backoff ?? new Backoff();
    this.log = new SheetLog(parts.self);
  }

  get unsaved(): number {
    return this.log.unsaved;
  }

  /** False when queued marks would not survive a closed tab (the browser stores nothing). */
  get durable(): boolean {
    return this.#parts.queue.durable && !this.#diskFailed;
  }

  async start(): Promise<void> {
    for (const op of await this.#parts.queue.all()) {
      delete op.acked;
      this.log.add(op);
    }
    this.#ticker = setInterval(() => this.#tick(), 500);
    this.#changed([]);
    await this.#connect();
  }

  stop(): void {
    clearInterval(this.#ticker);
    clearTimeout(this.#gapTimer);
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#pumpTimer);
    this.#drop();
  }

  /** Writes an op: it shows at once, is stored on this machine, and goes to the server when it can. Returns its cid. */
  write(k: UserKind, obj: string, p: Payload, base?: number | null): string {
    const op: PendingOp = {
      cid: newId(),
      k,
      obj,
      base: k === "create" ? null : base === undefined ? this.log.versionOf(obj) : base,
      p,
      made: Date.now(),
    };
    this.log.add(op);
    void this.#parts.queue.put(op).catch(() => {
      this.#diskFailed = true;
      this.#events.status();
    });
    this.#changed([]);
    this.#pump();
    return op.cid;
  }

  /** Cursor, selection, tool, view: the newest is sent, at most `ephHz` a second, and never instead of an op. */
  point(d: Payload): void {
    this.#eph = d;
    this.#flushEph();
  }

  /** Says that the person is working: the line is watched closely for a while. */
  wake(): void {
    this.#activeUntil = Date.now() + 30_000;
  }

  /** Tries at once instead of waiting for the back-off: the browser says the network is there again. */
  retryNow(): void {
    if (this.link === "stopped" || this.#welcomed) return;
    clearTimeout(this.#retryTimer);
    this.#drop();
    void this.#connect();
  }

  /** Begins again after the room was closed for good: with a reason, after a new sign-in. */
  async restart(reason: string): Promise<void> {
    this.reason = reason;
    this.stopCode = null;
    this.#backoff.reset();
    this.#setLink("connecting");
    await this.#connect();
  }

  /** True while the server gave this person no marks at all: he looks at the drawing only. */
  get isShut(): boolean {
    return this.link === "stopped" && this.stopCode === 4403 && !this.#loaded;
  }

  /** The browser says the network is gone. */
  networkLost(): void {
    if (this.link === "stopped") return;
    this.#drop();
    this.#setLink("offline");
    this.#retryLater();
  }

  // ---- connecting -----------------------------------------------------------------------------------------------

  async #connect(): Promise<void> {
    if (this.link === "stopped") return;
    const turn = ++this.#turn; // a later attempt ends this one
    if (!this.#loaded) {
      try {
        const snapshot = await this.#parts.twin.snapshot();
        if (turn !== this.#turn) return;
        this.#load(snapshot);
      } catch (error) {
        if (turn === this.#turn) this.#failed(error);
        return;
      }
    }
    let socket: Socket;
    try {
      socket = this.#parts.openSocket(this.#parts.url, SUBPROTOCOL);
    } catch {
      this.#failures += 1;
      this.#retryLater();
      return;
    }
    this.#socket = socket;
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#lastHeard = Date.now();
      this.#askedAt = Date.now();
      this.#send({ t: "hello", v: 1, since: this.log.last || null, epoch: this.log.epoch, client: this.#client, ...(this.reason ? { reason: this.reason } : {}) });
    };
    socket.onmessage = (event) => {
      if (socket === this.#socket && typeof event.data === "string") this.#hear(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code);
    };
  }

  #load(snapshot: Parameters<SheetLog["load"]>[0]): void {
    this.log.load(snapshot);
    this.head = Math.max(snapshot.head, 0);
    this.#loaded = true;
    if (snapshot.people) this.#events.people?.(snapshot.people);
    this.#changed([]);
  }

  #closed(code: number): void {
    const welcomed = this.#welcomed;
    this.#drop();
    if (!welcomed) this.#failures += 1;
    const verdict = closeVerdict(code);
    if (verdict === "stop") {
      this.#stopFor(code);
      return;
    }
    if (verdict === "snapshot") this.#loaded = false;
    this.#setLink(this.#polling ? "polling" : "offline");
    this.#retryLater();
  }

  #stopFor(code: number): void {
    this.stopCode = code;
    this.#polling = false;
    if (code === 4403 || code === 4404) this.can = new Set();
    this.#setLink("stopped");
  }

  /** A failed HTTP call: what the server refused for good stops, everything else waits. */
  #failed(error: unknown): void {
    const status = statusOf(error);
    if (status === 401 || status === 403 || status === 404) {
      this.#drop();
      this.#stopFor(4000 + status);
      return;
    }
    this.#failures += 1;
    this.#setLink("offline");
    this.#retryLater();
  }

  #retryLater(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => void this.#connect(), this.#backoff.next());
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#turn += 1;
    this.#welcomed = false;
    this.#flying.clear();
    this.conn = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      try {
        socket.close(1000);
      } catch {
        // Already gone.
      }
    }
  }

  // ---- hearing --------------------------------------------------------------------------------------------------

  #hear(text: string): void {
    this.#lastHeard = Date.now();
    this.#askedAt = 0;
    const frame = parseFrame(text);
    if (!frame) return;
    switch (frame.t) {
      case "welcome":
        this.#welcome(frame);
        break;
      case "ops":
        this.#ops(frame.ops);
        break;
      case "ack":
      case "nack":
        this.#answer(frame);
        break;
      case "resync":
        void this.#resync();
        break;
      case "eph":
        this.#events.ephemeral(frame.list);
        break;
      case "presence":
        this.#events.presence(frame.k, frame.who);
        break;
      case "err":
      case "pong":
        break;
    }
    if (this.link === "unsteady") this.#setLink("live");
  }

  #welcome(frame: Extract<ServerFrame, { t: "welcome" }>): void {
    this.#welcomed = true;
    this.#polling = false;
    this.#failures = 0;
    this.#backoff.reset();
    this.conn = frame.conn;
    this.role = frame.role;
    this.can = new Set(frame.can);
    this.head = frame.head;
    this.#welcomeHead = frame.head;
    this.opBytes = frame.limits?.op_bytes ?? this.opBytes;
    this.ephHz = Math.min(20, Math.max(1, frame.limits?.eph_hz ?? 20));
    this.log.state = frame.state;
    this.#posAt = Date.now();
    if (this.log.epoch !== null && this.log.epoch !== frame.epoch) {
      void this.#resync();
      return;
    }
    this.log.epoch = frame.epoch;
    this.#setLink("live");
    this.#pump();
  }

  #ops(ops: readonly Op[]): void {
    const arrival = this.log.receive(ops);
    for (const op of arrival.confirmed) {
      this.#flying.delete(op.cid);
      this.#forget(op.cid);
    }
    this.head = Math.max(this.head, this.log.last);
    if (arrival.gap) this.#fillGapSoon();
    if (arrival.applied.length > 0) this.#changed(arrival.applied);
    if (this.#welcomed && arrival.applied.some((op) => op.seq > this.#welcomeHead && CHANGES_RIGHTS.has(op.k))) {
      this.#drop(); // what this page may do has changed: a new welcome says how
      void this.#connect();
      return;
    }
    this.#pump();
  }

  #answer(frame: Extract<ServerFrame, { t: "ack" | "nack" }>): void {
    this.#flying.delete(frame.cid);
    if (frame.t === "ack") {
      if (this.log.ack(frame.cid, frame.seq, frame.ver)) this.#forget(frame.cid);
      if (frame.seq > this.log.last) this.#fillGapSoon(); // its ops frame may have been lost
    } else {
      const refusal = this.log.nack(frame);
      if (refusal?.then === "again") {
        this.#notBefore = Date.now() + Math.min(10_000, Math.max(100, refusal.waitMs));
      } else if (refusal) {
        for (const op of refusal.ops) {
          this.#flying.delete(op.cid);
          this.#forget(op.cid);
        }
        this.#events.refused(refusal);
      }
    }
    this.#changed([]);
    this.#pump();
  }

  #fillGapSoon(): void {
    this.#gapTimer ??= setTimeout(() => void this.#fillGap(), GAP_MS);
  }

  async #fillGap(): Promise<void> {
    this.#gapTimer = undefined;
    if (!this.log.isBehind) return;
    try {
      for (;;) {
        const page = await this.#parts.twin.after(this.log.last);
        this.#ops(page.ops);
        if (page.ops.length === 0 || this.log.last >= page.head) return;
      }
    } catch {
      // The next frame, or the reconnect, finds the gap again.
    }
  }

  async #resync(): Promise<void> {
    this.#drop();
    this.#loaded = false;
    this.#setLink("connecting");
    await this.#connect();
  }

  // ---- sending --------------------------------------------------------------------------------------------------

  #pump(): void {
    if (!this.#welcomed) return;
    const wait = this.#notBefore - Date.now();
    if (wait > 0) {
      this.#pumpAfter(wait);
      return;
    }
    while (this.#flying.size < FLYING_MAX) {
      const op = this.log.nextToSend(this.#flying);
      if (!op) return;
      if (!this.#take(0)) {
        this.#pumpAfter(1000 / SENDS_A_SECOND);
        return;
      }
      this.#flying.add(op.cid);
      if (this.#askedAt === 0) this.#askedAt = Date.now();
      this.#send({ t: "op", ...wireOp(op) });
    }
  }

  #pumpAfter(ms: number): void {
    clearTimeout(this.#pumpTimer);
    this.#pumpTimer = setTimeout(() => this.#pump(), ms);
  }

  /** Takes one send from the bucket, unless that would leave fewer than `reserve`. */
  #take(reserve: number): boolean {
    const now = Date.now();
    this.#tokens = Math.min(SENDS_A_SECOND, this.#tokens + ((now - this.#tokensAt) * SENDS_A_SECOND) / 1000);
    this.#tokensAt = now;
    if (this.#tokens < 1 + reserve) return false;
    this.#tokens -= 1;
    return true;
  }

  #flushEph(): void {
    if (!this.#eph || !this.#welcomed || !this.#socket || this.#socket.bufferedAmount > 0) return;
    if (Date.now() - this.#ephAt < 1000 / this.ephHz) return;
    if (!this.#take(EPH_RESERVE)) return;
    this.#ephAt = Date.now();
    this.#send({ t: "eph", d: this.#eph });
    this.#eph = null;
  }

  #send(frame: Record<string, unknown>): void {
    if (this.#socket?.readyState !== OPEN) return;
    this.#lastSent = Date.now();
    this.#socket.send(JSON.stringify(frame));
  }

  // ---- watching -------------------------------------------------------------------------------------------------

  #tick(): void {
    const now = Date.now();
    if (this.#welcomed) {
      this.#flushEph();
      if (now - this.#posAt >= POS_MS) {
        this.#posAt = now;
        this.#send({ t: "pos", seq: this.log.last });
      }
      const silence = now < this.#activeUntil ? ACTIVE_PING_MS : IDLE_PING_MS;
      if (this.#askedAt === 0 && now - Math.max(this.#lastHeard, now < this.#activeUntil ? 0 : this.#lastSent) >= silence) {
        this.#askedAt = now;
        this.#send({ t: "ping", n: now });
      }
    }
    if (this.#socket && this.#askedAt !== 0) {
      const waited = now - this.#askedAt;
      if (waited > DEAD_MS) this.#closed(1006);
      else if (waited > ANSWER_MS && this.#welcomed) this.#setLink("unsteady");
    }
    if (!this.#welcomed && this.#failures >= POLL_AFTER_FAILURES && now - this.#pollAt >= POLL_MS) void this.#poll();
  }

  /** One turn of the HTTP fallback: flush what is pending, fetch what is new. */
  async #poll(): Promise<void> {
    if (this.link === "stopped" || !this.#loaded) return;
    this.#pollAt = Date.now();
    try {
      const page = await this.#parts.twin.after(this.log.last);
      if (this.#welcomed) return;
      this.#polling = true;
      this.#ops(page.ops);
      this.#setLink("polling");
      const batch: PendingOp[] = [];
      const taken = new Set<string>();
      while (batch.length < 50) {
        const op = this.log.nextToSend(taken);
        if (!op) break;
        taken.add(op.cid);
        batch.push(op);
      }
      if (batch.length === 0) return;
      for (const frame of await this.#parts.twin.send(batch)) {
        if (frame.t === "ack" || frame.t === "nack") this.#answer(frame);
      }
      const after = await this.#parts.twin.after(this.log.last);
      this.#ops(after.ops);
    } catch (error) {
      this.#polling = false;
      const status = statusOf(error);
      if (status === 401 || status === 403) this.#stopFor(4000 + status);
      else this.#setLink("offline");
    } finally {
      this.#pollAt = Date.now();
    }
  }

  // ---- telling --------------------------------------------------------------------------------------------------

  #forget(cid: string): void {
    void this.#parts.queue.remove(cid).catch(() => undefined);
  }

  #setLink(link: Link): void {
    if (this.link === link) return;
    this.link = link;
    this.#events.status();
  }

  #changed(ops: readonly Op[]): void {
    const changed = this.log.takeChanged();
    if (changed.size > 0 || ops.length > 0) this.#events.marks(changed, ops);
    this.#events.status();
  }
}
