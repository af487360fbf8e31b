/** The three columns of the page: which side panels are open, remembered on a wide screen, one at a time on a narrow one. */

import { h } from "./dom";
import type { Signals } from "./signals";

export type Side = "left" | "right";

const NARROW = matchMedia("(width <= 860px)");
const KEPT = "lianshen-panels";

export class Columns {
  readonly element = h("div", { class: "review-columns" });
  /** What darkens the canvas behind an open panel on a narrow screen. */
  readonly scrim = h("div", { class: "side-scrim" });
  readonly #open = remembered();
  readonly #signals: Signals;
  #bar: HTMLElement | null = null;

  constructor(signals: Signals) {
    this.#signals = signals;
    this.scrim.addEventListener("click", () => {
      this.set("left", false);
      this.set("right", false);
    });
    NARROW.addEventListener("change", () => {
      Object.assign(this.#open, remembered());
      this.show();
    });
  }

  /** Takes the columns, and the bar whose buttons show which of them are open. */
  fill(bar: HTMLElement, ...columns: HTMLElement[]): void {
    this.#bar = bar;
    this.element.replaceChildren(...columns);
  }

  toggle(side: Side): void {
    this.set(side, !this.#open[side]);
  }

  set(side: Side, open: boolean): void {
    this.#open[side] = open;
    if (NARROW.matches && open) this.#open[side === "left" ? "right" : "left"] = false;
    if (!NARROW.matches) localStorage.setItem(KEPT, JSON.stringify(this.#open));
    this.show();
  }

  /** On a narrow screen the panel covers the canvas: closes it so that what was asked for can be seen. */
  giveWay(side: Side): void {
    if (NARROW.matches) this.set(side, false);
  }

  show(): void {
    const { left, right } = this.#open;
    this.element.classList.toggle("has-left", left);
    this.element.classList.toggle("has-right", right);
    this.scrim.hidden = !NARROW.matches || (!left && !right);
    for (const one of this.#bar?.querySelectorAll<HTMLElement>("[data-panel]") ?? []) one.setAttribute("aria-pressed", String(this.#open[one.dataset["panel"] as Side]));
    this.#signals.tell("panels");
  }
}

function remembered(): Record<Side, boolean> {
  if (NARROW.matches) return { left: false, right: false };
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Partial<Record<Side, boolean>> | null;
    if (kept) return { left: kept.left !== false, right: kept.right !== false };
  } catch {
    // Not ours: start with both.
  }
  return { left: true, right: true };
}
