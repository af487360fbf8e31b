/**
 * The room of one sheet: keeps a socket alive, sends what is pending, applies what arrives, falls back to HTTP, and tells
 * the page what changed. State is in `SheetLog`; how fast to send in `Outflow`, how long to wait in `Heartbeat` and `Backoff`.
 */

import { Backoff } from "./backoff";
import { exchange } from "./exchange";
import { Heartbeat } from "./heartbeat";
import { newId } from "./ids";
import { SheetLog } from "./log";
import { Outflow } from "./outflow";
import type { Link, RoomEvents, RoomParts, Socket } from "./parts";
import { CHANGES_RIGHTS, closeVerdict, parseFrame, SUBPROTOCOL, type Op, type Payload, type PendingOp, type ServerFrame, type UserKind } from "./protocol";
import { statusOf } from "./twin";

const OPEN = 1;
const GAP_MS = 250;
const TICK_MS = 250;
const POLL_MS = 2_500;
const POLL_AFTER_FAILURES = 3;

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

  /** Why a supervisor looks (监察事由); said in the hello, and kept in the audit trail. */
  reason = "";
  readonly #parts: RoomParts;
  readonly #events: RoomEvents;
  readonly #backoff: Backoff;
  readonly #client = newId();
  readonly #heartbeat = new Heartbeat();
  readonly #outflow: Outflow;
  #socket: Socket | null = null;
  #welcomed = false;
  #welcomeHead = 0;
  #loaded = false;
  #diskFailed = false;
  #turn = 0;
  #failures = 0;
  #gapTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #polling = false;
  #pollAt = 0;

  constructor(parts: RoomParts, events: RoomEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#backoff = parts.backoff ?? new Backoff();
    this.log = new SheetLog(parts.self);
    this.#outflow = new Outflow(this.log, (frame) => this.#send(frame));
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
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#changed([]);
    await this.#connect();
  }

  stop(): void {
    clearInterval(this.#ticker);
    clearTimeout(this.#gapTimer);
    clearTimeout(this.#retryTimer);
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
    this.#outflow.pump();
    return op.cid;
  }

  /** Where the person is (cursor, selection, tool, view); said as often as the line bears. */
  point(d: Payload): void {
    this.#outflow.point(d);
    this.#flushPointer();
  }

  /** Says that the person is working: the line is watched closely for a while. */
  wake(): void {
    this.#heartbeat.wake();
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
    this.#heartbeat.opening();
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#heartbeat.opened();
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
    this.#outflow.shut();
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
    this.#heartbeat.heard();
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
    this.#outflow.ephHz = Math.min(20, Math.max(1, frame.limits?.eph_hz ?? 20));
    this.log.state = frame.state;
    this.#heartbeat.welcomed();
    if (this.log.epoch !== null && this.log.epoch !== frame.epoch) {
      void this.#resync();
      return;
    }
    this.log.epoch = frame.epoch;
    this.#setLink("live");
    this.#outflow.open();
  }

  #ops(ops: readonly Op[]): void {
    const arrival = this.log.receive(ops);
    for (const op of arrival.confirmed) {
      this.#outflow.landed(op.cid);
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
    this.#outflow.pump();
  }

  #answer(frame: Extract<ServerFrame, { t: "ack" | "nack" }>): void {
    this.#outflow.landed(frame.cid);
    if (frame.t === "ack") {
      if (this.log.ack(frame.cid, frame.seq, frame.ver)) this.#forget(frame.cid);
      if (frame.seq > this.log.last) this.#fillGapSoon(); // its ops frame may have been lost
    } else {
      const refusal = this.log.nack(frame);
      if (refusal?.then === "again") {
        this.#outflow.pause(Math.min(10_000, Math.max(100, refusal.waitMs)));
      } else if (refusal) {
        for (const op of refusal.ops) {
          this.#outflow.landed(op.cid);
          this.#forget(op.cid);
        }
        this.#events.refused(refusal);
      }
    }
    this.#changed([]);
    this.#outflow.pump();
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

  // ---- sending and watching ---------------------------------------------------------------------------------------

  #send(frame: Record<string, unknown>): void {
    // Asked even of a socket that is closing without a word: no answer is what shows that it is dead.
    if (frame["t"] === "op" || frame["t"] === "ping") this.#heartbeat.asked();
    if (this.#socket?.readyState !== OPEN) return;
    this.#heartbeat.sent();
    this.#socket.send(JSON.stringify(frame));
  }

  #flushPointer(): void {
    if (this.#socket) this.#outflow.flushPointer(this.#socket.bufferedAmount);
  }

  #tick(): void {
    if (this.#welcomed) {
      this.#flushPointer();
      if (this.#heartbeat.isPositionDue()) this.#send({ t: "pos", seq: this.log.last });
      if (this.#heartbeat.isPingDue()) this.#send({ t: "ping", n: Date.now() });
    }
    if (this.#socket) {
      const verdict = this.#heartbeat.verdict();
      if (verdict === "dead") this.#closed(1006);
      else if (verdict === "late" && this.#welcomed) this.#setLink("unsteady");
    }
    if (!this.#welcomed && this.#failures >= POLL_AFTER_FAILURES && Date.now() - this.#pollAt >= POLL_MS) void this.#poll();
  }

  async #poll(): Promise<void> {
    if (this.link === "stopped" || !this.#loaded) return;
    this.#pollAt = Date.now();
    try {
      await exchange(this.log, this.#parts.twin, {
        isStillWanted: () => !this.#welcomed,
        received: (ops) => {
          this.#polling = true;
          this.#ops(ops);
          if (!this.#welcomed) this.#setLink("polling");
        },
        answered: (frame) => this.#answer(frame),
      });
    } catch (error) {
      this.#polling = false;
      const status = statusOf(error);
      if (status === 401 || status === 403) this.#stopFor(4000 + status);
      else if (!this.#welcomed) this.#setLink("offline");
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
