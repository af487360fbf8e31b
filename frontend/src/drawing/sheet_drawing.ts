/** One prepared sheet in the browser: loads its files in the order in which they matter, keeps layer states, answers what lies where. */

import { decodeChunk, type Chunk } from "./chunk";
import { decodeEntities, FLAG, handleText, lookOf, NO_ENTITIES, type Entities } from "./entities";
import { boxOfText, LABEL_FONT, Labels } from "./labels";
import { checkManifest, DrawingError, meets, type Box, type ChunkRecord, type Fidelity, type LayerRecord, type Manifest, type Paper, type TextRecord } from "./manifest";
import { SnapService } from "./snap";
import type { SnapHit } from "./snap_index";

const AT_ONCE = 6;
/** Below this, everything is loaded in the background, so that snapping and picking work everywhere. */
const BACKGROUND_BYTES = 64 * 1024 * 1024;

export interface LayerState extends LayerRecord {
  /** What the person chose; the file's own state is in `on` and `frozen` of the manifest. */
  shown: boolean;
}

/** What lies under the cursor, for the properties line. */
export interface EntityFound {
  handle: string;
  type: string;
  layer: string;
  text: string | null;
  /** Drawing units; null for texts. */
  length: number | null;
  /** Square drawing units; null when not closed. */
  area: number | null;
  proxy: boolean;
  layerId: number;
  /** What is meant on the sheet: the polyline, or the box of the text. */
  path: [number, number][];
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new DrawingError(url.split("/").at(-1) ?? url, `HTTP ${response.status}`);
  return response.json();
}

async function getBytes(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new DrawingError(url.split("/").at(-1) ?? url, `HTTP ${response.status}`);
  return response.arrayBuffer();
}

export class SheetDrawing {
  readonly base: string;
  readonly manifest: Manifest;
  readonly chunks = new Map<string, Chunk>();
  readonly layers: LayerState[];
  readonly snap: SnapService | null;
  paper: Paper;
  entities: Entities = NO_ENTITIES;
  labels = new Labels([]);
  look = new Uint8Array(0);
  fidelity: Fidelity | null = null;
  /** Files that could not be loaded; shown to the person, loaded again by `retry`. */
  readonly failed = new Map<string, string>();
  /** True when entities, texts and fonts are here; chunks follow by view. */
  ready = false;
  onChange: () => void = () => undefined;

  #tint: readonly [number, number, number] | null = null;
  #box: Box | null = null;
  #running = 0;
  #asked = new Set<string>();

  private constructor(base: string, manifest: Manifest) {
    this.base = base;
    this.manifest = manifest;
    this.paper = manifest.paper;
    this.layers = manifest.layers.map((layer) => ({ ...layer, shown: layer.on && !layer.frozen }));
    this.snap = manifest.chunks.some((chunk) => chunk.kind === "line") && typeof Worker !== "undefined" ? new SnapService() : null;
  }

  /** Opens a prepared sheet; `base` is its address and ends with a slash. */
  static async open(base: string): Promise<SheetDrawing> {
    return new SheetDrawing(base, checkManifest(await getJson(`${base}manifest.json`)));
  }

  /**
   * Loads entities, texts, fidelity report and the letters of the texts, and beside them the first chunks; the others are asked for by `want`.
   * `faces` is when the page's own fonts are declared.
   */
  async load(faces: Promise<unknown> = Promise.resolve()): Promise<void> {
    this.#box ??= this.manifest.fit;
    const report = this.#loadReport();
    const tables = this.#loadTables();
    this.#load();
    try {
      await tables;
    } catch (error) {
      this.failed.set(error instanceof DrawingError ? error.what : "entities.bin", String(error));
      this.onChange();
      return;
    }
    await Promise.all([report, this.#loadLetters(faces)]);
  }

  async #loadTables(): Promise<void> {
    const { manifest, base } = this;
    const [entities, texts] = await Promise.all([
      manifest.entities ? getBytes(base + manifest.entities.file) : null,
      manifest.texts && manifest.texts.count > 0 ? getJson(base + manifest.texts.file) : null,
    ]);
    if (entities && manifest.entities) this.entities = decodeEntities(manifest.entities.file, entities, manifest.entities.count);
    const records = (texts as { texts?: TextRecord[] } | null)?.texts;
    if (records) this.labels = new Labels(records);
    this.#refreshLook();
    this.ready = true;
    this.onChange();
  }

  /** What is not shown and why: beside the picture, which does not wait for it. */
  async #loadReport(): Promise<void> {
    this.fidelity = (await getJson(this.base + this.manifest.fidelity).catch(() => null)) as Fidelity | null;
    if (this.fidelity === null) this.failed.set(this.manifest.fidelity, "missing");
    this.onChange();
  }

  async #loadLetters(faces: Promise<unknown>): Promise<void> {
    const characters = this.labels.characters();
    if (characters === "") return;
    try {
      await faces;
      await document.fonts.load(`64px ${LABEL_FONT}`, characters);
    } catch {
      // The system's own face draws the letters, at the width of the drawing.
    }
    this.labels.remeasure();
    this.onChange();
  }

  /** Chunks that draw something in `box`, in drawing order; `complete` when all are here. */
  drawable(box: Box): { levels: Map<number, string[]>; complete: boolean } {
    const levels = new Map<number, string[]>();
    let complete = this.ready;
    for (const record of this.manifest.chunks) {
      if (record.role !== "draw" || !meets(record.bbox, box)) continue;
      if (this.chunks.has(record.file)) {
        const files = levels.get(record.level);
        if (files) files.push(record.file);
        else levels.set(record.level, [record.file]);
      } else if (!this.failed.has(record.file)) complete = false;
    }
    return { levels, complete };
  }

  /** Says what the screen shows; chunks in it are loaded first. */
  want(box: Box): void {
    this.#box = box;
    this.#load();
  }

  /** Loads again what could not be loaded. */
  retry(): void {
    for (const file of this.failed.keys()) this.#asked.delete(file);
    this.failed.clear();
    if (!this.ready) void this.load();
    else {
      if (this.fidelity === null) void this.#loadReport();
      this.#load();
    }
    this.onChange();
  }

  setLayer(id: number, shown: boolean): void {
    const layer = this.layers[id];
    if (!layer || layer.shown === shown) return;
    layer.shown = shown;
    this.#refreshLook();
    this.onChange();
  }

  setLayers(shown: (layer: LayerState) => boolean): void {
    for (const layer of this.layers) layer.shown = shown(layer);
    this.#refreshLook();
    this.onChange();
  }

  /** True when any layer shows other than the file says. */
  get layersChanged(): boolean {
    return this.layers.some((layer) => layer.shown !== (layer.on && !layer.frozen));
  }

  setPaper(paper: Paper): void {
    if (this.paper === paper) return;
    this.paper = paper;
    this.#refreshLook();
    this.onChange();
  }

  /** Draws everything in one colour (to lay it over another sheet); null: in its own colours. */
  setTint(color: readonly [number, number, number] | null): void {
    if (this.#tint === color) return;
    this.#tint = color;
    this.#refreshLook();
    this.onChange();
  }

  /** The best snap point within `reach` drawing units. */
  async snapAt(x: number, y: number, reach: number): Promise<SnapHit | null> {
    return this.snap ? this.snap.snap(x, y, reach) : null;
  }

  /** The entity under a coordinate: a line within `reach`, else the text that covers it. */
  async entityAt(x: number, y: number, reach: number): Promise<EntityFound | null> {
    const hit = this.snap ? await this.snap.pick(x, y, reach) : null;
    if (hit && hit.entity < this.entities.count) {
      return { ...this.#nameOf(hit.entity), text: null, length: hit.length, area: hit.closed ? hit.area : null, path: hit.path };
    }
    const text = this.labels.at(x, y, this.look);
    if (text?.e === undefined) return null;
    const [x0, y0, x1, y1] = boxOfText(text);
    return { ...this.#nameOf(text.e), text: text.s, length: null, area: null, path: [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]] };
  }

  close(): void {
    this.snap?.close();
    this.onChange = () => undefined;
  }

  #nameOf(e: number): Pick<EntityFound, "handle" | "type" | "layer" | "layerId" | "proxy"> {
    return {
      handle: handleText(this.entities.handle[e] ?? 0n),
      type: this.manifest.types[this.entities.type[e] ?? -1] ?? "",
      layer: this.layers[this.entities.layer[e] ?? -1]?.name ?? "",
      layerId: this.entities.layer[e] ?? -1,
      proxy: ((this.entities.flags[e] ?? 0) & FLAG.proxy) !== 0,
    };
  }

  #refreshLook(): void {
    // "Frozen" of the file is about block references as a whole; once the person shows a layer, it is neither off nor frozen.
    const states = this.layers.map((layer) => ({ on: layer.shown, frozen: !layer.shown && layer.frozen }));
    this.look = lookOf(this.entities, states, this.paper);
    if (this.#tint) {
      for (let i = 0; i < this.entities.count; i += 1) if (!(this.entities.flags[i]! & FLAG.mask)) this.look.set(this.#tint, 4 * i);
    }
    if (!this.snap || this.entities.count === 0) return; // a PDF page has lines to snap to, but no entities
    const visible = new Uint8Array(this.entities.count);
    const dashed = new Uint8Array(this.entities.count);
    for (let i = 0; i < visible.length; i += 1) {
      visible[i] = this.look[4 * i + 3] ? 1 : 0;
      dashed[i] = this.entities.flags[i]! & FLAG.dashed;
    }
    this.snap.setVisible(visible, dashed);
  }

  #next(): ChunkRecord | null {
    const open = this.manifest.chunks.filter((record) => !this.#asked.has(record.file));
    const box = this.#box;
    if (box) {
      const drawn = open.find((record) => record.role === "draw" && meets(record.bbox, box));
      if (drawn) return drawn;
      const snapped = open.find((record) => meets(record.bbox, box));
      if (snapped) return snapped;
    }
    return this.manifest.bytes <= BACKGROUND_BYTES ? (open[0] ?? null) : null;
  }

  #load(): void {
    if (!this.#box) return;
    while (this.#running < AT_ONCE) {
      const record = this.#next();
      if (!record) return;
      this.#asked.add(record.file);
      this.#running += 1;
      void this.#fetch(record);
    }
  }

  async #fetch(record: ChunkRecord): Promise<void> {
    try {
      const chunk = decodeChunk(record, await getBytes(this.base + record.file));
      this.chunks.set(record.file, chunk);
      if (chunk.kind === "line") this.snap?.add(chunk);
    } catch (error) {
      this.failed.set(record.file, error instanceof Error ? error.message : String(error));
    } finally {
      this.#running -= 1;
      this.onChange();
      this.#load();
    }
  }
}
