/** A coordinate grid over the drawing (坐标网): round distances, labelled along the left and upper edge of the screen. */

import Layer from "ol/layer/Layer";
import type { FrameState } from "ol/Map";
import type { Box, Paper } from "./manifest";
import { apply, toPixels, visibleBox, type ViewFrame } from "./view_frame";

/** CSS pixels between two lines, at least. */
const APART = 90;
const STEPS = [1, 2, 5, 10];

/** The distance between grid lines in drawing units: round in real units, and at least `least` of them. */
export function gridStep(least: number, metres: number): number {
  const wanted = least * metres;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ((STEPS.find((step) => step * power >= wanted * (1 - 1e-9)) ?? 10) * power) / metres;
}

/** The multiples of `step` from `low` to `high`. */
export function gridLines(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1);
  return Array.from({ length: Math.min(count, 400) }, (_, at) => (first + at) * step);
}

export class GridLayer extends Layer {
  paper: Paper = "dark";
  readonly #canvas = document.createElement("canvas");
  readonly #metres: number;
  readonly #label: (units: number, step: number) => string;

  constructor(metres: number, label: (units: number, step: number) => string) {
    super({ zIndex: 0.5, visible: false });
    this.#canvas.className = "drawing-grid";
    this.#metres = metres;
    this.#label = label;
  }

  override render(frame: FrameState | null): HTMLElement {
    if (!frame) return this.#canvas;
    const [width, height] = frame.size as [number, number];
    const ratio = frame.pixelRatio;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
      this.#canvas.style.width = `${width}px`;
      this.#canvas.style.height = `${height}px`;
    }
    const { center, resolution, rotation } = frame.viewState;
    const view: ViewFrame = { center: center as [number, number], resolution, rotation, width, height, ratio };
    const context = this.#canvas.getContext("2d");
    if (context) this.#draw(context, view, visibleBox(view));
    return this.#canvas;
  }

  #draw(context: CanvasRenderingContext2D, view: ViewFrame, [x0, y0, x1, y1]: Box): void {
    const dark = this.paper === "dark";
    const turned = Math.abs(Math.sin(2 * view.rotation)) > 1e-6;
    const m = toPixels(view);
    const step = gridStep(APART * view.resolution, this.#metres);
    context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    context.lineWidth = 1;
    context.strokeStyle = dark ? "rgb(140 170 205 / 26%)" : "rgb(40 80 130 / 20%)";
    context.fillStyle = dark ? "#b8c7d9" : "#3c5878";
    context.font = "11px system-ui, sans-serif";
    const line = (from: [number, number], to: [number, number], text: string): void => {
      context.beginPath();
      context.moveTo(Math.round(from[0]) + 0.5, Math.round(from[1]) + 0.5);
      context.lineTo(Math.round(to[0]) + 0.5, Math.round(to[1]) + 0.5);
      context.stroke();
      if (turned) return;
      // The label stands where the line leaves the screen: above, or at the left.
      const upright = Math.abs(from[0] - to[0]) < 1;
      context.fillText(text, upright ? from[0] + 3 : 4, upright ? 12 : from[1] - 3);
    };
    for (const x of gridLines(x0, x1, step)) line(apply(m, x, y0), apply(m, x, y1), this.#label(x, step));
    for (const y of gridLines(y0, y1, step)) line(apply(m, x0, y), apply(m, x1, y), this.#label(y, step));
  }
}
