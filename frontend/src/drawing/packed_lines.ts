/** Decodes a packed line chunk (docs/drawing-format.md): steps from vertex to vertex, arcs and bends as such, bytes of one weight together. */

import type { LineChunk } from "./chunk";
import { DrawingError, type ChunkRecord } from "./manifest";

/** First word of a packed chunk. */
export const PACKED = 0x51000002;
const HEAD = 32;
const CLOSED = 0x8000;
const CLOCKWISE = 0x4000;
/** Half axes of arcs come in sixteenths of a step. */
const FINER = 16;

/** Takes planes of bytes apart, one column of numbers after the other. */
class Planes {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: ArrayBuffer, at: number) {
    this.#bytes = new Uint8Array(bytes);
    this.#at = at;
  }

  words(count: number): Uint32Array<ArrayBuffer> {
    const out = new Uint32Array(count);
    const b = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < count; i += 1) {
      out[i] = (b[at + i]! | (b[at + count + i]! << 8) | (b[at + 2 * count + i]! << 16) | (b[at + 3 * count + i]! << 24)) >>> 0;
    }
    this.#at += 4 * count;
    return out;
  }

  halves(count: number): Uint16Array {
    const out = new Uint16Array(count);
    for (let i = 0; i < count; i += 1) out[i] = this.#bytes[this.#at + i]! | (this.#bytes[this.#at + count + i]! << 8);
    this.#at += 2 * count;
    return out;
  }

  floats(count: number): Float32Array {
    return new Float32Array(this.words(count).buffer);
  }
}

const signed = (value: number): number => (value >>> 1) ^ -(value & 1);

/** Runs of vertices on circles: after which vertex between bends, how many, and how bent. */
interface Bends {
  at: Uint32Array;
  inside: Uint16Array;
  bulge: Float32Array;
}

class Decoder {
  readonly #file: string;
  readonly #planes: Planes;
  readonly #step: number;
  #xy = new Float32Array(0);
  #at = 0;

  constructor(file: string, bytes: ArrayBuffer, step: number) {
    this.#file = file;
    this.#planes = new Planes(bytes, HEAD);
    this.#step = step;
  }

  chunk(record: ChunkRecord, counts: { vertices: number; lines: number; bends: number; circles: number; ellipses: number }): LineChunk {
    const { vertices, lines, bends, circles, ellipses } = counts;
    const planes = this.#planes;
    const own = planes.halves(lines);
    const owners = planes.words(lines);
    const across = planes.words(vertices);
    const up = planes.words(vertices);
    const bent: Bends = { at: planes.words(bends), inside: planes.halves(bends), bulge: planes.floats(bends) };
    const arcs = circles + ellipses;
    const marked = planes.halves(arcs);
    const arcOwners = planes.words(arcs);
    let total = vertices;
    for (const count of bent.inside) total += count;
    for (const count of marked) total += count & ~(CLOSED | CLOCKWISE);
    this.#xy = new Float32Array(2 * total);
    const start = new Uint32Array(lines + arcs + 1);
    const entity = new Uint32Array(lines + arcs);
    this.#lines(own, across, up, bent, start);
    this.#arcs(marked, circles, start.subarray(lines));
    for (const [numbers, from] of [[owners, 0], [arcOwners, lines]] as const) {
      let owner = 0;
      for (let i = 0; i < numbers.length; i += 1) entity[from + i] = owner += signed(numbers[i]!);
    }
    return { kind: "line", record, xy: this.#xy, start, entity };
  }

  #put(x: number, y: number): void {
    this.#xy[2 * this.#at] = x;
    this.#xy[2 * this.#at + 1] = y;
    this.#at += 1;
  }

  #lines(own: Uint16Array, across: Uint32Array, up: Uint32Array, bends: Bends, start: Uint32Array): void {
    const step = this.#step;
    let [firstX, firstY] = [0, 0];
    let [v, bend] = [0, 0];
    let bentAfter = bends.at[0] ?? -1;
    for (let i = 0; i < own.length; i += 1) {
      start[i] = this.#at;
      const end = v + own[i]!;
      if (end > across.length) throw new DrawingError(this.#file, "range");
      let [x, y] = [firstX, firstY];
      for (const from = v; v < end; v += 1) {
        const [beforeX, beforeY] = [x, y];
        x += signed(across[v]!);
        y += signed(up[v]!);
        if (v === from) [firstX, firstY] = [x, y];
        else if (bentAfter === v - 1) {
          this.#bend(beforeX * step, beforeY * step, x * step, y * step, bends.bulge[bend]!, bends.inside[bend]!);
          bend += 1;
          bentAfter = bend < bends.at.length ? bentAfter + bends.at[bend]! : -1;
        }
        this.#put(x * step, y * step);
      }
    }
    if (v !== across.length || bend !== bends.at.length) throw new DrawingError(this.#file, "range");
  }

  #bend(x0: number, y0: number, x1: number, y1: number, bulge: number, inside: number): void {
    const [dx, dy] = [x1 - x0, y1 - y0];
    const lift = (1 - bulge * bulge) / (4 * bulge);
    const [cx, cy] = [x0 + dx / 2 - dy * lift, y0 + dy / 2 + dx * lift];
    const [ax, ay] = [x0 - cx, y0 - cy];
    const turn = (4 * Math.atan(bulge)) / (inside + 1);
    for (let k = 1; k <= inside; k += 1) {
      const [cos, sin] = [Math.cos(k * turn), Math.sin(k * turn)];
      this.#put(cx + ax * cos - ay * sin, cy + ay * cos + ax * sin);
    }
  }

  #arcs(marked: Uint16Array, circles: number, start: Uint32Array): void {
    const planes = this.#planes;
    const [cx, cy, ax, ay] = [0, 1, 2, 3].map(() => planes.words(marked.length)) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
    const turn = planes.floats(marked.length);
    const [bx, by] = [planes.words(marked.length - circles), planes.words(marked.length - circles)];
    const step = this.#step;
    let [x, y] = [0, 0];
    for (let i = 0; i < marked.length; i += 1) {
      start[i] = this.#at;
      x += signed(cx[i]!);
      y += signed(cy[i]!);
      const [a, c] = [signed(ax[i]!) / FINER, signed(ay[i]!) / FINER];
      const side = marked[i]! & CLOCKWISE ? -1 : 1;
      const [b, d] = i < circles ? [-c * side, a * side] : [signed(bx[i - circles]!) / FINER, signed(by[i - circles]!) / FINER];
      const count = marked[i]! & ~(CLOSED | CLOCKWISE);
      const from = 2 * this.#at;
      for (let k = 0; k < count; k += 1) {
        const [cos, sin] = [Math.cos(k * turn[i]!), Math.sin(k * turn[i]!)];
        this.#put((x + a * cos + b * sin) * step, (y + c * cos + d * sin) * step);
      }
      if (marked[i]! & CLOSED && count > 0) this.#xy.copyWithin(2 * (this.#at - 1), from, from + 2);
    }
    start[marked.length] = this.#at;
  }
}

export function decodePacked(record: ChunkRecord, bytes: ArrayBuffer): LineChunk {
  if (bytes.byteLength < HEAD) throw new DrawingError(record.file, "length");
  const head = new DataView(bytes);
  const [vertices, lines, bends, circles, ellipses] = [4, 16, 20, 24, 28].map((at) => head.getUint32(at, true)) as [number, number, number, number, number];
  const step = head.getFloat64(8, true);
  const length = HEAD + 6 * lines + 8 * vertices + 10 * bends + 26 * circles + 34 * ellipses;
  if (bytes.byteLength !== length || !Number.isFinite(step)) throw new DrawingError(record.file, "counts");
  return new Decoder(record.file, bytes, step).chunk(record, { vertices, lines, bends, circles, ellipses });
}
