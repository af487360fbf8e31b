/** Lengths and areas of a sheet in real units, by the sheet's own scale. */

import { number, t } from "../site/language";
import type { Geometry } from "./geometry";
import { areaOf, lengthOf } from "./geometry";

/** Metres of the real thing in one drawing unit; null: unknown, drawing units are shown and said to be so. */
export type Scale = number | null;

function digits(value: number): number {
  if (value >= 1000) return 0;
  if (value >= 100) return 1;
  return value >= 10 ? 2 : 3;
}

/** "12.35 m", "850 mm", "1.20 km"; without a scale "12350 图形单位". */
export function lengthText(units: number, scale: Scale): string {
  if (scale === null) return `${number(units, digits(units))} ${t("图形单位", "drawing units")}`;
  const metres = units * scale;
  if (metres < 1) return `${number(metres * 1000, metres < 0.1 ? 1 : 0)} mm`;
  if (metres < 10_000) return `${number(metres, metres < 100 ? 2 : 1)} m`;
  return `${number(metres / 1000, 2)} km`;
}

/** "24.60 m²", large land in 亩 as well. */
export function areaText(square: number, scale: Scale): string {
  if (scale === null) return `${number(square, digits(square))} ${t("平方图形单位", "square drawing units")}`;
  const metres = square * scale * scale;
  const text = metres < 0.01 ? `${number(metres * 1e6, 0)} mm²` : `${number(metres, metres < 10_000 ? 2 : 0)} m²`;
  return metres >= 2000 ? t("{text}（{mu} 亩）", "{text} ({mu} mu)", { text, mu: number(metres / 666.6667, 2) }) : text;
}

/** What a measuring mark says: length of a line, area and outline of a polygon. */
export function measureText(geometry: Geometry, scale: Scale): string {
  if (geometry.type === "Polygon") {
    const ring = geometry.coordinates[0] ?? [];
    return `${areaText(areaOf(ring), scale)} · ${t("周长", "outline")} ${lengthText(lengthOf(ring), scale)}`;
  }
  if (geometry.type !== "LineString") return "";
  const length = lengthText(lengthOf(geometry.coordinates), scale);
  const angle = angleOf(geometry.coordinates);
  return angle === null ? length : `${length} · ∠ ${number(angle, 1)}°`;
}

/** The angle at the middle one of three points, in degrees from 0 to 180; null for any other path. */
export function angleOf(path: readonly (readonly number[])[]): number | null {
  const [a, b, c] = path;
  if (path.length !== 3 || !a || !b || !c) return null;
  const [ax, ay, cx, cy] = [a[0]! - b[0]!, a[1]! - b[1]!, c[0]! - b[0]!, c[1]! - b[1]!];
  if ((ax === 0 && ay === 0) || (cx === 0 && cy === 0)) return null;
  return (Math.abs(Math.atan2(ax * cy - ay * cx, ax * cx + ay * cy)) * 180) / Math.PI;
}

const STEPS = [1, 2, 5];

/** The longest round length that fits into `most` pixels: for the scale bar. */
export function barFor(resolution: number, scale: Scale, most: number): { pixels: number; text: string } {
  const unit = scale ?? 1;
  const longest = most * resolution * unit;
  const power = 10 ** Math.floor(Math.log10(longest));
  const step = [...STEPS].reverse().find((factor) => factor * power <= longest) ?? 1;
  const length = step * power;
  return { pixels: length / (resolution * unit), text: lengthText(length / unit, scale) };
}
