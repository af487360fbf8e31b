/** Decodes `geom/{n}.bin` into what the graphics card and the snap index want. Little endian, lengths checked exactly. */

import { DrawingError, type ChunkRecord } from "./manifest";
import { decodePacked, PACKED } from "./packed_lines";

export interface LineChunk {
  kind: "line";
  record: ChunkRecord;
  /** x, y pairs relative to the record's origin. */
  xy: Float32Array<ArrayBuffer>;
  /** Polyline i is vertices start[i] .. start[i+1]-1; a single vertex is a dot. */
  start: Uint32Array<ArrayBuffer>;
  /** Record number in entities.bin, one per polyline. */
  entity: Uint32Array<ArrayBuffer>;
}

export interface FillChunk {
  kind: "fill";
  record: ChunkRecord;
  xy: Float32Array<ArrayBuffer>;
  /** Three vertex numbers per triangle. */
  index: Uint32Array<ArrayBuffer>;
  /** Record number in entities.bin, one per triangle. */
  entity: Uint32Array<ArrayBuffer>;
}

export type Chunk = LineChunk | FillChunk;

export function decodeChunk(record: ChunkRecord, bytes: ArrayBuffer): Chunk {
  if (bytes.byteLength !== record.bytes || bytes.byteLength < 8) throw new DrawingError(record.file, "length");
  if (record.kind === "line" && new Uint32Array(bytes, 0, 1)[0] === PACKED) return decodePacked(record, bytes);
  const head = new Uint32Array(bytes, 0, 2);
  const nv = head[0] ?? 0;
  const np = head[1] ?? 0;
  const expected = record.kind === "line" ? 8 + 8 * nv + 4 * (np + 1) + 4 * np : 8 + 8 * nv + 12 * np + 4 * np;
  if (expected !== bytes.byteLength) throw new DrawingError(record.file, "counts");
  const xy = new Float32Array(bytes, 8, 2 * nv);
  const after = 8 + 8 * nv;
  if (record.kind === "line") {
    const start = new Uint32Array(bytes, after, np + 1);
    const entity = new Uint32Array(bytes, after + 4 * (np + 1), np);
    for (let i = 0; i < np; i += 1) {
      if ((start[i] ?? 0) > (start[i + 1] ?? 0)) throw new DrawingError(record.file, "order");
    }
    if ((start[np] ?? 0) > nv) throw new DrawingError(record.file, "range");
    return { kind: "line", record, xy, start, entity };
  }
  const index = new Uint32Array(bytes, after, 3 * np);
  for (const vertex of index) if (vertex >= nv) throw new DrawingError(record.file, "range");
  return { kind: "fill", record, xy, index, entity: new Uint32Array(bytes, after + 12 * np, np) };
}

/** Segments and dots of a line chunk by weight: hairlines for GL_LINES, heavy ones for quads. */
export interface LineParts {
  /** Entity of each vertex (a vertex belongs to one polyline). */
  vertexEntity: Uint32Array<ArrayBuffer>;
  /** Vertex pairs of hairline segments. */
  hair: Uint32Array<ArrayBuffer>;
  /** Vertices of dots. */
  dots: Uint32Array<ArrayBuffer>;
  /** Heavy segments: ax, ay, bx, by relative to the origin. */
  heavy: Float32Array<ArrayBuffer>;
  heavyEntity: Uint32Array<ArrayBuffer>;
  heavyWeight: Float32Array<ArrayBuffer>;
}

/** Weights up to this (1/100 mm) are one pixel wide on screen. */
export const HAIR_WEIGHT = 25;

export function splitLines(chunk: LineChunk, weight: Uint16Array): LineParts {
  const { xy, start, entity } = chunk;
  const vertexEntity = new Uint32Array(xy.length / 2);
  let hairCount = 0;
  let dotCount = 0;
  let heavyCount = 0;
  for (let i = 0; i < entity.length; i += 1) {
    const from = start[i]!;
    const to = start[i + 1]!;
    const e = entity[i]!;
    vertexEntity.fill(e, from, to);
    if (to - from === 1) dotCount += 1;
    else if ((weight[e] ?? 0) > HAIR_WEIGHT) heavyCount += to - from - 1;
    else if (to > from) hairCount += to - from - 1;
  }
  const parts: LineParts = {
    vertexEntity,
    hair: new Uint32Array(hairCount * 2),
    dots: new Uint32Array(dotCount),
    heavy: new Float32Array(heavyCount * 4),
    heavyEntity: new Uint32Array(heavyCount),
    heavyWeight: new Float32Array(heavyCount),
  };
  let hairAt = 0;
  let dotAt = 0;
  let heavyAt = 0;
  for (let i = 0; i < entity.length; i += 1) {
    const from = start[i]!;
    const to = start[i + 1]!;
    const e = entity[i]!;
    if (to - from === 1) {
      parts.dots[dotAt++] = from;
      continue;
    }
    const w = weight[e] ?? 0;
    for (let v = from; v < to - 1; v += 1) {
      if (w > HAIR_WEIGHT) {
        parts.heavy.set([xy[2 * v]!, xy[2 * v + 1]!, xy[2 * v + 2]!, xy[2 * v + 3]!], heavyAt * 4);
        parts.heavyEntity[heavyAt] = e;
        parts.heavyWeight[heavyAt] = w;
        heavyAt += 1;
      } else {
        parts.hair[hairAt++] = v;
        parts.hair[hairAt++] = v + 1;
      }
    }
  }
  return parts;
}
