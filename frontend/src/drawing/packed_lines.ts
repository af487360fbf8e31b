/** Decodes a packed line chunk (docs/drawing-format.md): steps from vertex to vertex, arcs as arcs, bytes of one weight together. */

import type { LineChunk } from "./chunk";
import { DrawingError, type ChunkRecord } from "./manifest";

/** First word of a packed chunk. */
export const PACKED = 0x51000001;
const HEAD = 24;
const CLOSED = 0x8000;

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

export function decodePacked(record: ChunkRecord, bytes: ArrayBuffer): LineChunk {
  if (bytes.byteLength < HEAD) throw new DrawingError(record.file, "length");
  const head = new DataView(bytes);
  const [vertices, lines, arcs] = [head.getUint32(4, true), head.getUint32(16, true), head.getUint32(20, true)];
  const step = head.getFloat64(8, true);
  if (bytes.byteLength !== HEAD + 6 * lines + 8 * vertices + 34 * arcs || !Number.isFinite(step)) throw new DrawingError(record.file, "counts");
  const planes = new Planes(bytes, HEAD);
  const counts = planes.halves(lines);
  const owners = planes.words(lines);
  const across = planes.words(vertices);
  const up = planes.words(vertices);
  const arcCounts = planes.halves(arcs);
  const arcOwners = planes.words(arcs);
  const curve = [0, 1, 2, 3, 4, 5, 6].map(() => planes.floats(arcs));
  let total = vertices;
  for (const count of arcCounts) total += count & ~CLOSED;
  const xy = new Float32Array(2 * total);
  const start = new Uint32Array(lines + arcs + 1);
  const entity = new Uint32Array(lines + arcs);
  let at = 0;
  let owner = 0;
  let [firstX, firstY] = [0, 0];
  for (let i = 0; i < lines; i += 1) {
    owner += signed(owners[i]!);
    entity[i] = owner;
    start[i] = at;
    const end = at + counts[i]!;
    if (end > vertices) throw new DrawingError(record.file, "range");
    let [x, y] = [firstX, firstY];
    for (let v = at; v < end; v += 1) {
      x += signed(across[v]!);
      y += signed(up[v]!);
      if (v === at) [firstX, firstY] = [x, y];
      xy[2 * v] = x * step;
      xy[2 * v + 1] = y * step;
    }
    at = end;
  }
  if (at !== vertices) throw new DrawingError(record.file, "range");
  owner = 0;
  const [cx, cy, ax, ay, bx, by, turn] = curve as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
  for (let i = 0; i < arcs; i += 1) {
    owner += signed(arcOwners[i]!);
    entity[lines + i] = owner;
    start[lines + i] = at;
    const count = arcCounts[i]! & ~CLOSED;
    for (let k = 0; k < count; k += 1) {
      const cos = Math.cos(k * turn[i]!);
      const sin = Math.sin(k * turn[i]!);
      xy[2 * (at + k)] = cx[i]! + ax[i]! * cos + bx[i]! * sin;
      xy[2 * (at + k) + 1] = cy[i]! + ay[i]! * cos + by[i]! * sin;
    }
    if (arcCounts[i]! & CLOSED && count > 0) xy.copyWithin(2 * (at + count - 1), 2 * at, 2 * at + 2);
    at += count;
  }
  start[lines + arcs] = at;
  return { kind: "line", record, xy, start, entity };
}
