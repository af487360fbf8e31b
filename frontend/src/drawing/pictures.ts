/** Raster parts of a sheet: pictures placed in a drawing, and the tile pyramid of a PDF page. */

import { meets, type Box, type ImageRecord, type TileLevel, type TilePyramid } from "./manifest";
import { toPixels, type ViewFrame } from "./view_frame";

const TILES_MAX = 240;

/** Loads pictures once, keeps the newest `max`, and calls back when one has arrived. */
export class PictureCache {
  readonly #pictures = new Map<string, HTMLImageElement>();
  readonly #failed = new Set<string>();
  readonly #max: number;
  readonly #arrived: () => void;

  constructor(max: number, arrived: () => void) {
    this.#max = max;
    this.#arrived = arrived;
  }

  /** Names of pictures that could not be loaded. */
  get failed(): ReadonlySet<string> {
    return this.#failed;
  }

  /** The picture when it is there; otherwise asks for it and returns null. */
  get(url: string): HTMLImageElement | null {
    const known = this.#pictures.get(url);
    if (known) {
      this.#pictures.delete(url);
      this.#pictures.set(url, known);
      return known.complete && known.naturalWidth > 0 ? known : null;
    }
    if (this.#failed.has(url)) return null;
    const picture = new Image();
    picture.decoding = "async";
    picture.onload = () => this.#arrived();
    picture.onerror = () => {
      this.#pictures.delete(url);
      this.#failed.add(url);
      this.#arrived();
    };
    picture.src = url;
    this.#pictures.set(url, picture);
    for (const [oldest] of this.#pictures) {
      if (this.#pictures.size <= this.#max) break;
      this.#pictures.delete(oldest);
    }
    return null;
  }

  /** True while a picture that was asked for is on its way. */
  get waiting(): boolean {
    for (const picture of this.#pictures.values()) if (!picture.complete) return true;
    return false;
  }
}

/** The coarsest level that is at least as fine as the screen; the finest when none is. */
export function levelFor(tiles: TilePyramid, resolution: number, ratio: number): TileLevel | null {
  const width = tiles.bbox[2] - tiles.bbox[0];
  const levels = [...tiles.levels].sort((a, b) => a.width - b.width);
  return levels.find((level) => width / level.width <= (resolution / ratio) * 1.1) ?? levels.at(-1) ?? null;
}

/** Columns and rows of a level that meet a sheet box. Row 0 is at the top of the page. */
export function tilesIn(tiles: TilePyramid, level: TileLevel, box: Box): { x: number; y: number }[] {
  const unitsX = (tiles.bbox[2] - tiles.bbox[0]) / level.width;
  const unitsY = (tiles.bbox[3] - tiles.bbox[1]) / level.height;
  const clamp = (n: number, most: number): number => Math.max(0, Math.min(most, n));
  if (!meets(tiles.bbox, box)) return [];
  const x0 = clamp(Math.floor((box[0] - tiles.bbox[0]) / unitsX / tiles.size), level.cols - 1);
  const x1 = clamp(Math.floor((box[2] - tiles.bbox[0]) / unitsX / tiles.size), level.cols - 1);
  const y0 = clamp(Math.floor((tiles.bbox[3] - box[3]) / unitsY / tiles.size), level.rows - 1);
  const y1 = clamp(Math.floor((tiles.bbox[3] - box[1]) / unitsY / tiles.size), level.rows - 1);
  const found: { x: number; y: number }[] = [];
  for (let y = y0; y <= y1; y += 1) for (let x = x0; x <= x1; x += 1) found.push({ x, y });
  return found;
}

/** Sheet box of one tile, cut at the page's edge. */
export function boxOfTile(tiles: TilePyramid, level: TileLevel, x: number, y: number): Box {
  const unitsX = (tiles.bbox[2] - tiles.bbox[0]) / level.width;
  const unitsY = (tiles.bbox[3] - tiles.bbox[1]) / level.height;
  const left = x * tiles.size;
  const top = y * tiles.size;
  return [
    tiles.bbox[0] + left * unitsX,
    tiles.bbox[3] - Math.min(top + tiles.size, level.height) * unitsY,
    tiles.bbox[0] + Math.min(left + tiles.size, level.width) * unitsX,
    tiles.bbox[3] - top * unitsY,
  ];
}

/** Draws a picture over a sheet box; parts of it beyond `share` (0..1 of its width and height) are not used. */
export function drawPicture(context: CanvasRenderingContext2D, view: ViewFrame, picture: HTMLImageElement, box: Box, share: readonly [number, number] = [1, 1]): void {
  const m = toPixels(view);
  const k = view.ratio;
  const w = picture.naturalWidth * share[0];
  const h = picture.naturalHeight * share[1];
  const sx = (box[2] - box[0]) / w;
  const sy = (box[3] - box[1]) / h;
  context.setTransform(
    k * m.a * sx,
    k * m.b * sx,
    -k * m.c * sy,
    -k * m.d * sy,
    k * (m.a * box[0] + m.c * box[3] + m.e),
    k * (m.b * box[0] + m.d * box[3] + m.f),
  );
  context.drawImage(picture, 0, 0, w, h, 0, 0, w, h);
  context.setTransform(1, 0, 0, 1, 0, 0);
}

/** Draws a picture of a drawing onto its four corners (lower left, lower right, upper right, upper left): a parallelogram. */
export function drawPlaced(context: CanvasRenderingContext2D, view: ViewFrame, picture: HTMLImageElement, image: ImageRecord): void {
  const m = toPixels(view);
  const k = view.ratio;
  const [ll, lr, , ul] = image.corners;
  const ux = (lr[0] - ll[0]) / picture.naturalWidth;
  const uy = (lr[1] - ll[1]) / picture.naturalWidth;
  const vx = (ll[0] - ul[0]) / picture.naturalHeight;
  const vy = (ll[1] - ul[1]) / picture.naturalHeight;
  context.setTransform(
    k * (m.a * ux + m.c * uy),
    k * (m.b * ux + m.d * uy),
    k * (m.a * vx + m.c * vy),
    k * (m.b * vx + m.d * vy),
    k * (m.a * ul[0] + m.c * ul[1] + m.e),
    k * (m.b * ul[0] + m.d * ul[1] + m.f),
  );
  context.drawImage(picture, 0, 0);
  context.setTransform(1, 0, 0, 1, 0, 0);
}

/** Draws the tiles of a page: coarser ones that are there fill the holes of the level that is wanted. */
export class TilePainter {
  readonly cache: PictureCache;
  readonly #tiles: TilePyramid;
  readonly #base: string;

  constructor(tiles: TilePyramid, base: string, arrived: () => void) {
    this.#tiles = tiles;
    this.#base = base;
    this.cache = new PictureCache(TILES_MAX, arrived);
  }

  /** Returns true when every tile of the wanted level is on the canvas. */
  draw(context: CanvasRenderingContext2D, view: ViewFrame, box: Box): boolean {
    const wanted = levelFor(this.#tiles, view.resolution, view.ratio);
    if (!wanted) return true;
    const missing = tilesIn(this.#tiles, wanted, box).filter(({ x, y }) => !this.cache.get(this.#url(wanted, x, y)));
    if (missing.length > 0) {
      const coarser = [...this.#tiles.levels].filter((level) => level.width < wanted.width).sort((a, b) => a.width - b.width);
      for (const level of coarser.slice(0, 1)) this.#drawLevel(context, view, box, level);
    }
    this.#drawLevel(context, view, box, wanted);
    return missing.length === 0;
  }

  #drawLevel(context: CanvasRenderingContext2D, view: ViewFrame, box: Box, level: TileLevel): void {
    for (const { x, y } of tilesIn(this.#tiles, level, box)) {
      const picture = this.cache.get(this.#url(level, x, y));
      if (!picture) continue;
      // A tile at the edge may be cut or padded: use only the part that lies on the page.
      const wide = Math.min(this.#tiles.size, level.width - x * this.#tiles.size);
      const high = Math.min(this.#tiles.size, level.height - y * this.#tiles.size);
      const share = [Math.min(1, wide / picture.naturalWidth), Math.min(1, high / picture.naturalHeight)] as const;
      drawPicture(context, view, picture, boxOfTile(this.#tiles, level, x, y), share);
    }
  }

  #url(level: TileLevel, x: number, y: number): string {
    return this.#base + this.#tiles.template.replace("{z}", String(level.z)).replace("{x}", String(x)).replace("{y}", String(y));
  }
}
