/** Which hairline segments a screen of some coarseness can tell apart: far out most vertices, and many whole lines, fall onto one pixel. */

import { HAIR_WEIGHT, type LineChunk } from "./chunk";
import type { Entities } from "./entities";

/** What makes two segments look alike, whatever layers are on and whatever the paper is. */
export type Looks = Pick<Entities, "rgba" | "layer" | "via" | "flags" | "weight">;

/**
 * Vertex pairs of hairlines without vertices closer than `least` (chunk units) to the one before, and without segments that a later one of the
 * same look covers. Every polyline keeps a segment or has a twin that does, so that nothing disappears.
 */
export function thinned(chunk: LineChunk, looks: Looks, least: number): Uint32Array<ArrayBuffer> {
  const { xy, start, entity } = chunk;
  const index = new Uint32Array(Math.max(0, xy.length - 2));
  const reach = least * least;
  let at = 0;
  for (let i = 0; i < entity.length; i += 1) {
    const from = start[i]!;
    const last = start[i + 1]! - 1;
    if (last <= from || (looks.weight[entity[i]!] ?? 0) > HAIR_WEIGHT) continue;
    let kept = from;
    for (let v = from + 1; v < last; v += 1) {
      const dx = xy[2 * v]! - xy[2 * kept]!;
      const dy = xy[2 * v + 1]! - xy[2 * kept + 1]!;
      if (dx * dx + dy * dy < reach) continue;
      index[at++] = kept;
      index[at++] = v;
      kept = v;
    }
    index[at++] = kept;
    // A closed one that shrank to its first vertex still shows its middle.
    index[at++] = kept === from && last - from > 1 && xy[2 * from] === xy[2 * last] && xy[2 * from + 1] === xy[2 * last + 1] ? from + ((last - from) >> 1) : last;
  }
  const told = index.subarray(0, at);
  return least > 0 ? withoutTwins(told, chunk, looks, least) : told.slice();
}

/**
 * The pairs without those whose ends lie in the same cells as a later pair's of the same look. The later one stays: it would have covered the
 * earlier one and whatever was drawn between the two.
 */
function withoutTwins(index: Uint32Array<ArrayBuffer>, chunk: LineChunk, looks: Looks, cell: number): Uint32Array<ArrayBuffer> {
  const { xy } = chunk;
  const pairs = index.length / 2;
  const owner = ownersOf(chunk);
  let size = 16;
  while (size < 2 * pairs) size *= 2;
  const table = new Int32Array(size).fill(-1);
  const cellOf = (vertex: number, axis: 0 | 1): number => Math.floor(xy[2 * vertex + axis]! / cell);
  const meets = (a: number, b: number): boolean => cellOf(a, 0) === cellOf(b, 0) && cellOf(a, 1) === cellOf(b, 1);
  const hash = (vertex: number): number => Math.imul(cellOf(vertex, 0), 0x9e3779b1) ^ Math.imul(cellOf(vertex, 1), 0x85ebca6b);
  let to = pairs;
  for (let pair = pairs - 1; pair >= 0; pair -= 1) {
    const [a, b] = [index[2 * pair]!, index[2 * pair + 1]!];
    const e = owner[a]!;
    let at = hash(a) + hash(b); // the same for both directions
    at = Math.imul(at ^ (at >>> 15), 0x2c1b3c6d);
    at = (at ^ (at >>> 13)) & (size - 1);
    let twin = false;
    for (let other = table[at]!; other >= 0 && !twin; other = table[at]!) {
      const [c, d] = [index[2 * other]!, index[2 * other + 1]!];
      twin = ((meets(a, c) && meets(b, d)) || (meets(a, d) && meets(b, c))) && alike(looks, e, owner[c]!);
      at = (at + 1) & (size - 1);
    }
    if (twin) continue;
    to -= 1;
    // Kept pairs gather at the end; none that is still to be read lies there.
    index[2 * to] = a;
    index[2 * to + 1] = b;
    table[at] = to;
  }
  return index.slice(2 * to);
}

/** Entity of every vertex. */
function ownersOf(chunk: LineChunk): Uint32Array {
  const owner = new Uint32Array(chunk.xy.length / 2);
  for (let i = 0; i < chunk.entity.length; i += 1) owner.fill(chunk.entity[i]!, chunk.start[i]!, chunk.start[i + 1]!);
  return owner;
}

function alike(looks: Looks, a: number, b: number): boolean {
  if (a === b) return true;
  const { rgba } = looks;
  return (
    looks.layer[a] === looks.layer[b] &&
    looks.via[a] === looks.via[b] &&
    looks.flags[a] === looks.flags[b] &&
    rgba[4 * a] === rgba[4 * b] &&
    rgba[4 * a + 1] === rgba[4 * b + 1] &&
    rgba[4 * a + 2] === rgba[4 * b + 2] &&
    rgba[4 * a + 3] === rgba[4 * b + 3]
  );
}
