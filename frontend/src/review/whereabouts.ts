/** Where this person is on the sheet, told to the others: pointer, selection, tool, view, and "please look here". */

import type { Payload } from "../realtime/protocol";
import { t } from "../site/language";
import { toast } from "../site/toasts";
import type { Review } from "./review";
import type { Stage } from "./stage";

const AGAIN_MS = 1_000;
const CALL_MS = 3_000;

export class Whereabouts {
  readonly #review: Review;
  readonly #stage: Stage;
  #pointer: [number, number] | null = null;
  #calledAt = 0;
  #again = 0;

  constructor(review: Review, stage: Stage) {
    this.#review = review;
    this.#stage = stage;
    const say = (): void => this.say();
    review.signals.on(["selection", "tool"], say);
    stage.map.on("moveend", say);
    stage.view.on("change", say);
  }

  /** The pointer moved to this place of the drawing, or left it. */
  pointed(at: [number, number] | null): void {
    this.#pointer = at;
    this.#review.room.wake();
    this.say();
  }

  /** Asks everybody here to look at what this person sees. */
  call(): void {
    this.#calledAt = Date.now();
    this.say();
    toast(t("已请在场的人来看您这里。", "Everybody here has been asked to look."), "green");
  }

  /** Tells where I am now, and once more when I rest: the server drops these frames first. */
  say(): void {
    const tell = (): void => this.#review.room.point(this.#now());
    tell();
    window.clearTimeout(this.#again);
    this.#again = window.setTimeout(tell, AGAIN_MS);
  }

  #now(): Payload {
    const review = this.#review;
    const stage = this.#stage;
    return {
      ...(this.#pointer ? { x: this.#pointer[0], y: this.#pointer[1] } : {}),
      sel: [...review.selection].slice(0, 50),
      tool: review.tool,
      view: [...stage.center, stage.resolution, stage.rotation],
      ...(review.editing ? { edit: review.editing } : {}),
      ...(Date.now() - this.#calledAt < CALL_MS ? { call: this.#calledAt } : {}),
    };
  }
}
