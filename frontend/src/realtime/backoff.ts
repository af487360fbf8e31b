/** Waiting times between attempts to connect: full jitter, from 0.25 s doubling to 30 s. */

const FIRST_MS = 250;
const CAP_MS = 30_000;

export class Backoff {
  #attempt = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Attempts since the last success. */
  get attempts(): number {
    return this.#attempt;
  }

  /** Milliseconds to wait before the next attempt: uniform between 0 and the doubling ceiling. */
  next(): number {
    const ceiling = Math.min(CAP_MS, FIRST_MS * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 30);
    return this.#random() * ceiling;
  }

  reset(): void {
    this.#attempt = 0;
  }
}
