/** Draws the text records of a sheet on a 2D canvas: real letters in Noto Sans SC, stretched to the width of the drawing. */

import type { Box, TextRecord } from "./manifest";
import { toPixels, type ViewFrame } from "./view_frame";

/** Cap height of Noto Sans SC in parts of its font size (docs/drawing-format.md). */
const CAP = 0.733;
const MEASURE_PX = 64;
const LETTERS_FROM_PX = 3;
const BARS_FROM_PX = 0.8;
/** Where there are not too many of them, even finer bars: what the overview shows does not vanish when the whole drawing is here. */
const FINE_BARS_FROM_PX = 0.2;
const FINE_BARS_UP_TO = 20_000;
export const LABEL_FONT = '"Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';

/** Sheet box of a text run. */
export function boxOfText(t: TextRecord): Box {
  const angle = ((t.rot ?? 0) * Math.PI) / 180;
  const ux = Math.cos(angle) * (t.mx ? -1 : 1);
  const uy = Math.sin(angle) * (t.mx ? -1 : 1);
  const vx = -Math.sin(angle);
  const vy = Math.cos(angle);
  const low = -0.35 * t.h;
  const high = 1.15 * t.h;
  const xs: number[] = [];
  const ys: number[] = [];
  for (const along of [0, t.w]) {
    for (const up of [low, high]) {
      xs.push(t.x + ux * along + vx * up);
      ys.push(t.y + uy * along + vy * up);
    }
  }
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

export class Labels {
  readonly records: readonly TextRecord[];
  /** Levels of the drawing order that hold texts. */
  readonly levels: ReadonlySet<number>;
  readonly #boxes: Float64Array;
  /** Natural width at `MEASURE_PX`; NaN until measured. */
  readonly #natural: Float32Array;

  constructor(records: readonly TextRecord[]) {
    this.records = records;
    this.#boxes = new Float64Array(records.length * 4);
    this.#natural = new Float32Array(records.length).fill(Number.NaN);
    records.forEach((record, i) => this.#boxes.set(boxOfText(record), 4 * i));
    this.levels = new Set(records.filter((record) => !record.hide).map((record) => record.lv ?? 0));
  }

  /** Forgets measured widths: the font has just arrived. */
  remeasure(): void {
    this.#natural.fill(Number.NaN);
  }

  /** Draws the records of one level that meet `box`; `look` gives the colours (alpha 0 = hidden). False when there was nothing to draw. */
  draw(context: CanvasRenderingContext2D, view: ViewFrame, box: Box, look: Uint8Array, level: number): boolean {
    let drawn = false;
    const m = toPixels(view);
    const k = view.ratio;
    const boxes = this.#boxes;
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.font = `${MEASURE_PX}px ${LABEL_FONT}`;
    const least = this.records.length > FINE_BARS_UP_TO ? BARS_FROM_PX : FINE_BARS_FROM_PX;
    for (let i = 0; i < this.records.length; i += 1) {
      const t = this.records[i]!;
      if (t.hide || (t.lv ?? 0) !== level) continue;
      if (boxes[4 * i]! > box[2] || boxes[4 * i + 2]! < box[0] || boxes[4 * i + 1]! > box[3] || boxes[4 * i + 3]! < box[1]) continue;
      const px = t.h / view.resolution;
      if (px < least) continue;
      const e = t.e ?? -1;
      const alpha = e >= 0 ? (look[4 * e + 3] ?? 0) : 255;
      if (alpha === 0) continue;
      drawn = true;
      const rgb = e >= 0 ? `${look[4 * e]} ${look[4 * e + 1]} ${look[4 * e + 2]}` : "128 128 128";
      const angle = ((t.rot ?? 0) * Math.PI) / 180;
      const side = t.mx ? -1 : 1;
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      // Local axes in sheet units: x along the run, y up; then the sheet on the screen.
      const ax = cos * side;
      const ay = sin * side;
      const lean = Math.tan(((t.ob ?? 0) * Math.PI) / 180);
      const bx = -sin + lean * ax;
      const by = cos + lean * ay;
      const a = k * (m.a * ax + m.c * ay);
      const b = k * (m.b * ax + m.d * ay);
      const c = k * (m.a * bx + m.c * by);
      const d = k * (m.b * bx + m.d * by);
      const x = k * (m.a * t.x + m.c * t.y + m.e);
      const y = k * (m.b * t.x + m.d * t.y + m.f);
      if (px < LETTERS_FROM_PX) {
        context.setTransform(a, b, c, d, x, y);
        context.fillStyle = `rgb(${rgb} / ${(alpha / 255) * 0.4})`;
        context.fillRect(0, 0.2 * t.h, t.w, 0.6 * t.h);
        continue;
      }
      let natural = this.#natural[i]!;
      if (Number.isNaN(natural)) {
        natural = context.measureText(t.s).width;
        this.#natural[i] = natural;
      }
      const tall = t.h / CAP / MEASURE_PX;
      const wide = natural > 0 && t.w > 0 ? t.w / natural : tall;
      context.setTransform(a * wide, b * wide, -c * tall, -d * tall, x, y);
      context.fillStyle = `rgb(${rgb} / ${alpha / 255})`;
      context.fillText(t.s, 0, 0);
      if (t.dec) this.#decorate(context, t.dec, natural);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    return drawn;
  }

  #decorate(context: CanvasRenderingContext2D, dec: string, width: number): void {
    const thick = MEASURE_PX / 18;
    if (dec.includes("u")) context.fillRect(0, MEASURE_PX * 0.12, width, thick);
    if (dec.includes("o")) context.fillRect(0, -MEASURE_PX * 0.85, width, thick);
    if (dec.includes("s")) context.fillRect(0, -MEASURE_PX * 0.3, width, thick);
  }

  /** The visible text under a sheet coordinate, the last drawn first; null when there is none. */
  at(x: number, y: number, look: Uint8Array): TextRecord | null {
    for (let i = this.records.length - 1; i >= 0; i -= 1) {
      const t = this.records[i]!;
      if (t.hide || (t.e !== undefined && !look[4 * t.e + 3])) continue;
      if (x < this.#boxes[4 * i]! || x > this.#boxes[4 * i + 2]! || y < this.#boxes[4 * i + 1]! || y > this.#boxes[4 * i + 3]!) continue;
      return t;
    }
    return null;
  }

  /** Records that hold the words, hidden ones included (the words of a PDF page). */
  search(words: string, limit: number): TextRecord[] {
    const wanted = words.trim().toLocaleLowerCase();
    if (wanted === "") return [];
    const found: TextRecord[] = [];
    for (const record of this.records) {
      // The pieces of a run are drawn; its whole is a record besides, hidden, and is what is found.
      if (record.p || !record.s.toLocaleLowerCase().includes(wanted)) continue;
      found.push(record);
      if (found.length === limit) break;
    }
    return found;
  }

  /** All characters used, for loading the right slices of the font. */
  characters(): string {
    const seen = new Set<string>();
    for (const record of this.records) if (!record.hide) for (const char of record.s) seen.add(char);
    return [...seen].join("");
  }
}
