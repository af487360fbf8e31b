/** `entities.bin`: who drew what. One record per look of an entity; a block reference may have several with one handle. */

import { DrawingError, type LayerRecord, type Paper } from "./manifest";

export const FLAG = { adaptive: 1, mask: 2, byLayer: 4, dashed: 8, proxy: 16, repaired: 32 } as const;
const NO_LAYER = 65_535;

export const PAPER_RGB: Record<Paper, readonly [number, number, number]> = { dark: [27, 32, 38], light: [255, 255, 255] };
const INK: Record<Paper, number> = { dark: 238, light: 0 };

export interface Entities {
  count: number;
  handle: BigUint64Array;
  rgba: Uint8Array;
  layer: Uint16Array;
  via: Uint16Array;
  type: Uint16Array;
  weight: Uint16Array;
  flags: Uint8Array;
}

export const NO_ENTITIES: Entities = {
  count: 0,
  handle: new BigUint64Array(0),
  rgba: new Uint8Array(0),
  layer: new Uint16Array(0),
  via: new Uint16Array(0),
  type: new Uint16Array(0),
  weight: new Uint16Array(0),
  flags: new Uint8Array(0),
};

export function decodeEntities(file: string, bytes: ArrayBuffer, count: number): Entities {
  if (bytes.byteLength !== 8 + 21 * count) throw new DrawingError(file, "length");
  if (new Uint32Array(bytes, 0, 1)[0] !== count) throw new DrawingError(file, "count");
  let at = 8;
  const take = (width: number): number => {
    const from = at;
    at += width * count;
    return from;
  };
  const handles = take(8);
  return {
    count,
    handle: new Uint32Array(bytes, 4, 1)[0] === 1 ? unpackHandles(new Uint8Array(bytes, handles, 8 * count), count) : new BigUint64Array(bytes, handles, count),
    rgba: new Uint8Array(bytes, take(4), 4 * count),
    layer: new Uint16Array(bytes, take(2), count),
    via: new Uint16Array(bytes, take(2), count),
    type: new Uint16Array(bytes, take(2), count),
    weight: new Uint16Array(bytes, take(2), count),
    flags: new Uint8Array(bytes, take(1), count),
  };
}

/** Handles stored as steps from one to the next, all lowest bytes first, then all second ones, and so on. */
function unpackHandles(planes: Uint8Array, count: number): BigUint64Array {
  const words = new Uint32Array(2 * count);
  for (let i = 0; i < count; i += 1) {
    for (let half = 0; half < 2; half += 1) {
      let word = 0;
      for (let byte = 3; byte >= 0; byte -= 1) word = (word << 8) | planes[(4 * half + byte) * count + i]!;
      words[2 * i + half] = word >>> 0;
    }
  }
  const handles = new BigUint64Array(words.buffer);
  for (let i = 1; i < count; i += 1) handles[i] = handles[i]! + handles[i - 1]!;
  return handles;
}

/** The handle as drawing programs write it; empty when the file has none. */
export function handleText(handle: bigint): string {
  return handle === 0n ? "" : handle.toString(16).toUpperCase();
}

const STRONG = 128;
const LIGHTEST = 0.45;
const DARKEST = 0.12;
const LIGHTER = 0.35;

/**
 * Colours that the paper swallows made readable: yellow and cyan darker on white; on black blue lighter, and black, brown and
 * dark grey as light as they must be. Pale fills on white stay. As the server's pictures do.
 */
export function legible(look: Uint8Array, at: number, paper: Paper): void {
  const [r, g, b] = [look[at]!, look[at + 1]!, look[at + 2]!];
  const strong = Math.max(r, g, b) - Math.min(r, g, b) >= STRONG;
  const light = weighed(r, g, b, r, g, b);
  if (paper === "light" ? !strong || light <= LIGHTEST : light >= DARKEST) return;
  const white = paper === "light" ? 0 : strong ? LIGHTER : shareOfWhite(r, g, b, light);
  for (let part = at; part < at + 3; part += 1) {
    if (paper === "light") look[part] = Math.round(look[part]! * Math.sqrt(LIGHTEST / light));
    else look[part] = Math.round(look[part]! + (255 - look[part]!) * white);
  }
}

function weighed(r: number, g: number, b: number, r2: number, g2: number, b2: number): number {
  return (0.2126 * r * r2 + 0.7152 * g * g2 + 0.0722 * b * b2) / 65_025;
}

/** How much white makes a colour of this lightness just light enough. */
function shareOfWhite(r: number, g: number, b: number, light: number): number {
  const square = weighed(255 - r, 255 - g, 255 - b, 255 - r, 255 - g, 255 - b);
  const half = weighed(r, g, b, 255 - r, 255 - g, 255 - b);
  return (Math.sqrt(half * half + square * (DARKEST - light)) - half) / square;
}

/**
 * The colour of every entity on this paper, four bytes each; alpha 0 = do not draw. A layer hides what lies on it when off or
 * frozen; the layer of the outermost block reference hides its parts only when frozen.
 */
export function lookOf(entities: Entities, layers: readonly Pick<LayerRecord, "on" | "frozen">[], paper: Paper): Uint8Array<ArrayBuffer> {
  const look = new Uint8Array(entities.count * 4);
  const paperRgb = PAPER_RGB[paper];
  for (let i = 0; i < entities.count; i += 1) {
    const layer = layers[entities.layer[i]!];
    if (layer && (!layer.on || layer.frozen)) continue;
    const via = entities.via[i]!;
    if (via !== NO_LAYER && layers[via]?.frozen) continue;
    const at = 4 * i;
    const flags = entities.flags[i]!;
    if (flags & FLAG.mask) {
      look[at] = paperRgb[0];
      look[at + 1] = paperRgb[1];
      look[at + 2] = paperRgb[2];
      look[at + 3] = 255;
    } else {
      const ink = flags & FLAG.adaptive ? INK[paper] : -1;
      look[at] = ink >= 0 ? ink : entities.rgba[at]!;
      look[at + 1] = ink >= 0 ? ink : entities.rgba[at + 1]!;
      look[at + 2] = ink >= 0 ? ink : entities.rgba[at + 2]!;
      look[at + 3] = Math.max(1, entities.rgba[at + 3]!);
      if (ink < 0) legible(look, at, paper);
    }
  }
  return look;
}
