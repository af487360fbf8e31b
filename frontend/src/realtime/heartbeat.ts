/** Watches one line: when to knock, when the other side is late, when it must be taken for dead. */

const POS_MS = 30_000;
const IDLE_PING_MS = 20_000;
// While the person works a dead line shows within 3 s: quiet, a question, and no answer to it.
const ACTIVE_PING_MS = 1_000;
const ANSWER_MS = 1_500;
const DEAD_MS = 10_000;
const ACTIVE_FOR_MS = 30_000;

export class Heartbeat {
  #sentAt = 0;
  #heardAt = Date.now();
  /** Since when an answer is awaited; 0 when none is. */
  #askedAt = 0;
  #activeUntil = 0;
  #posAt = 0;

  /** A line is being opened: that, too, is answered or it is dead. Nothing of the line before counts. */
  opening(): void {
    this.#askedAt = Date.now();
  }

  opened(): void {
    this.#heardAt = this.#askedAt = Date.now();
  }

  welcomed(): void {
    this.#posAt = Date.now();
  }

  heard(): void {
    this.#heardAt = Date.now();
    this.#askedAt = 0;
  }

  sent(): void {
    this.#sentAt = Date.now();
  }

  /** What has just been sent wants an answer. */
  asked(): void {
    if (this.#askedAt === 0) this.#askedAt = Date.now();
  }

  /** The person is working: the line is watched closely for a while. */
  wake(): void {
    this.#activeUntil = Date.now() + ACTIVE_FOR_MS;
  }

  /** Is it time to tell the server how far this page is? Says so once. */
  isPositionDue(): boolean {
    const now = Date.now();
    if (now - this.#posAt < POS_MS) return false;
    this.#posAt = now;
    return true;
  }

  /** Has it been quiet for so long that a ping should ask? */
  isPingDue(): boolean {
    const now = Date.now();
    const isActive = now < this.#activeUntil;
    const quietSince = isActive ? this.#heardAt : Math.max(this.#heardAt, this.#sentAt);
    return this.#askedAt === 0 && now - quietSince >= (isActive ? ACTIVE_PING_MS : IDLE_PING_MS);
  }

  /** How the other side does, by the answer that is awaited. */
  verdict(): "well" | "late" | "dead" {
    if (this.#askedAt === 0) return "well";
    const waited = Date.now() - this.#askedAt;
    return waited > DEAD_MS ? "dead" : waited > ANSWER_MS ? "late" : "well";
  }
}
