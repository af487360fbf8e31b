/** Pointer, touch and pen on the canvas: draws with the chosen tool; with the select tool picks, moves and reshapes marks. */

import type MapBrowserEvent from "ol/MapBrowserEvent";
import PointerInteraction from "ol/interaction/Pointer";
import type { Box, Point } from "../../drawing/manifest";
import type { SnapHit } from "../../drawing/snap_index";
import type { Tool } from "../../realtime/marks";
import { moveBy, type Geometry } from "../geometry";
import { dragHandle, dropVertex, handleAt, handlesOf, type Handle } from "../handles";
import { targetAt, targetsIn, type Target } from "../hit";
import { targetOf, type MarkView } from "../mark_view";
import type { Review } from "../review";
import { lengthText, measureText } from "../scale";
import type { Stage } from "../stage";
import { toolKind } from "./kinds";
import { Sketch, straighten } from "./sketch";
import { showPoint, showShape } from "./sketch_layer";

const TAP_PX = 6;
const DOUBLE_MS = 350;

type Drag =
  | { kind: "draw"; from: Point; pixel: Point; added: boolean }
  | { kind: "move"; views: MarkView[]; from: Point; moved: boolean }
  | { kind: "handle"; view: MarkView; handle: Handle; moved: boolean; alt: boolean }
  | { kind: "frame"; from: Point; add: boolean };

/** What the pen asks of the page around it. */
export interface PenOwner {
  /** Opens a place to type; `obj` null: a new text at `at`. */
  writeText(obj: string | null, at: Point): void;
  /** A mark was drawn. */
  drawn(obj: string): void;
  /** The pointer is here, in sheet coordinates; null: it left. */
  pointed(at: Point | null): void;
  /** The drawing itself was clicked, not a mark. */
  inspect(at: Point): void;
}

export class Pen extends PointerInteraction {
  readonly #review: Review;
  readonly #stage: Stage;
  readonly #owner: PenOwner;
  #sketch: Sketch | null = null;
  #drag: Drag | null = null;
  #snap: SnapHit | null = null;
  #asking = false;
  #askAgain: Point | null = null;
  #lastTap = { at: 0, pixel: [0, 0] as Point };
  #touch = false;
  /** Where the keyboard's crosshair stands. */
  #aim: Point | null = null;
  #up: Promise<void> = Promise.resolve();
  /** Measures of somebody who may not mark: on this screen only, until Esc. */
  readonly #own: Geometry[] = [];
  space = false;

  constructor(review: Review, stage: Stage, owner: PenOwner) {
    super();
    this.#review = review;
    this.#stage = stage;
    this.#owner = owner;
    stage.drawsWithOne = () => review.tool !== "select" && !this.space;
    let tool = review.tool;
    review.signals.on("tool", () => {
      if (tool === review.tool) return; // a line weight or the snap switch: what is being drawn goes on
      tool = review.tool;
      this.cancel();
    });
    review.signals.on(["selection", "marks"], () => this.#redraw());
    stage.viewport.addEventListener("pointerleave", () => {
      review.hover(null);
      owner.pointed(null);
      this.#snap = null;
      this.#redraw();
    });
  }

  get isDrawing(): boolean {
    return this.#sketch !== null;
  }

  /** Gives up what is being drawn or dragged; true when there was something. */
  cancel(): boolean {
    const had = this.isDrawing || this.#drag !== null || this.#own.length > 0;
    this.#own.length = 0;
    this.#sketch = null;
    this.#drag = null;
    this.#snap = null;
    this.#redraw();
    return had;
  }

  /** Finishes a path: Enter. Points that still wait for the snap service are set first. */
  finish(): void {
    this.#up = this.#up.then(() => void this.#finish());
  }

  #finish(closed = false): boolean {
    const sketch = this.#sketch;
    if (!sketch || sketch.isEmpty) return false;
    const geometry = sketch.finish(closed, this.#stage.resolution);
    this.#sketch = null;
    if (geometry && sketch.kind.name === "measure" && this.#review.whyNot("create", null) !== null) {
      this.#own.push(geometry);
      this.#redraw();
      return true;
    }
    this.#redraw();
    if (!geometry) return true;
    const obj = this.#review.create(sketch.kind.name as Tool, geometry, sketch.kind.name === "stamp" ? this.#review.stamp : "");
    if (obj) this.#owner.drawn(obj);
    return true;
  }

  dropLastPoint(): boolean {
    if (!this.#sketch || this.#sketch.points.length < 2) return this.cancel();
    this.#sketch.dropLast();
    this.#redraw();
    return true;
  }

  get #reach(): number {
    return (this.#touch ? 18 : 10) * this.#stage.resolution;
  }

  // ---- events ---------------------------------------------------------------------------------------------------

  override handleEvent(event: MapBrowserEvent): boolean {
    const pointer = event.originalEvent as PointerEvent | undefined;
    if (pointer?.pointerType) this.#touch = pointer.pointerType === "touch";
    if (event.type === "click" && this.#review.tool === "select" && !this.space) this.#click(event);
    if (event.type === "dblclick" && this.#review.tool === "select") {
      this.#doubleClick(event);
      return false;
    }
    return super.handleEvent(event);
  }

  override handleDownEvent(event: MapBrowserEvent): boolean {
    const pointer = event.originalEvent as PointerEvent;
    if (pointer.button !== 0 || this.space || this.targetPointers.length > 1) return false;
    const at = event.coordinate as Point;
    if (this.#review.tool !== "select") {
      if (this.#touch) this.#snap = null;
      this.#drag = { kind: "draw", from: at, pixel: event.pixel as Point, added: false };
      this.#sketch ??= new Sketch(this.#review.tool);
      if (this.#sketch.kind.gesture === "stroke") this.#sketch.add(at);
      return true;
    }
    const handle = this.#handleAt(at);
    if (handle) {
      this.#drag = { kind: "handle", ...handle, moved: false, alt: pointer.altKey };
      return true;
    }
    const target = this.#targetAt(at);
    if (target && this.#review.selection.has(target.obj)) {
      const views = this.#review.selected.filter((view) => this.#review.whyNot("edit", view.mark) === null);
      if (views.length > 0) {
        this.#drag = { kind: "move", views, from: at, moved: false };
        return true;
      }
    }
    if (!target && pointer.shiftKey) {
      this.#drag = { kind: "frame", from: at, add: true };
      return true;
    }
    return false;
  }

  override handleDragEvent(event: MapBrowserEvent): void {
    if (this.targetPointers.length > 1) {
      this.cancel(); // a second finger: the person wants to pan or zoom
      return;
    }
    const pointer = event.originalEvent as PointerEvent;
    const at = event.coordinate as Point;
    this.#owner.pointed(at);
    const drag = this.#drag;
    if (!drag) return;
    if (drag.kind === "draw") {
      const sketch = this.#sketch;
      if (!sketch) return;
      if (sketch.kind.gesture === "stroke") sketch.add(at);
      else {
        this.#ask(at);
        if (sketch.isEmpty && far(event.pixel as Point, drag.pixel)) {
          sketch.add(this.#place(drag.from, false));
          drag.added = true;
        }
        sketch.cursor = this.#place(at, pointer.shiftKey);
      }
    } else if (drag.kind === "handle") {
      this.#ask(at);
      drag.moved = true;
      this.#preview(drag.view, dragHandle(drag.view.geometry, drag.handle, this.#place(at, false)));
      return;
    } else if (drag.kind === "move") {
      drag.moved ||= Math.hypot(at[0] - drag.from[0], at[1] - drag.from[1]) > TAP_PX * this.#stage.resolution;
    }
    this.#redraw(at);
  }

  override handleUpEvent(event: MapBrowserEvent): boolean {
    const drag = this.#drag;
    this.#drag = null;
    const pointer = event.originalEvent as PointerEvent;
    const at = event.coordinate as Point;
    if (!drag) return false;
    switch (drag.kind) {
      case "draw":
        this.#up = this.#up.then(() => this.#drawUp(drag, event));
        return false;
      case "handle": {
        const to = this.#place(at, false);
        const geometry = drag.moved ? dragHandle(drag.view.geometry, drag.handle, to) : drag.alt ? dropVertex(drag.view.geometry, drag.handle) : null;
        if (geometry) this.#review.patch(drag.view.mark.obj, { geom: geometry });
        break;
      }
      case "move":
        if (drag.moved) {
          const [dx, dy] = [at[0] - drag.from[0], at[1] - drag.from[1]];
          this.#review.act(drag.views.map((view) => ({ k: "patch", obj: view.mark.obj, p: { geom: moveBy(view.geometry, dx, dy) } })));
        }
        break;
      case "frame": {
        const box: Box = [Math.min(drag.from[0], at[0]), Math.min(drag.from[1], at[1]), Math.max(drag.from[0], at[0]), Math.max(drag.from[1], at[1])];
        const found = targetsIn(this.#targets(), box).map((target) => target.obj);
        this.#review.select(pointer.shiftKey ? [...this.#review.selection, ...found] : found);
        break;
      }
    }
    this.#snap = null;
    this.#redraw();
    return false;
  }

  override handleMoveEvent(event: MapBrowserEvent): void {
    const at = event.coordinate as Point;
    this.#owner.pointed(at);
    if (this.#review.tool === "select") {
      const over = this.#handleAt(at);
      const target = over ? null : this.#targetAt(at);
      this.#review.hover(target?.obj ?? null);
      const cursor = over ? "grab" : target ? (this.#review.selection.has(target.obj) ? "move" : "pointer") : "";
      this.#stage.viewport.style.cursor = this.space ? "grab" : cursor;
      return;
    }
    this.#stage.viewport.style.cursor = this.space ? "grab" : this.#review.tool === "text" ? "text" : "crosshair";
    this.#ask(at);
    if (this.#sketch) this.#sketch.cursor = this.#place(at, (event.originalEvent as PointerEvent).shiftKey);
    this.#redraw(at);
  }

  // ---- drawing --------------------------------------------------------------------------------------------------

  /** The pointer went up: sets a point where the snap service says, which it is asked afresh, for a quick click outruns it. */
  async #drawUp(drag: Extract<Drag, { kind: "draw" }>, event: MapBrowserEvent): Promise<void> {
    const sketch = this.#sketch;
    if (!sketch) return;
    const pointer = event.originalEvent as PointerEvent;
    const pixel = event.pixel as Point;
    const at = event.coordinate as Point;
    const dragged = far(pixel, drag.pixel);
    if (sketch.kind.gesture === "stroke") return void this.#finish();
    if (sketch.kind.gesture === "point") return this.#setOnly(sketch, at);
    const double = Date.now() - this.#lastTap.at < DOUBLE_MS && !far(pixel, this.#lastTap.pixel);
    this.#lastTap = { at: Date.now(), pixel };
    if (double && !dragged && sketch.kind.gesture === "path" && sketch.points.length >= 2) {
      this.#finish();
      return;
    }
    const straight = pointer.shiftKey && sketch.kind.gesture === "path" && sketch.points.length > (drag.added ? 1 : 0);
    const from = dragged && (drag.added || sketch.isEmpty) ? await this.#snapped(drag.from) : null;
    if (from) {
      if (drag.added) sketch.dropLast();
      sketch.add(from);
    }
    const to = straight ? straighten(sketch.points.at(-1)!, at) : await this.#snapped(dragged ? at : drag.from);
    this.#set(sketch, to, !dragged);
  }

  /** Sets the next point of a shape, unless it was given up meanwhile; `closes`: the first point may be met again. */
  #set(sketch: Sketch, to: Point, closes: boolean): void {
    if (sketch !== this.#sketch) return;
    if (closes && sketch.closesAt(to, this.#reach)) {
      this.#finish(true);
      return;
    }
    sketch.add(to);
    sketch.cursor = null;
    this.#snap = null;
    if (sketch.isFull) this.#finish();
    else this.#redraw();
  }

  /** Sets the one point of a text or a stamp. */
  #setOnly(sketch: Sketch, at: Point): void {
    if (sketch.kind.name === "text") {
      this.#sketch = null;
      this.#owner.writeText(null, at);
      return;
    }
    sketch.add(at);
    this.#finish();
  }

  /** The keyboard's crosshair stands here, as the pointer would; null: it is gone. */
  aim(at: Point | null): void {
    this.#aim = at;
    this.#owner.pointed(at);
    if (at) this.#ask(at);
    if (this.#sketch) {
      if (at && this.#sketch.kind.gesture === "stroke") this.#sketch.add(at);
      this.#sketch.cursor = at;
    }
    this.#redraw();
  }

  /** The space bar at the crosshair: what a click would do, and a second one ends what is dragged with the pointer. */
  pressAt(at: Point): void {
    this.#up = this.#up.then(async () => {
      const sketch = (this.#sketch ??= new Sketch(this.#review.tool));
      if (sketch.kind.gesture === "point") this.#setOnly(sketch, at);
      else if (sketch.kind.gesture === "stroke" && sketch.points.length > 1) this.#finish();
      else this.#set(sketch, await this.#snapped(at), true);
    });
  }

  get #snaps(): boolean {
    const gesture = this.#sketch?.kind.gesture ?? (this.#review.tool === "select" ? null : toolKind(this.#review.tool).gesture);
    return this.#review.snapping && (gesture === "path" || gesture === "box") && this.#review.tool !== "cloud";
  }

  async #snapped(at: Point): Promise<Point> {
    if (!this.#snaps) return at;
    const hit = await this.#review.drawing.snapAt(at[0], at[1], this.#reach);
    return hit ? [hit.x, hit.y] : at;
  }

  /** Where a point goes: the snap point when there is one near, straight from the last point when Shift is held. */
  #place(at: Point, shift: boolean): Point {
    if (shift && this.#sketch && this.#sketch.points.length > 0 && this.#sketch.kind.gesture === "path") return straighten(this.#sketch.points.at(-1)!, at);
    const snap = this.#snap;
    if (snap && Math.hypot(snap.x - at[0], snap.y - at[1]) <= this.#reach * 1.4) return [snap.x, snap.y];
    return at;
  }

  #ask(at: Point): void {
    const asked = this.#drag?.kind === "handle" ? this.#review.snapping : this.#snaps;
    if (!asked) {
      this.#snap = null;
      return;
    }
    if (this.#asking) {
      this.#askAgain = at;
      return;
    }
    this.#asking = true;
    void this.#review.drawing.snapAt(at[0], at[1], this.#reach).then((hit) => {
      this.#asking = false;
      this.#snap = hit;
      const again = this.#askAgain;
      this.#askAgain = null;
      if (again) this.#ask(again);
      else this.#redraw(at);
    });
  }

  // ---- selecting ------------------------------------------------------------------------------------------------

  #click(event: MapBrowserEvent): void {
    const pointer = event.originalEvent as PointerEvent;
    const target = this.#targetAt(event.coordinate as Point);
    if (!target) {
      if (!pointer.shiftKey) this.#review.select([]);
      this.#owner.inspect(event.coordinate as Point);
      return;
    }
    if (pointer.shiftKey || pointer.ctrlKey || pointer.metaKey) this.#review.toggle(target.obj);
    else this.#review.select([target.obj]);
  }

  #doubleClick(event: MapBrowserEvent): void {
    const target = this.#targetAt(event.coordinate as Point);
    const view = target ? this.#review.view(target.obj) : undefined;
    if (view && this.#review.whyNot("edit", view.mark) === null) this.#owner.writeText(view.mark.obj, view.anchor);
  }

  #targets(): Target[] {
    const { resolution } = this.#stage;
    return [...this.#review.shown.values()].map((view) => targetOf(view, resolution));
  }

  #targetAt(at: Point): Target | null {
    return targetAt(this.#targets(), at[0], at[1], this.#reach * 0.8);
  }

  #handleAt(at: Point): { view: MarkView; handle: Handle } | null {
    const [view] = this.#review.selected;
    if (!view || this.#review.selection.size !== 1 || this.#review.whyNot("edit", view.mark) !== null) return null;
    const handle = handleAt(view.tool, view.geometry, at, this.#reach);
    return handle ? { view, handle } : null;
  }

  // ---- showing --------------------------------------------------------------------------------------------------

  #preview(view: MarkView, geometry: Geometry): void {
    this.#stage.sketch.clear();
    showShape(this.#stage, geometry, { tool: view.tool });
    for (const handle of handlesOf(view.tool, geometry)) showPoint(this.#stage, handle.at, { role: "handle", kind: handle.kind });
    this.#showSnap();
  }

  #redraw(at?: Point): void {
    if (this.#drag?.kind === "handle" && this.#drag.moved) return;
    const { sketch } = this.#stage;
    sketch.clear();
    for (const geometry of this.#own) showShape(this.#stage, geometry, { tool: "measure", label: measureText(geometry, this.#review.scale) });
    const shape = this.#sketch?.preview();
    if (this.#sketch && shape) {
      const label = this.#sketch.kind.name === "measure" ? measureText(shape, this.#review.scale) : "";
      const last = this.#sketch.points.at(-1);
      const leg = this.#sketch.kind.name === "line" && last && this.#sketch.cursor ? lengthText(Math.hypot(this.#sketch.cursor[0] - last[0], this.#sketch.cursor[1] - last[1]), this.#review.scale) : "";
      showShape(this.#stage, shape, { tool: this.#sketch.kind.name, label: label || leg });
      for (const point of this.#sketch.points) if (this.#sketch.kind.gesture === "path") showPoint(this.#stage, point, { role: "handle", kind: "vertex" });
    }
    if (this.#drag?.kind === "move" && this.#drag.moved && at) {
      const [dx, dy] = [at[0] - this.#drag.from[0], at[1] - this.#drag.from[1]];
      for (const view of this.#drag.views) showShape(this.#stage, moveBy(view.geometry, dx, dy), { tool: view.tool });
    } else if (this.#drag?.kind === "frame" && at) {
      const { from } = this.#drag;
      showShape(this.#stage, { type: "Polygon", coordinates: [[from, [at[0], from[1]], at, [from[0], at[1]], from]] }, { role: "frame" });
    } else if (this.#review.tool === "select" && this.#review.selection.size === 1) {
      const [view] = this.#review.selected;
      if (view && this.#review.whyNot("edit", view.mark) === null) for (const handle of handlesOf(view.tool, view.geometry)) showPoint(this.#stage, handle.at, { role: "handle", kind: handle.kind });
    }
    this.#showSnap();
  }

  #showSnap(): void {
    if (this.#aim) showPoint(this.#stage, this.#aim, { role: "aim" });
    if (this.#snap) showPoint(this.#stage, [this.#snap.x, this.#snap.y], { role: "snap", kind: this.#snap.kind });
  }
}

function far(a: Point, b: Point): boolean {
  return Math.hypot(a[0] - b[0], a[1] - b[1]) > TAP_PX;
}
