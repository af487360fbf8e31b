/** Who listens to what on the canvas. A topic says that something changed; the listener reads the new state itself. */

export type Topic = "marks" | "selection" | "tool" | "status" | "people" | "opinions" | "round" | "drawing" | "filter" | "drafts" | "view" | "panels";

export class Signals {
  readonly #listeners = new Map<Topic, Set<() => void>>();
  readonly #due = new Set<Topic>();
  #frame = 0;

  on(topics: Topic | readonly Topic[], listener: () => void): void {
    for (const topic of typeof topics === "string" ? [topics] : topics) {
      const known = this.#listeners.get(topic);
      if (known) known.add(listener);
      else this.#listeners.set(topic, new Set([listener]));
    }
  }

  /** Tells the listeners before the next frame, each once, however often it is called. */
  tell(topic: Topic): void {
    this.#due.add(topic);
    // A hidden tab gets no frames, and must not fall behind for ever.
    if (this.#frame === 0) this.#frame = document.hidden ? window.setTimeout(() => this.#deliver(), 50) : requestAnimationFrame(() => this.#deliver());
  }

  #deliver(): void {
    this.#frame = 0;
    const called = new Set<() => void>();
    const due = [...this.#due];
    this.#due.clear();
    for (const topic of due) {
      for (const listener of this.#listeners.get(topic) ?? []) {
        if (called.has(listener)) continue;
        called.add(listener);
        listener();
      }
    }
  }
}
