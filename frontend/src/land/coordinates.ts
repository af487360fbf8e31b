/**
 * Coordinates as people paste them: a column from a table, a boundary point list (界址点成果表), or the land survey's
 * exchange text with `[地块坐标]`. Turned into GeoJSON text, so that one reader decides what the numbers are.
 */

import { t } from "../site/language";
import { Unreadable } from "../map/boundary";

type Pair = [number, number];

const NUMBER = /[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const DEGREES = /(\d{1,3})\s*[°\u5ea6]\s*(\d{1,2})\s*[′'’\u5206]\s*(\d{1,2}(?:\.\d+)?)\s*[″"”\u79d2]?/g;
/** A corner's name at the start of its line: J1, J01, P3, 12号, "1." or "1、" before two numbers. */
const NAME = /^\s*(?:[A-Za-z\u4e00-\u9fff]+[-_]?\d*(?:\u53f7\u70b9?|\u70b9)?|\d{1,4}\s*(?:\u53f7\u70b9?|\u70b9|[.\u3001:\uff1a)\uff09](?!\d)))[\s,\uff0c;\uff1b:\uff1a\t]*/;
/** The survey text's head of its coordinates, and its line with the zone's number. */
const MOST_LINES = 20_000;

/** GeoJSON text of the pasted corners; one ring a part, parts are divided by an empty line or by the survey's `@` line. */
export function toGeoJson(text: string): string {
  const lines = text.replace(/\r/g, "").split("\n");
  if (lines.length > MOST_LINES)
    throw new Unreadable(
      t("行数过多（最多 {n} 行），请只粘贴本项目的界址点。", "Too many lines (at most {n}); paste this project's corners only.", { n: MOST_LINES }),
    );
  const survey = lines.some((line) => line.includes("[\u5730\u5757\u5750\u6807]"));
  const polygons = survey ? surveyed(lines) : plain(lines);
  if (polygons.length === 0)
    throw new Unreadable(
      t("没有读到坐标。每行写一个界址点，例如：J1, 116.2001, 39.1002", "No coordinates found. Write one corner a line, such as: J1, 116.2001, 39.1002"),
    );
  const short = polygons.flat().find((ring) => ring.length < 3);
  if (short)
    throw new Unreadable(
      t("只读到 {n} 个界址点，至少需要 3 个。每行写一个点。", "Only {n} {n|corner|corners} found; at least 3 are needed, one a line.", { n: short.length }),
    );
  const code = survey ? zoneCode(lines, polygons) : null;
  return JSON.stringify({
    type: "MultiPolygon",
    coordinates: polygons,
    ...(code ? { crs: { properties: { name: `EPSG:${code}` } } } : {}),
  });
}

function plain(lines: string[]): Pair[][][] {
  const polygons: Pair[][][] = [];
  let ring: Pair[] = [];
  const end = (): void => {
    if (ring.length > 0) polygons.push([ring]);
    ring = [];
  };
  for (const [at, line] of lines.entries()) {
    if (!line.trim()) {
      end();
      continue;
    }
    const pair = readLine(line);
    if (pair) ring.push(pair);
    else if (ring.length > 0 || /\d.*\d/.test(line.replace(NAME, "")))
      throw new Unreadable(
        t("第 {n} 行读不出两个坐标：“{line}”。每行写点号（可省）和两个数，用逗号、空格或制表符隔开。", "Line {n} does not hold two coordinates: “{line}”. Write a name (optional) and two numbers, divided by comma, space or tab.", {
          n: at + 1,
          line: line.trim().slice(0, 40),
        }),
      );
  }
  end();
  return polygons;
}

function readLine(line: string): Pair | null {
  const degrees = [...line.matchAll(DEGREES)].map((found) => Number(found[1]) + Number(found[2]) / 60 + Number(found[3]) / 3600);
  if (degrees.length === 2) return [degrees[0]!, degrees[1]!];
  const named = line.replace(NAME, "");
  for (const text of [named, line]) {
    const numbers = (text.match(NUMBER) ?? []).map(Number);
    if (numbers.length === 2) return [numbers[0]!, numbers[1]!];
    // A running number before, or a height after: corner names are small integers, heights are below 10 000 m.
    if (numbers.length === 3 && Number.isInteger(numbers[0]) && numbers[0]! > 0 && numbers[0]! < 10_000) return [numbers[1]!, numbers[2]!];
    if (numbers.length === 3 && Math.abs(numbers[2]!) < 9000) return [numbers[0]!, numbers[1]!];
  }
  return null;
}

/** The exchange text of land surveys: `J1,1,x,y` with the ring's number second; `@` ends the head line of a parcel. */
function surveyed(lines: string[]): Pair[][][] {
  const polygons: Pair[][][] = [];
  let inside = false;
  let rings: Map<string, Pair[]> | null = null;
  for (const line of lines) {
    if (line.includes("[\u5730\u5757\u5750\u6807]")) inside = true;
    else if (line.trim().startsWith("[")) inside = false;
    else if (inside && line.trim().endsWith("@")) {
      rings = new Map();
      polygons.push([]);
    } else if (inside && line.trim()) {
      const [, number = "1", first, second] = line.split(/[,\uff0c]/).map((cell) => cell.trim());
      const pair: Pair = [Number(first), Number(second)];
      if (!pair.every(Number.isFinite))
        throw new Unreadable(
          t("勘测定界文件中这一行读不出坐标：“{line}”。", "This line of the survey text holds no coordinates: “{line}”.", { line: line.trim().slice(0, 40) }),
        );
      if (!rings) {
        rings = new Map();
        polygons.push([]);
      }
      let ring = rings.get(number);
      if (!ring) {
        ring = [];
        rings.set(number, ring);
        polygons.at(-1)!.push(ring);
      }
      ring.push(pair);
    }
  }
  return polygons.filter((each) => each.length > 0);
}

/** The zone that the survey text names by its number (带号), unless the coordinates carry it themselves. */
function zoneCode(lines: string[], polygons: Pair[][][]): number | null {
  const named = lines.map((line) => /^\s*\u5e26\u53f7\s*[=\uff1d]\s*(\d+)/.exec(line)?.[1]).find(Boolean);
  const number = Number(named);
  const carried = polygons.flat(2).some((pair) => Math.max(...pair) >= 25_000_000);
  if (carried || !(number >= 25 && number <= 45)) return null;
  return 4534 + number - 25;
}
