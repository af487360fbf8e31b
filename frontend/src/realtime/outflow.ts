/** What goes out over the socket: pending ops in order, the newest pointer after them, never more than the server takes. */

import type { SheetLog } from "./log";
import { wireOp, type Payload } from "./protocol";

const FLYING_MAX = 16;
const SENDS_A_SECOND = 24; // the server closes 4429 at 30
const EPH_RESERVE = 8; // left in the bucket for ops, so that a moving cursor never delays a mark

export class Outflow {
  ephHz = 20;
  readonly #log: SheetLog;
  readonly #send: (frame: Record<string, unknown>) => void;
  readonly #flying = new Set<string>();
  #isOpen = false;
  #notBefore = 0;
  #tokens = SENDS_A_SECOND;
  #tokensAt = Date.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #eph: Payload | null = null;
  #ephAt = 0;

  constructor(log: SheetLog, send: (frame: Record<string, unknown>) => void) {
    this.#log = log;
    this.#send = send;
  }

  /** The server has said welcome: what is pending may go. */
  open(): void {
    this.#isOpen = true;
    this.pump();
  }

  /** The line is gone, and with it what was on its way. */
  shut(): void {
    this.#isOpen = false;
    this.#flying.clear();
    clearTimeout(this.#timer);
  }

  /** The server has answered this op, or will never. */
  landed(cid: string): void {
    this.#flying.delete(cid);
  }

  /** The server asks for patience. */
  pause(ms: number): void {
    this.#notBefore = Date.now() + ms;
  }

  pump(): void {
    if (!this.#isOpen) return;
    const wait = this.#notBefore - Date.now();
    if (wait > 0) {
      this.#pumpAfter(wait);
      return;
    }
    while (this.#flying.size < FLYING_MAX) {
      const op = this.#log.nextToSend(this.#flying);
      if (!op) return;
      if (!this.#take(0)) {
        this.#pumpAfter(1000 / SENDS_A_SECOND);
        return;
      }
      this.#flying.add(op.cid);
      this.#send({ t: "op", ...wireOp(op) });
    }
  }

  /** Cursor, selection, tool, view: the newest is sent, at most `ephHz` a second, and never instead of an op. */
  point(d: Payload): void {
    this.#eph = d;
  }

  /** Sends where the person is, unless the socket (`buffered` bytes wait in it) is busy. */
  flushPointer(buffered: number): void {
    if (!this.#eph || !this.#isOpen || buffered > 0) return;
    if (Date.now() - this.#ephAt < 1000 / this.ephHz) return;
    if (!this.#take(EPH_RESERVE)) return;
    this.#ephAt = Date.now();
    this.#send({ t: "eph", d: this.#eph });
    this.#eph = null;
  }

  #pumpAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.pump(), ms);
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
}
