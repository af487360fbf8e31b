/** Drawing and moving without a pointer: arrow keys move a crosshair, the space bar sets a point where it stands. */

import type { Point } from "../drawing/manifest";
import { moveBy } from "./geometry";
import type { Review } from "./review";
import type { Stage } from "./stage";
import type { Pen } from "./tools/pen";

const STEP_PX = 20;
const FINE_PX = 2;
/** While a key is held, marks move at most so often: each move is an op of the log. */
const HELD_MS = 200;

export class Crosshair {
  readonly #review: Review;
  readonly #stage: Stage;
  readonly #pen: Pen;
  #at: Point | null = null;
  #moved: Point = [0, 0];
  #movedAt = 0;

  constructor(review: Review, stage: Stage, pen: Pen) {
    this.#review = review;
    this.#stage = stage;
    this.#pen = pen;
    review.signals.on("tool", () => {
      if (review.tool === "select") this.#hide();
    });
    // Who takes the pointer in hand has no use for it.
    stage.viewport.addEventListener("pointerdown", () => this.#hide(), { passive: true });
  }

  get isShown(): boolean {
    return this.#at !== null;
  }

  /** One step of the crosshair; the sheet follows when it would leave the screen. */
  move(dx: number, dy: number, fine: boolean): void {
    const from = this.#at ?? this.#stage.center;
    this.#at = this.#at ? this.#stepped(from, dx, dy, fine) : from;
    const [x, y] = this.#stage.pixelOf(this.#at) ?? [0, 0];
    const { clientWidth, clientHeight } = this.#stage.viewport;
    if (x < STEP_PX || y < STEP_PX || x > clientWidth - STEP_PX || y > clientHeight - STEP_PX) this.#stage.panBy(dx * 4 * STEP_PX, dy * 4 * STEP_PX);
    this.#pen.aim(this.#at);
  }

  /** Sets a point where the crosshair stands. */
  press(): void {
    if (this.#at) this.#pen.pressAt(this.#at);
  }

  /** Moves the selected marks by a step; a held key is told to the log a few times a second. */
  moveSelected(dx: number, dy: number, held: boolean): void {
    const [x, y] = this.#stepped([0, 0], dx, dy, false);
    this.#moved = [this.#moved[0] + x, this.#moved[1] + y];
    if (held && Date.now() - this.#movedAt < HELD_MS) return;
    this.settle();
  }

  /** The key is up: what it moved is written. */
  settle(): void {
    const [dx, dy] = this.#moved;
    if (dx === 0 && dy === 0) return;
    this.#moved = [0, 0];
    this.#movedAt = Date.now();
    this.#review.act(this.#review.selected.map((view) => ({ k: "patch", obj: view.mark.obj, p: { geom: moveBy(view.geometry, dx, dy) } })));
  }

  /** Selects the mark that follows (or precedes) in reading order: from the top, line by line. */
  selectNext(step: 1 | -1): void {
    const views = [...this.#review.shown.values()].filter((view) => !view.mark.deleted).sort((a, b) => b.box[3] - a.box[3] || a.box[0] - b.box[0]);
    if (views.length === 0) return;
    const now = views.findIndex((view) => this.#review.selection.has(view.mark.obj));
    const next = views[now < 0 ? (step > 0 ? 0 : views.length - 1) : (now + step + views.length) % views.length]!;
    this.#review.select([next.mark.obj]);
    this.#stage.reveal(next.box);
  }

  #stepped([x, y]: Point, dx: number, dy: number, fine: boolean): Point {
    const length = (fine ? FINE_PX : STEP_PX) * this.#stage.resolution;
    const [cos, sin] = [Math.cos(this.#stage.rotation), Math.sin(this.#stage.rotation)];
    return [x + (dx * cos + dy * sin) * length, y + (dx * sin - dy * cos) * length];
  }

  #hide(): void {
    if (!this.#at) return;
    this.#at = null;
    this.#pen.aim(null);
  }
}
