/** The drawing as one layer of OpenLayers: overview at once, then chunks, texts above them; while moving on a slow machine the last picture moves. */

import Layer from "ol/layer/Layer";
import type { FrameState } from "ol/Map";
import ViewHint from "ol/ViewHint";
import { PAPER_RGB } from "./entities";
import { GlRenderer } from "./gl";
import type { Box, Paper } from "./manifest";
import { drawPicture, drawPlaced, PictureCache, TilePainter } from "./pictures";
import { PlainRenderer } from "./plain_canvas";
import type { SheetDrawing } from "./sheet_drawing";
import { apply, cssMatrix, moveBetween, toPixels, visibleBox, type ViewFrame } from "./view_frame";

/** A frame slower than this is not repeated for every step of a movement. */
const SLOW_MS = 28;
const IMAGES_MAX = 64;
/** Device pixels per 1/100 mm of line weight on the model: 0.5 mm is about two pixels, at every zoom, as CAD programs show it. */
const MODEL_WEIGHT = 0.04;

function element<K extends "canvas" | "img" | "div">(tag: K, name: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}

export class DrawingLayer extends Layer {
  readonly drawing: SheetDrawing;
  /** Milliseconds of the last whole picture, for the test hook and the choice to move instead of draw. */
  lastCost = 0;
  /** True when everything that meets the screen has been drawn. */
  complete = false;
  /** Called when `complete` has become something else. */
  onCompleteness: () => void = () => undefined;

  readonly #box = element("div", "drawing");
  readonly #overview = element("img", "drawing-overview");
  readonly #top = element("canvas", "drawing-top");
  readonly #images: PictureCache;
  readonly #tiles: TilePainter | null;
  #renderer: GlRenderer | PlainRenderer;
  #sentLook: Uint8Array | null = null;
  readonly #sentChunks = new Set<string>();
  #drawn: ViewFrame | null = null;
  #drawnAt = 0;
  #stale = true;
  /** False while nothing is drawn above the lines: then there is nothing to wipe away and to put on the screen anew. */
  #inked = false;

  constructor(drawing: SheetDrawing) {
    super({ zIndex: 0 });
    this.drawing = drawing;
    this.#renderer = GlRenderer.make() ?? new PlainRenderer();
    this.#box.append(this.#overview, this.#lines, this.#top);
    this.#overview.alt = "";
    this.#overview.draggable = false;
    this.#watchCanvas();
    const { tiles } = drawing.manifest;
    this.#images = new PictureCache(IMAGES_MAX, () => this.redraw());
    this.#tiles = tiles ? new TilePainter(tiles, drawing.base, () => this.redraw()) : null;
    drawing.onChange = () => this.redraw();
  }

  get #lines(): HTMLCanvasElement {
    return this.#renderer.canvas;
  }

  /** A card that was lost (driver restarted, laptop woken) takes the picture with it: a new renderer on a new canvas draws it again. */
  #watchCanvas(): void {
    const lines = this.#lines;
    lines.className = "drawing-lines";
    lines.addEventListener("webglcontextlost", (event) => event.preventDefault());
    lines.addEventListener("webglcontextrestored", () => {
      const renewed = GlRenderer.make();
      if (!renewed) return;
      this.#renderer = renewed;
      lines.replaceWith(this.#lines);
      this.#watchCanvas();
      this.#sentLook = null;
      this.#sentChunks.clear();
      this.redraw();
    });
  }

  /** False where the browser draws without the graphics card's help. */
  get accelerated(): boolean {
    return !this.#renderer.software;
  }

  /** The picture on the screen is out of date: draw it again. */
  redraw(): void {
    this.#stale = true;
    this.changed();
  }

  override render(frame: FrameState | null): HTMLElement {
    if (!frame) return this.#box;
    const [width, height] = frame.size as [number, number];
    const view: ViewFrame = {
      center: frame.viewState.center as [number, number],
      resolution: frame.viewState.resolution,
      rotation: frame.viewState.rotation,
      width,
      height,
      ratio: frame.pixelRatio,
    };
    const box = visibleBox(view);
    this.drawing.want(box);
    const moving = frame.viewHints[ViewHint.ANIMATING]! > 0 || frame.viewHints[ViewHint.INTERACTING]! > 0;
    const rest = performance.now() - this.#drawnAt;
    const same = this.#drawn !== null && sameView(this.#drawn, view);
    if (moving && this.#drawn && this.lastCost > SLOW_MS && rest < 6 * this.lastCost) {
      this.#place(moveBetween(this.#drawn, view));
    } else if (this.#stale || !same) {
      this.#draw(view, box);
      this.#place(null);
    }
    this.#placeOverview(view);
    return this.#box;
  }

  #draw(view: ViewFrame, box: Box): void {
    const from = performance.now();
    const { drawing } = this;
    const page = drawing.manifest.kind === "page";
    this.#box.dataset["paper"] = drawing.paper;
    this.#box.classList.toggle("is-inverted", page && drawing.paper === "dark");
    this.#stale = false;
    this.#sizeTop(view);
    const top = this.#top.getContext("2d");
    if (!top) return;
    const before = this.complete;
    this.complete = page ? this.#drawPage(top, view, box) : this.#drawEntities(top, view, box);
    if (before !== this.complete) this.onCompleteness();
    if (this.lastCost === 0 || this.lastCost > SLOW_MS / 2 || Math.random() < 0.1) this.#renderer.finish();
    this.lastCost = performance.now() - from;
    this.#drawn = view;
    this.#drawnAt = performance.now();
    this.#overview.hidden = !this.#overviewHelps();
  }

  #drawEntities(top: CanvasRenderingContext2D, view: ViewFrame, box: Box): boolean {
    const { drawing } = this;
    const renderer = this.#renderer;
    if (drawing.look !== this.#sentLook) {
      renderer.setLook(drawing.look);
      this.#sentLook = drawing.look;
    }
    for (const [file, chunk] of drawing.ready ? drawing.chunks : []) {
      if (this.#sentChunks.has(file) || chunk.record.role !== "draw") continue;
      renderer.add(chunk, drawing.entities);
      this.#sentChunks.add(file);
    }
    const { levels, complete } = drawing.drawable(box);
    const images = drawing.manifest.images;
    const numbers = new Set<number>([...levels.keys(), ...images.map((image) => image.level), ...drawing.labels.levels]);
    const ordered = [...numbers].sort((a, b) => a - b);
    // Until all is here the overview shines through; afterwards the paper is opaque.
    const paper: Paper | null = complete ? drawing.paper : null;
    const weight = this.#weightScale(view);
    const layered = ordered.length > 1 || images.length > 0;
    this.#lines.hidden = layered;
    if (!layered) {
      renderer.begin(view, paper);
      for (const level of ordered) renderer.draw(levels.get(level) ?? [], view, weight);
      for (const level of drawing.labels.levels) if (drawing.labels.draw(top, view, box, drawing.look, level)) this.#inked = true;
      return complete;
    }
    this.#inked = true;
    if (paper) {
      top.fillStyle = `rgb(${PAPER_RGB[paper].join(" ")})`;
      top.fillRect(0, 0, this.#top.width, this.#top.height);
    }
    for (const level of ordered) {
      for (const image of images) {
        if (image.level !== level || !drawing.look[4 * image.entity + 3]) continue;
        const picture = this.#images.get(drawing.base + image.file);
        if (picture) drawPlaced(top, view, picture, image);
      }
      const files = levels.get(level);
      if (files) {
        renderer.begin(view, null);
        renderer.draw(files, view, weight);
        top.drawImage(this.#lines, 0, 0);
      }
      drawing.labels.draw(top, view, box, drawing.look, level);
    }
    for (const file of this.#images.failed) drawing.failed.set(file.slice(drawing.base.length), "image");
    return complete && !this.#images.waiting;
  }

  #drawPage(top: CanvasRenderingContext2D, view: ViewFrame, box: Box): boolean {
    this.#lines.hidden = true;
    if (!this.#tiles) return true;
    this.#inked = true;
    const [x0, y0, x1, y1] = this.drawing.manifest.bbox;
    const m = toPixels(view);
    const corners = [apply(m, x0, y0), apply(m, x1, y0), apply(m, x1, y1), apply(m, x0, y1)];
    const overview = this.#overview.complete && this.#overview.naturalWidth > 0 ? this.#overview : null;
    top.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    top.fillStyle = "#ffffff";
    top.beginPath();
    corners.forEach(([x, y], i) => (i === 0 ? top.moveTo(x, y) : top.lineTo(x, y)));
    top.fill();
    top.setTransform(1, 0, 0, 1, 0, 0);
    const record = this.drawing.manifest.overview;
    if (overview && record) drawPicture(top, view, overview, record.bbox);
    const whole = this.#tiles.draw(top, view, box);
    for (const file of this.#tiles.cache.failed) this.drawing.failed.set(file.slice(this.drawing.base.length), "tile");
    return whole;
  }

  #weightScale(view: ViewFrame): number {
    const { units, kind } = this.drawing.manifest;
    if (kind === "layout" && units.metres_per_unit) {
      const unitsPerHundredth = 1e-5 / units.metres_per_unit;
      return (unitsPerHundredth / view.resolution) * view.ratio;
    }
    return MODEL_WEIGHT * view.ratio;
  }

  #overviewHelps(): boolean {
    const { drawing } = this;
    return drawing.manifest.kind !== "page" && !this.complete && !drawing.layersChanged && drawing.manifest.overview !== null;
  }

  #placeOverview(view: ViewFrame): void {
    const record = this.drawing.manifest.overview;
    if (!record) return;
    const file = this.drawing.paper === "dark" && record.dark ? record.dark : record.file;
    const url = this.drawing.base + file;
    if (this.#overview.getAttribute("src") !== url) {
      this.#overview.src = url;
      this.#overview.onload = () => this.redraw();
    }
    const m = toPixels(view);
    const sx = (record.bbox[2] - record.bbox[0]) / record.width;
    const sy = (record.bbox[3] - record.bbox[1]) / record.height;
    const [x, y] = apply(m, record.bbox[0], record.bbox[3]);
    this.#overview.style.transform = cssMatrix({ a: m.a * sx, b: m.b * sx, c: -m.c * sy, d: -m.d * sy, e: x, f: y });
  }

  #sizeTop(view: ViewFrame): void {
    const width = Math.max(1, Math.round(view.width * view.ratio));
    const height = Math.max(1, Math.round(view.height * view.ratio));
    if (this.#top.width !== width || this.#top.height !== height) {
      this.#top.width = width;
      this.#top.height = height;
    } else if (this.#inked) {
      const context = this.#top.getContext("2d");
      context?.setTransform(1, 0, 0, 1, 0, 0);
      context?.clearRect(0, 0, width, height);
    }
    this.#inked = false;
  }

  /** Moves the pictures instead of drawing them; null puts them back. */
  #place(move: Parameters<typeof cssMatrix>[0] | null): void {
    const transform = move ? cssMatrix(move) : "";
    for (const canvas of [this.#lines, this.#top]) canvas.style.transform = transform;
    if (move && this.drawing.manifest.kind !== "page") this.#overview.hidden = this.drawing.layersChanged;
  }
}

function sameView(a: ViewFrame, b: ViewFrame): boolean {
  return (
    a.center[0] === b.center[0] &&
    a.center[1] === b.center[1] &&
    a.resolution === b.resolution &&
    a.rotation === b.rotation &&
    a.width === b.width &&
    a.height === b.height &&
    a.ratio === b.ratio
  );
}
