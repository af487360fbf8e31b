import { describe, expect, it } from "vitest";
import { readGeoJson, Unreadable } from "../map/boundary";
import { toPlane, zoneOf, type LonLat } from "../map/ellipsoid";
import { toGeoJson } from "./coordinates";

const zone = zoneOf(4548)!;
const square: LonLat[] = [
  [116.2, 39.1],
  [116.203, 39.1],
  [116.203, 39.103],
  [116.2, 39.103],
];
const read = (text: string): LonLat[][][] => readGeoJson(toGeoJson(text), zone).boundary;
const plane = square.map((point) => toPlane(point, zone));

function near(found: LonLat[][][]): void {
  expect(found).toHaveLength(1);
  expect(found[0]![0]).toHaveLength(4);
  found[0]![0]!.forEach((point, at) => {
    expect(point[0]).toBeCloseTo(square[at]![0], 7);
    expect(point[1]).toBeCloseTo(square[at]![1], 7);
  });
}

describe("coordinates as people paste them", () => {
  it.each([
    ["comma", square.map(([x, y]) => `${x}, ${y}`).join("\n")],
    ["tab from a spreadsheet", square.map(([x, y], at) => `${at + 1}\t${x}\t${y}`).join("\n")],
    ["names", square.map(([x, y], at) => `J${at + 1}，${x}，${y}`).join("\r\n")],
    ["names with a dot", square.map(([x, y], at) => `${at + 1}. ${x} ${y}`).join("\n")],
    ["latitude first", square.map(([x, y]) => `${y} ${x}`).join("\n")],
    ["a heading", `点号 经度 纬度\n${square.map(([x, y], at) => `J${at + 1} ${x} ${y}`).join("\n")}`],
    ["a height behind", square.map(([x, y]) => `${x},${y},12.5`).join("\n")],
    ["the first corner again", [...square, square[0]!].map(([x, y]) => `${x},${y}`).join("\n")],
    ["plane, north first", plane.map(([e, n], at) => `J${at + 1} ${n.toFixed(3)} ${e.toFixed(3)}`).join("\n")],
    ["plane with zone", plane.map(([e, n]) => `${(39e6 + e).toFixed(3)},${n.toFixed(3)}`).join("\n")],
  ])("reads %s", (_name, text) => near(read(text)));

  it("reads degrees, minutes, seconds", () => {
    const text = `116°12′00″ 39°06′00″\n116°12′10.8″ 39°06′00″\n116°12′10.8″ 39°06′10.8″\n116°12′00″ 39°06′10.8″`;
    near(read(text));
  });

  it("divides parts by an empty line", () => {
    const one = square.map(([x, y]) => `${x},${y}`).join("\n");
    const other = square.map(([x, y]) => `${x + 0.01},${y}`).join("\n");
    expect(read(`${one}\n\n${other}`)).toHaveLength(2);
  });

  it("reads the survey's exchange text with its zone and holes", () => {
    const other = zoneOf(4547)!;
    const ring = (points: LonLat[], number: number): string[] =>
      points.map((point, at) => {
        const [east, north] = toPlane(point, other);
        return `J${at + 1},${number},${north.toFixed(4)},${east.toFixed(4)}`;
      });
    const hole: LonLat[] = [[116.201, 39.101], [116.202, 39.101], [116.202, 39.102]];
    const text = ["[属性描述]", "坐标系=2000国家大地坐标系", "几度分带=3", "带号=38", "[地块坐标]",
      "8,1.2,1,地块一,面,,工业用地,,@", ...ring(square, 1), ...ring(hole, 2)].join("\n"); // prettier-ignore
    const found = read(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toHaveLength(2);
    expect(found[0]![0]![0]![0]).toBeCloseTo(116.2, 7);
  });

  it.each([
    ["nothing", "   \n"],
    ["two corners", "116.2,39.1\n116.3,39.1"],
    ["one number in a line", "116.2,39.1\n116.3\n116.3,39.2"],
    ["words", "用地红线"],
  ])("refuses %s in words", (_name, text) => expect(() => toGeoJson(text)).toThrow(Unreadable));
});
