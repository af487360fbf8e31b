/** A site boundary as data: reading what people upload, and saying in words what is wrong with a shape. No drawing here. */

import { t } from "../site/language";
import { planeArea, toDegrees, toPlane, zoneByNumber, zoneOf, type LonLat, type Plane, type Zone } from "./ellipsoid";

/** Polygons, each with its outer ring and holes; rings are open (the first corner is not repeated). */
export type Boundary = LonLat[][][];

/** Something wrong (or worth a look) at a place. */
export interface Problem {
  text: string;
  /** Where to look, in degrees. */
  at: LonLat | null;
  /** A warning does not stop the person. */
  warning?: boolean;
}

/** What was read from a file, and what was done to understand it. */
export interface Read {
  boundary: Boundary;
  notes: string[];
}

/** The file holds no site boundary we can use; `message` says why and what to do. */
export class Unreadable extends Error {}

/** The name of a corner: J1, J2 … as on a boundary survey. */
export function cornerName(at: number): string {
  return `J${at + 1}`;
}

/** Corners without the repeated last one and without exact repeats. */
function open(ring: LonLat[]): LonLat[] {
  const corners = ring.filter((point, at) => at === 0 || !same(point, ring[at - 1]!));
  if (corners.length > 1 && same(corners[0]!, corners.at(-1)!)) corners.pop();
  return corners;
}

function same(one: LonLat, other: LonLat): boolean {
  return one[0] === other[0] && one[1] === other[1];
}

/** GeoJSON geometry of a boundary: 8 decimals (1 mm), closed rings, outer ones counter-clockwise; null when empty. */
export function toGeometry(boundary: Boundary): object | null {
  const polygons = boundary
    .map((rings) => rings.filter((ring) => ring.length >= 3))
    .filter((rings) => rings.length > 0)
    .map((rings) =>
      rings.map((ring, at) => {
        const turned = planeArea(ring as Plane[]) > 0 === (at === 0) ? ring : [...ring].reverse();
        const rounded = turned.map(([lon, lat]) => [round8(lon), round8(lat)]);
        return [...rounded, rounded[0]!];
      }),
    );
  if (polygons.length === 0) return null;
  return polygons.length === 1
    ? { type: "Polygon", coordinates: polygons[0] }
    : { type: "MultiPolygon", coordinates: polygons };
}

function round8(value: number): number {
  return Math.round(value * 1e8) / 1e8;
}

/** Read GeoJSON text: geometry, feature or collection; degrees, or plane coordinates of a named or prefixed zone. */
export function readGeoJson(text: string, zone: Zone): Read {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new Unreadable(
      t("这不是 GeoJSON 文件：内容无法识别。请从测绘或 GIS 软件另存为 GeoJSON（CGCS2000）。", "This is not GeoJSON: it cannot be read. Export GeoJSON (CGCS2000) from the survey or GIS software."),
    );
  }
  const polygons = polygonsIn(json);
  if (polygons.length === 0)
    throw new Unreadable(
      t("文件里没有多边形。红线必须是闭合的面，不能是点或线。", "The file holds no polygon. A site boundary must be a closed area, not points or lines."),
    );
  if (polygons.length > 20)
    throw new Unreadable(
      t("文件里有 {n} 个多边形，看起来是整幅地图。请只保留本项目的用地。", "The file holds {n} polygons, probably a whole map. Keep only this project's site.", { n: polygons.length }),
    );
  const notes: string[] = [];
  const turn = coordinateReader(polygons.flat(2), namedCode(json), zone, notes);
  const boundary = polygons.map((rings) => rings.map((ring) => open(ring.map(turn))).filter((ring) => ring.length > 0));
  if (polygons.length > 1)
    notes.push(t("文件含 {n} 个地块，全部作为本项目用地。", "The file has {n} parts; all are taken as this project's site.", { n: polygons.length }));
  return { boundary, notes };
}

type Raw = [number, number];

function isPosition(value: unknown): value is Raw {
  return Array.isArray(value) && value.length >= 2 && Number.isFinite(value[0]) && Number.isFinite(value[1]);
}

function readRings(value: unknown): Raw[][] {
  if (!Array.isArray(value)) return [];
  return value.map((ring) => {
    if (!Array.isArray(ring) || !ring.every(isPosition))
      throw new Unreadable(
        t("坐标不是数字，文件可能已损坏。请重新导出。", "Some coordinates are not numbers; the file may be damaged. Export it again."),
      );
    return ring.map((position) => [position[0], position[1]] as Raw);
  });
}

function polygonsIn(json: unknown): Raw[][][] {
  if (typeof json !== "object" || json === null) return [];
  const value = json as Record<string, unknown>;
  switch (value["type"]) {
    case "FeatureCollection":
      return Array.isArray(value["features"]) ? value["features"].flatMap(polygonsIn) : [];
    case "Feature":
      return polygonsIn(value["geometry"]);
    case "GeometryCollection":
      return Array.isArray(value["geometries"]) ? value["geometries"].flatMap(polygonsIn) : [];
    case "Polygon":
      return [readRings(value["coordinates"])];
    case "MultiPolygon":
      return Array.isArray(value["coordinates"]) ? value["coordinates"].map(readRings) : [];
    default:
      return [];
  }
}

function namedCode(json: unknown): number | null {
  const name = (json as { crs?: { properties?: { name?: unknown } } } | null)?.crs?.properties?.name;
  if (typeof name !== "string") return null;
  if (name.includes("CRS84")) return 4326;
  const code = /(\d{4,5})\s*$/.exec(name)?.[1];
  return code ? Number(code) : null;
}

/** How to turn the file's numbers into degrees; says what it assumed. */
function coordinateReader(all: Raw[], code: number | null, zone: Zone, notes: string[]): (raw: Raw) => LonLat {
  const largest = Math.max(...all.map(([x, y]) => Math.max(Math.abs(x), Math.abs(y))));
  if (largest <= 180) {
    if (code !== null && ![4490, 4326, 4479].includes(code))
      throw new Unreadable(
        t("文件标注的坐标系 EPSG:{code} 与经纬度数值不符。请按 CGCS2000 重新导出。", "The file names EPSG:{code}, which does not fit degrees. Export it in CGCS2000.", { code }),
      );
    const swapped = all.every(([x, y]) => x >= 3 && x <= 54 && y >= 73 && y <= 136);
    if (swapped) {
      notes.push(t("文件中纬度在前，已自动对调为经度在前。", "Latitude came first in the file; the order has been swapped."));
      return ([lat, lon]) => [lon, lat];
    }
    if (!all.every(([x, y]) => x >= 73 && x <= 136 && y >= 3 && y <= 54))
      throw new Unreadable(t("坐标不在中国范围内，请检查坐标系。", "The coordinates lie outside China; check the coordinate system."));
    return ([lon, lat]) => [lon, lat];
  }
  const eastFirst = all.every(([x, y]) => looksEast(x) && looksNorth(y));
  const northFirst = !eastFirst && all.every(([x, y]) => looksNorth(x) && looksEast(y));
  if (!eastFirst && !northFirst)
    throw new Unreadable(
      t("坐标既不是经纬度，也不是 CGCS2000 3 度带平面坐标（可能是 Web 墨卡托或地方坐标系）。请换算后再上传。", "The coordinates are neither degrees nor CGCS2000 3-degree plane coordinates (Web Mercator or a local grid?). Convert them first."),
    );
  const prefixed = Math.floor((eastFirst ? all[0]![0] : all[0]![1]) / 1e6);
  const named = code === null ? null : zoneOf(code);
  if (code !== null && named === null)
    throw new Unreadable(
      t("文件标注的坐标系 EPSG:{code} 不是 CGCS2000 3 度带。请换算后再上传。", "The file names EPSG:{code}, which is not a CGCS2000 3-degree zone. Convert it first.", { code }),
    );
  const used = named ?? (prefixed > 0 ? zoneByNumber(prefixed) : zone) ?? zone;
  notes.push(
    t("按 CGCS2000 3 度带第 {zone} 带（中央子午线 {meridian}°）换算为经纬度，请核对位置。", "Converted from CGCS2000 3-degree zone {zone} (central meridian {meridian}°); check the place.", {
      zone: used.number,
      meridian: used.centralMeridian,
    }),
  );
  return (raw) => {
    const [east, north] = eastFirst ? raw : [raw[1], raw[0]];
    return toDegrees([east % 1e6, north], used);
  };
}

function looksEast(value: number): boolean {
  const prefix = Math.floor(value / 1e6);
  const rest = value % 1e6;
  return rest > 200_000 && rest < 800_000 && (prefix === 0 || (prefix >= 25 && prefix <= 45));
}

function looksNorth(value: number): boolean {
  return value > 300_000 && value < 6_100_000 && !(value < 800_000);
}

// --- what is wrong ---

/** Smallest side we take for a corner that was meant, in metres. */
const SHORTEST_SIDE = 0.05;
const MOST_MARKED = 5;

/** What is wrong with a boundary, each with its place; `bounds` (west, south, east, north) is the district's extent. */
export function problemsOf(boundary: Boundary, zone: Zone, bounds: readonly number[] | null = null): Problem[] {
  const problems: Problem[] = [];
  const several = boundary.length > 1 || (boundary[0]?.length ?? 0) > 1;
  let ringNumber = 0;
  for (const rings of boundary) {
    for (const ring of rings) {
      ringNumber += 1;
      const where = several ? t("第 {n} 圈：", "Ring {n}: ", { n: ringNumber }) : "";
      problems.push(...problemsOfRing(ring, zone).map((problem) => ({ ...problem, text: where + problem.text })));
    }
  }
  if (bounds) {
    const [west, south, east, north] = bounds as [number, number, number, number];
    const outside = boundary.flat(2).find(([lon, lat]) => lon < west || lon > east || lat < south || lat > north);
    if (outside)
      problems.push({
        text: t("有界址点在本区底图范围之外，请确认项目是否在本区。", "Some corners lie outside this district's map; make sure the project belongs here."),
        at: outside,
        warning: true,
      });
  }
  return problems;
}

function problemsOfRing(ring: LonLat[], zone: Zone): Problem[] {
  if (ring.length === 0) return [];
  if (ring.length < 3)
    return [{ text: t("至少需要 3 个界址点。", "At least 3 corners are needed."), at: ring[0] ?? null }];
  const plane = ring.map((point) => toPlane(point, zone));
  const problems = [...shortSides(ring, plane), ...crossings(plane, zone)];
  if (problems.length === 0 && Math.abs(planeArea(plane)) < 1)
    problems.push({
      text: t("面积接近 0，各点几乎在一条线上。", "The area is almost zero: the corners lie on one line."),
      at: ring[0]!,
    });
  return problems;
}

function shortSides(ring: LonLat[], plane: Plane[]): Problem[] {
  return plane.flatMap((from, at) => {
    const next = (at + 1) % plane.length;
    const to = plane[next]!;
    if (Math.hypot(to[0] - from[0], to[1] - from[1]) >= SHORTEST_SIDE) return [];
    return [
      {
        text: t("{a} 与 {b} 重合，请删除其中一个。", "{a} and {b} coincide; delete one of them.", {
          a: cornerName(at),
          b: cornerName(next),
        }),
        at: ring[at]!,
      },
    ];
  });
}

/** Where sides cross or touch that are not neighbours; each crossing once, at most five are named. */
function crossings(plane: Plane[], zone: Zone): Problem[] {
  const found: Problem[] = [];
  let more = 0;
  const count = plane.length;
  for (let one = 0; one < count; one += 1) {
    for (let other = one + 1; other < count; other += 1) {
      const neighbours = other === one + 1 || (one === 0 && other === count - 1);
      const place = neighbours
        ? foldBack(plane, one, other, count)
        : meeting(plane[one]!, plane[(one + 1) % count]!, plane[other]!, plane[(other + 1) % count]!);
      if (!place) continue;
      if (found.length >= MOST_MARKED) {
        more += 1;
        continue;
      }
      found.push({
        text: t(
          "边 {a}–{b} 与边 {c}–{d} 相交。拖开其中一个界址点，或调整点的顺序，使边界不自相交。",
          "Side {a}–{b} crosses side {c}–{d}. Drag one of these corners away, or change their order, so that the line does not cross itself.",
          {
            a: cornerName(one),
            b: cornerName((one + 1) % count),
            c: cornerName(other),
            d: cornerName((other + 1) % count),
          },
        ),
        at: toDegrees(place, zone),
      });
    }
  }
  if (more > 0)
    found.push({ text: t("另有 {n} 处相交。", "{n} more {n|crossing|crossings}.", { n: more }), at: found.at(-1)?.at ?? null });
  return found;
}

/** Neighbouring sides that run back over each other meet in a whole piece, not only in their common corner. */
function foldBack(plane: Plane[], one: number, other: number, count: number): Plane | null {
  const common = other === one + 1 ? other : one;
  const before = plane[(common - 1 + count) % count]!;
  const corner = plane[common]!;
  const after = plane[(common + 1) % count]!;
  const ax = before[0] - corner[0];
  const ay = before[1] - corner[1];
  const bx = after[0] - corner[0];
  const by = after[1] - corner[1];
  const lengths = Math.hypot(ax, ay) * Math.hypot(bx, by);
  if (lengths === 0) return null;
  const flat = Math.abs(ax * by - ay * bx) / lengths < 1e-9;
  return flat && ax * bx + ay * by > 0 ? corner : null;
}

/** Where two sides meet, touching included; null when they do not. */
function meeting(a: Plane, b: Plane, c: Plane, d: Plane): Plane | null {
  const rx = b[0] - a[0];
  const ry = b[1] - a[1];
  const sx = d[0] - c[0];
  const sy = d[1] - c[1];
  const cross = rx * sy - ry * sx;
  const qx = c[0] - a[0];
  const qy = c[1] - a[1];
  if (Math.abs(cross) < 1e-12) {
    if (Math.abs(qx * ry - qy * rx) > 1e-6 * Math.hypot(rx, ry)) return null;
    const length = rx * rx + ry * ry;
    const from = (qx * rx + qy * ry) / length;
    const to = from + (sx * rx + sy * ry) / length;
    const low = Math.max(0, Math.min(from, to));
    const high = Math.min(1, Math.max(from, to));
    return low <= high ? [a[0] + rx * ((low + high) / 2), a[1] + ry * ((low + high) / 2)] : null;
  }
  const along = (qx * sy - qy * sx) / cross;
  const across = (qx * ry - qy * rx) / cross;
  const edge = 1e-9;
  if (along < -edge || along > 1 + edge || across < -edge || across > 1 + edge) return null;
  return [a[0] + rx * along, a[1] + ry * along];
}
