/** Draws chunks on a 2D canvas, for browsers without WebGL2: slower, the same picture. */

import { HAIR_WEIGHT, type Chunk } from "./chunk";
import { PAPER_RGB, type Entities } from "./entities";
import type { Paper } from "./manifest";
import { toPixels, type ViewFrame } from "./view_frame";

export class PlainRenderer {
  readonly canvas = document.createElement("canvas");
  readonly software = true;
  readonly lost = false;
  readonly #loaded = new Map<string, Chunk>();
  #look = new Uint8Array(0);
  #weight = new Uint16Array(0);

  setLook(look: Uint8Array<ArrayBuffer>): void {
    this.#look = look;
  }

  add(chunk: Chunk, looks: Pick<Entities, "weight">): void {
    this.#loaded.set(chunk.record.file, chunk);
    this.#weight = new Uint16Array(looks.weight);
  }

  drop(file: string): void {
    this.#loaded.delete(file);
  }

  begin(view: ViewFrame, paper: Paper | null): void {
    this.canvas.width = Math.max(1, Math.round(view.width * view.ratio));
    this.canvas.height = Math.max(1, Math.round(view.height * view.ratio));
    const context = this.canvas.getContext("2d");
    if (!context || !paper) return;
    context.fillStyle = `rgb(${PAPER_RGB[paper].join(" ")})`;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  draw(files: Iterable<string>, view: ViewFrame, perWeight: number): void {
    const context = this.canvas.getContext("2d");
    if (!context) return;
    const m = toPixels(view);
    const k = view.ratio;
    for (const file of files) {
      const chunk = this.#loaded.get(file);
      if (!chunk) continue;
      const [ox, oy] = chunk.record.origin;
      const px = (v: number): number => k * (m.a * (ox + chunk.xy[2 * v]!) + m.c * (oy + chunk.xy[2 * v + 1]!) + m.e);
      const py = (v: number): number => k * (m.b * (ox + chunk.xy[2 * v]!) + m.d * (oy + chunk.xy[2 * v + 1]!) + m.f);
      let last = -1;
      let open = false;
      const end = (): void => {
        if (!open) return;
        if (chunk.kind === "fill") context.fill();
        else context.stroke();
        open = false;
      };
      for (let i = 0; i < chunk.entity.length; i += 1) {
        const e = chunk.entity[i]!;
        const alpha = this.#look[4 * e + 3] ?? 0;
        if (alpha === 0) continue;
        if (e !== last) {
          end();
          const color = `rgb(${this.#look[4 * e]} ${this.#look[4 * e + 1]} ${this.#look[4 * e + 2]} / ${alpha / 255})`;
          context.fillStyle = color;
          context.strokeStyle = color;
          const weight = this.#weight[e] ?? 0;
          context.lineWidth = weight > HAIR_WEIGHT ? Math.max(1, weight * perWeight) : k;
          last = e;
        }
        if (!open) {
          context.beginPath();
          open = true;
        }
        if (chunk.kind === "fill") {
          for (let corner = 0; corner < 3; corner += 1) {
            const v = chunk.index[3 * i + corner]!;
            if (corner === 0) context.moveTo(px(v), py(v));
            else context.lineTo(px(v), py(v));
          }
          context.closePath();
          continue;
        }
        const from = chunk.start[i]!;
        const to = chunk.start[i + 1]!;
        if (to - from === 1) {
          context.fillRect(px(from) - 0.75 * k, py(from) - 0.75 * k, 1.5 * k, 1.5 * k);
          continue;
        }
        for (let v = from; v < to; v += 1) {
          if (v === from) context.moveTo(px(v), py(v));
          else context.lineTo(px(v), py(v));
        }
      }
      end();
    }
  }

  finish(): void {
    // Canvas draws at once.
  }
}
