import { describe, expect, it } from "vitest";
import { decodeChunk, splitLines, type LineChunk } from "./chunk";
import { decodeEntities, FLAG, handleText, legible, lookOf } from "./entities";
import { boxOfText, Labels } from "./labels";
import { checkManifest, DrawingError, type ChunkRecord, type TilePyramid } from "./manifest";
import { boxOfTile, levelFor, tilesIn } from "./pictures";
import { SnapIndex, type SnapChunk } from "./snap_index";
import { thinned, type Looks } from "./thinning";
import { apply, moveBetween, toPixels, visibleBox, type ViewFrame } from "./view_frame";

function lineBytes(lines: [number, number][][], entity: number[]): ArrayBuffer {
  const xy = lines.flat(2);
  const start = [0];
  for (const line of lines) start.push(start.at(-1)! + line.length);
  const nv = xy.length / 2;
  const bytes = new ArrayBuffer(8 + 8 * nv + 4 * (lines.length + 1) + 4 * lines.length);
  new Uint32Array(bytes, 0, 2).set([nv, lines.length]);
  new Float32Array(bytes, 8, 2 * nv).set(xy);
  new Uint32Array(bytes, 8 + 8 * nv, lines.length + 1).set(start);
  new Uint32Array(bytes, 8 + 8 * nv + 4 * (lines.length + 1), lines.length).set(entity);
  return bytes;
}

function record(kind: "line" | "fill", bytes: number): ChunkRecord {
  return { file: "geom/0.bin", kind, role: "draw", level: 0, bbox: [0, 0, 10, 10], origin: [1000, 2000], vertices: 0, prims: 0, bytes };
}

describe("chunks", () => {
  const bytes = lineBytes([[[0, 0], [10, 0], [10, 10]], [[5, 5]], [[0, 1], [1, 1]]], [0, 1, 2]);

  it("lines are decoded, dots and heavy lines told apart", () => {
    const chunk = decodeChunk(record("line", bytes.byteLength), bytes) as LineChunk;
    expect([...chunk.start]).toEqual([0, 3, 4, 6]);
    const parts = splitLines(chunk, new Uint16Array([0, 0, 50]));
    expect([...parts.hair]).toEqual([0, 1, 1, 2]);
    expect([...parts.dots]).toEqual([3]);
    expect([...parts.heavy]).toEqual([0, 1, 1, 1]);
    expect([...parts.vertexEntity]).toEqual([0, 0, 0, 1, 2, 2]);
  });

  it.each([
    ["a byte too few", bytes.slice(0, -4), bytes.byteLength],
    ["another length than promised", bytes, bytes.byteLength + 4],
    ["nothing", new ArrayBuffer(0), 0],
  ])("%s is refused", (_, given, promised) => {
    expect(() => decodeChunk(record("line", promised), given)).toThrow(DrawingError);
  });

  it("a polyline that runs backwards or past the vertices is refused", () => {
    const wrong = bytes.slice(0);
    new Uint32Array(wrong, 8 + 8 * 6, 4).set([0, 5, 4, 6]);
    expect(() => decodeChunk(record("line", wrong.byteLength), wrong)).toThrow(DrawingError);
    new Uint32Array(wrong, 8 + 8 * 6, 4).set([0, 3, 4, 99]);
    expect(() => decodeChunk(record("line", wrong.byteLength), wrong)).toThrow(DrawingError);
  });

  it("a triangle that names no vertex is refused", () => {
    const fill = new ArrayBuffer(8 + 24 + 12 + 4);
    new Uint32Array(fill, 0, 2).set([3, 1]);
    new Uint32Array(fill, 32, 3).set([0, 1, 2]);
    expect(decodeChunk(record("fill", fill.byteLength), fill).kind).toBe("fill");
    new Uint32Array(fill, 32, 3).set([0, 1, 3]);
    expect(() => decodeChunk(record("fill", fill.byteLength), fill)).toThrow(DrawingError);
  });
});

describe("entities", () => {
  function make(): ArrayBuffer {
    const n = 4;
    const bytes = new ArrayBuffer(8 + 21 * n);
    new Uint32Array(bytes, 0, 1).set([n]);
    new BigUint64Array(bytes, 8, n).set([0x2fn, 0x1ffffffffn, 0n, 5n]);
    new Uint8Array(bytes, 40, 16).set([255, 0, 0, 255, 0, 0, 0, 255, 1, 2, 3, 255, 9, 9, 9, 128]);
    new Uint16Array(bytes, 56, n).set([0, 1, 0, 0]);
    new Uint16Array(bytes, 64, n).set([65535, 65535, 65535, 1]);
    new Uint8Array(bytes, 88, n).set([0, FLAG.adaptive, FLAG.mask, 0]);
    return bytes;
  }
  const on = { on: true, frozen: false };

  it("keep handles of more than 32 bits", () => {
    const entities = decodeEntities("entities.bin", make(), 4);
    expect([...entities.handle].map(handleText)).toEqual(["2F", "1FFFFFFFF", "", "5"]);
    expect(() => decodeEntities("entities.bin", make(), 3)).toThrow(DrawingError);
  });

  it("colour 7 follows the paper, a mask is the paper", () => {
    const entities = decodeEntities("entities.bin", make(), 4);
    const dark = lookOf(entities, [on, on], "dark");
    const light = lookOf(entities, [on, on], "light");
    expect([...dark.slice(0, 4)]).toEqual([255, 0, 0, 255]);
    expect(dark[4]).toBeGreaterThan(200);
    expect(light[4]).toBe(0);
    expect([...light.slice(8, 12)]).toEqual([255, 255, 255, 255]);
    expect([...dark.slice(8, 11)]).not.toEqual([255, 255, 255]);
    expect(dark[15]).toBe(128);
  });

  it.each([
    ["light", [255, 255, 0], [178, 178, 0]],
    ["light", [0, 255, 255], [0, 193, 193]],
    ["light", [238, 232, 205], [238, 232, 205]],
    ["light", [255, 0, 0], [255, 0, 0]],
    ["dark", [0, 0, 255], [89, 89, 255]],
    ["dark", [255, 255, 0], [255, 255, 0]],
    ["dark", [20, 20, 20], [88, 88, 88]],
    ["dark", [0, 0, 0], [88, 88, 88]],
    ["dark", [96, 48, 0], [121, 80, 40]],
    ["dark", [128, 128, 128], [128, 128, 128]],
    ["light", [254, 254, 254], [254, 254, 254]],
  ] as const)("on %s paper %j is shown as %j", (paper, given, shown) => {
    const look = new Uint8Array([...given, 255]);
    legible(look, 0, paper);
    expect([...look]).toEqual([...shown, 255]);
  });

  it("a layer hides its own; the reference's layer only when frozen", () => {
    const entities = decodeEntities("entities.bin", make(), 4);
    const alpha = (states: { on: boolean; frozen: boolean }[]): number[] => [0, 1, 2, 3].map((i) => Number(lookOf(entities, states, "dark")[4 * i + 3]! > 0));
    expect(alpha([on, on])).toEqual([1, 1, 1, 1]);
    expect(alpha([{ on: false, frozen: false }, on])).toEqual([0, 1, 0, 0]);
    expect(alpha([on, { on: false, frozen: false }])).toEqual([1, 0, 1, 1]);
    expect(alpha([on, { on: true, frozen: true }])).toEqual([1, 0, 1, 0]);
  });
});

describe("views", () => {
  const view: ViewFrame = { center: [5e5, 4e6], resolution: 2.5, rotation: 0.3, width: 800, height: 600, ratio: 2 };

  it("the centre is in the middle and y goes up", () => {
    expect(apply(toPixels(view), 5e5, 4e6)).toEqual([400, 300]);
    const flat = { ...view, rotation: 0 };
    expect(apply(toPixels(flat), 5e5 + 25, 4e6 + 25)).toEqual([410, 290]);
  });

  it("a moved picture lands where it would be drawn", () => {
    const next: ViewFrame = { ...view, center: [5e5 + 300, 4e6 - 120], resolution: 1.7, rotation: -0.4 };
    const move = moveBetween(view, next);
    for (const point of [[5e5, 4e6], [5e5 + 1000, 4e6 + 700], [5e5 - 333, 4e6 + 12]] as const) {
      const before = apply(toPixels(view), point[0], point[1]);
      const after = apply(toPixels(next), point[0], point[1]);
      const moved = apply(move, before[0], before[1]);
      expect(moved[0]).toBeCloseTo(after[0], 5);
      expect(moved[1]).toBeCloseTo(after[1], 5);
    }
  });

  it("the visible box holds every corner of the screen", () => {
    const [x0, y0, x1, y1] = visibleBox(view);
    const m = toPixels(view);
    for (const [px, py] of [[0, 0], [800, 0], [0, 600], [800, 600]] as const) {
      const det = m.a * m.d - m.b * m.c;
      const x = (m.d * (px - m.e) - m.c * (py - m.f)) / det;
      const y = (-m.b * (px - m.e) + m.a * (py - m.f)) / det;
      expect(x).toBeGreaterThanOrEqual(x0 - 1e-6);
      expect(x).toBeLessThanOrEqual(x1 + 1e-6);
      expect(y).toBeGreaterThanOrEqual(y0 - 1e-6);
      expect(y).toBeLessThanOrEqual(y1 + 1e-6);
    }
  });
});

describe("snapping", () => {
  function chunk(lines: [number, number][][], role: "draw" | "snap" = "draw", entity = lines.map((_, i) => i)): SnapChunk {
    const bytes = lineBytes(lines, entity);
    const decoded = decodeChunk(record("line", bytes.byteLength), bytes) as LineChunk;
    return { bbox: [1000, 2000, 1010, 2010], role, origin: [1000, 2000], xy: decoded.xy, start: decoded.start, entity: decoded.entity };
  }

  it("finds ends, crossings, middles and points on lines, in this order of preference", () => {
    const index = new SnapIndex();
    index.add("a", chunk([[[0, 0], [10, 0]], [[4, -5], [4, 5]]]));
    expect(index.snap(1000.2, 2000.1, 1)).toMatchObject({ kind: "end", x: 1000, y: 2000 });
    expect(index.snap(1004.3, 2000.2, 1)).toMatchObject({ kind: "cross", x: 1004, y: 2000 });
    expect(index.snap(1005.1, 2000.1, 0.5)).toMatchObject({ kind: "middle", x: 1005, y: 2000 });
    expect(index.snap(1008, 2000.4, 0.5)).toMatchObject({ kind: "on", x: 1008, y: 2000 });
    expect(index.snap(1008, 2003, 1)).toBeNull();
  });

  it("agrees with a search over everything", () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const lines = Array.from({ length: 300 }, (): [number, number][] => {
      const x = random() * 100;
      const y = random() * 100;
      return [[x, y], [x + random() * 30 - 15, y + random() * 30 - 15]];
    });
    const index = new SnapIndex();
    index.add("a", { ...chunk(lines), bbox: [900, 1900, 1200, 2200] });
    for (let n = 0; n < 200; n += 1) {
      const x = 1000 + random() * 100;
      const y = 2000 + random() * 100;
      const nearest = Math.min(...lines.map(([a, b]) => distance([Math.fround(a![0]) + 1000, Math.fround(a![1]) + 2000], [Math.fround(b![0]) + 1000, Math.fround(b![1]) + 2000], x, y)));
      const hit = index.pick(x, y, 3);
      if (nearest > 3) expect(hit).toBeNull();
      else expect(hit!.distance).toBeCloseTo(nearest, 4);
    }
  });

  it("skips hidden entities, and the dashes of dashed ones in favour of their true line", () => {
    const index = new SnapIndex();
    index.add("dashes", chunk([[[0, 0], [1, 0]], [[2, 0], [3, 0]]], "draw", [0, 0]));
    index.add("true", chunk([[[0, 0], [10, 0]]], "snap", [0]));
    index.setVisible(new Uint8Array([1]), new Uint8Array([1]));
    expect(index.snap(1003, 2000.1, 0.4)).toMatchObject({ kind: "on" });
    expect(index.snap(1010, 2000, 0.4)).toMatchObject({ kind: "end" });
    index.setVisible(new Uint8Array([0]), new Uint8Array([0]));
    expect(index.snap(1010, 2000, 0.4)).toBeNull();
  });

  it("tells length and area of what was picked", () => {
    const index = new SnapIndex();
    index.add("a", chunk([[[0, 0], [4, 0], [4, 3], [0, 3], [0, 0]]]));
    expect(index.pick(1002, 2000, 0.5)).toMatchObject({ entity: 0, length: 14, closed: true, area: 12 });
  });

  it("a dot can be snapped to", () => {
    const index = new SnapIndex();
    index.add("a", chunk([[[5, 5]]]));
    expect(index.snap(1005.1, 2005, 0.5)).toMatchObject({ kind: "end", x: 1005, y: 2005 });
  });
});

function distance(a: [number, number], b: [number, number], x: number, y: number): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const t = Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(a[0] + t * dx - x, a[1] + t * dy - y);
}

describe("texts", () => {
  it("a turned and a mirrored run cover the right place", () => {
    const turned = boxOfText({ x: 10, y: 10, h: 2, w: 20, s: "", rot: 90 });
    expect(turned[3]).toBeCloseTo(30);
    expect(turned[0]).toBeLessThan(10);
    const mirrored = boxOfText({ x: 10, y: 10, h: 2, w: 20, s: "", mx: 1 });
    expect(mirrored[0]).toBeCloseTo(-10);
  });

  it("are found by words and under the cursor, unless hidden", () => {
    const labels = new Labels([{ e: 0, x: 0, y: 0, h: 2, w: 10, s: "防火门 FM甲1021" }, { x: 0, y: 50, h: 2, w: 10, s: "words of a PDF", hide: 1 }]);
    expect(labels.search("fm甲", 5)).toHaveLength(1);
    expect(labels.search("pdf", 5)).toHaveLength(1);
    expect(labels.at(5, 1, new Uint8Array([0, 0, 0, 255]))?.s).toContain("防火门");
    expect(labels.at(5, 1, new Uint8Array([0, 0, 0, 0]))).toBeNull();
    expect(labels.at(5, 51, new Uint8Array([0, 0, 0, 255]))).toBeNull();
    expect(labels.characters()).not.toContain("P");
  });
});

describe("tiles", () => {
  const tiles: TilePyramid = {
    size: 512,
    bbox: [0, 0, 595, 842],
    template: "tiles/{z}/{x}_{y}.webp",
    levels: [
      { z: 0, width: 595, height: 842, cols: 2, rows: 2 },
      { z: 1, width: 1190, height: 1684, cols: 3, rows: 4 },
      { z: 2, width: 2380, height: 3368, cols: 5, rows: 7 },
    ],
  };

  it("the level is as fine as the screen, the finest when none is", () => {
    expect(levelFor(tiles, 1, 1)?.z).toBe(0);
    expect(levelFor(tiles, 1, 2)?.z).toBe(1);
    expect(levelFor(tiles, 0.01, 1)?.z).toBe(2);
  });

  it("row 0 is at the top, tiles at the edge are cut", () => {
    const level = tiles.levels[1]!;
    expect(tilesIn(tiles, level, [0, 800, 10, 842])).toEqual([{ x: 0, y: 0 }]);
    expect(tilesIn(tiles, level, [-1e6, -1e6, 1e6, 1e6])).toHaveLength(12);
    expect(tilesIn(tiles, level, [1000, 1000, 1100, 1100])).toEqual([]);
    expect(boxOfTile(tiles, level, 2, 3)).toEqual([512, 0, 595, 74]);
  });
});

describe("manifests", () => {
  it.each([null, {}, { v: 2 }, { v: 1, bbox: [0, 0, 1], fit: [0, 0, 1, 1], chunks: [], layers: [] }, { v: 1, bbox: [0, 0, 1, 1], fit: [0, 0, 1, 1] }])("%j is refused", (value) => {
    expect(() => checkManifest(value)).toThrow(DrawingError);
  });
});

describe("a coarse screen", () => {
  const circle = (radius: number): number[] => Array.from({ length: 33 }, (_, k) => [Math.cos((k % 32) * (Math.PI / 16)) * radius, Math.sin((k % 32) * (Math.PI / 16)) * radius]).flat();
  const made = (...lines: number[][]): LineChunk => {
    const start = [0];
    for (const line of lines) start.push(start.at(-1)! + line.length / 2);
    return { kind: "line", record: { file: "x" } as never, xy: new Float32Array(lines.flat()), start: new Uint32Array(start), entity: new Uint32Array(lines.map((_, i) => i)) };
  };

  const looks = (n: number): Looks => ({ rgba: new Uint8Array(4 * n), layer: new Uint16Array(n), via: new Uint16Array(n), flags: new Uint8Array(n), weight: new Uint16Array(n) });

  it("gets fewer vertices, and every polyline still shows", () => {
    const chunk = made([0, 0, 1, 0, 9, 9], circle(4), circle(1000), [5, 5]);
    expect([...thinned(chunk, looks(4), 0).slice(0, 4)]).toEqual([0, 1, 1, 2]);
    const far = thinned(chunk, looks(4), 50);
    expect([...far.slice(0, 4)]).toEqual([0, 2, 3, 19]);
    expect(far.length).toBe(4 + 2 * 32);
    expect(thinned(chunk, { ...looks(4), weight: new Uint16Array([0, 0, 90, 0]) }, 50).length).toBe(4);
  });

  it("gets the last of several lines that fall onto the same pixels and look alike", () => {
    const chunk = made([0, 0, 100, 0], [100.2, 0.1, 0.1, 0.2], [0.3, 0.3, 100.4, 0.4], [0, 0, 100, 7], [3.1, 3.1, 3.2, 3.2], [3.2, 3.3, 3.4, 3.1]);
    const drawn = (given: Looks, least = 1): number[] => [...thinned(chunk, given, least)];
    expect(drawn(looks(6))).toEqual([4, 5, 6, 7, 10, 11]);
    expect(drawn(looks(6), 0.01)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    // Another layer may be switched off alone, another colour is to be seen where it lies on top.
    expect(drawn({ ...looks(6), layer: new Uint16Array([0, 7, 0, 0, 0, 0]) })).toEqual([2, 3, 4, 5, 6, 7, 10, 11]);
    const red = looks(6);
    red.rgba.set([255, 0, 0, 255], 4 * 2);
    expect(drawn(red)).toEqual([2, 3, 4, 5, 6, 7, 10, 11]);
  });
});

describe("handles stored as steps", () => {
  it("come back, also where they fall and beyond 32 bits", () => {
    const handles = [0x1f3n, 0x1f1n, 0x1234567890n];
    const bytes = new Uint8Array(8 + 21 * 3);
    new DataView(bytes.buffer).setUint32(0, 3, true);
    new DataView(bytes.buffer).setUint32(4, 1, true);
    handles.forEach((handle, i) => {
      const step = BigInt.asUintN(64, handle - (handles[i - 1] ?? 0n));
      for (let byte = 0; byte < 8; byte += 1) bytes[8 + 3 * byte + i] = Number((step >> BigInt(8 * byte)) & 255n);
    });
    expect([...decodeEntities("entities.bin", bytes.buffer, 3).handle]).toEqual(handles);
  });
});
