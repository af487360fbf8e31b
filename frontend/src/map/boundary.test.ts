import { describe, expect, it } from "vitest";
import { problemsOf, readGeoJson, toGeometry, Unreadable, type Boundary } from "./boundary";
import { toPlane, zoneOf, type LonLat } from "./ellipsoid";

const zone = zoneOf(4548)!;
const square: LonLat[] = [
  [116.2, 39.1],
  [116.203, 39.1],
  [116.203, 39.103],
  [116.2, 39.103],
];
const bowtie: LonLat[] = [square[0]!, square[2]!, square[1]!, square[3]!];
const closed = (ring: LonLat[]): LonLat[] => [...ring, ring[0]!];
const polygon = (ring: unknown[]): string => JSON.stringify({ type: "Polygon", coordinates: [ring] });

describe("what is wrong with a site boundary", () => {
  it("finds nothing wrong with a square, either way round", () => {
    expect(problemsOf([[square]], zone)).toEqual([]);
    expect(problemsOf([[[...square].reverse()]], zone)).toEqual([]);
  });
  it("marks the crossing of a bow tie in its middle, in words with corner names", () => {
    const [problem, ...others] = problemsOf([[bowtie]], zone);
    expect(others).toEqual([]);
    expect(problem!.text).toContain("J1–J2");
    expect(problem!.text).toContain("J3–J4");
    expect(problem!.at![0]).toBeCloseTo(116.2015, 5);
    expect(problem!.at![1]).toBeCloseTo(39.1015, 5);
  });
  it("sees a corner that touches another side", () => {
    const touching: LonLat[] = [square[0]!, square[1]!, square[2]!, [116.2015, 39.1], square[3]!];
    expect(problemsOf([[touching]], zone).length).toBeGreaterThan(0);
  });
  it("sees a spike that runs back over itself", () => {
    const spike: LonLat[] = [square[0]!, [116.205, 39.1], [116.203, 39.1], square[2]!, square[3]!];
    expect(problemsOf([[spike]], zone).length).toBeGreaterThan(0);
  });
  it("names coinciding corners, too few corners and a flat shape", () => {
    expect(problemsOf([[[...square, square[3]!]]], zone)[0]!.text).toContain("J4");
    expect(problemsOf([[square.slice(0, 2)]], zone)).toHaveLength(1);
    expect(problemsOf([[[square[0]!, [116.201, 39.1], [116.2005, 39.1]]]], zone).length).toBeGreaterThan(0);
  });
  it("warns outside the district without refusing", () => {
    const problems = problemsOf([[square]], zone, [116.3, 39, 116.4, 39.2]);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.warning).toBe(true);
  });
  it("names at most five crossings and counts the rest", () => {
    const zigzag: LonLat[] = Array.from({ length: 12 }, (_, at) => [116.2 + at * 0.0005, at % 2 ? 39.103 : 39.1]);
    const tangled = [...zigzag, [116.206, 39.1015] as LonLat, [116.199, 39.1014] as LonLat];
    const problems = problemsOf([[tangled]], zone);
    expect(problems).toHaveLength(6);
    expect(problems.at(-1)!.text).toMatch(/\d/);
  });
});

describe("reading what people upload", () => {
  it.each([
    ["a geometry", polygon(closed(square))],
    ["a feature", `{"type":"Feature","properties":{},"geometry":${polygon(closed(square))}}`],
    ["a collection", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":${polygon(closed(square))}}]}`],
    ["a byte order mark", `\uFEFF${polygon(closed(square))}`],
  ])("takes %s", (_name, text) => {
    expect(readGeoJson(text, zone)).toEqual({ boundary: [[square]], notes: [] });
  });
  it("swaps latitude first and says so", () => {
    const read = readGeoJson(polygon(closed(square).map(([lon, lat]) => [lat, lon])), zone);
    expect(read.boundary).toEqual([[square]]);
    expect(read.notes).toHaveLength(1);
  });
  it.each([
    ["plain", (east: number, north: number) => [east, north]],
    ["with zone prefix", (east: number, north: number) => [39e6 + east, north]],
    ["north first", (east: number, north: number) => [north, east]],
  ])("converts plane coordinates %s and says so", (_name, write) => {
    const ring = closed(square).map((point) => write(...toPlane(point, zone)));
    const read = readGeoJson(polygon(ring), zone);
    read.boundary[0]![0]!.forEach((point, at) => {
      expect(point[0]).toBeCloseTo(square[at]![0], 8);
      expect(point[1]).toBeCloseTo(square[at]![1], 8);
    });
    expect(read.notes[0]).toContain("39");
  });
  it("follows a prefix into another zone than the district's", () => {
    const other = zoneOf(4547)!;
    const ring = closed(square).map((point) => {
      const [east, north] = toPlane(point, other);
      return [38e6 + east, north];
    });
    expect(readGeoJson(polygon(ring), zone).boundary[0]![0]![0]![0]).toBeCloseTo(116.2, 8);
  });
  it.each([
    ["no JSON", "PK\u0003\u0004"],
    ["no polygon", '{"type":"Point","coordinates":[116,39]}'],
    ["numbers as text", polygon([["116.2", "39.1"]])],
    ["Web Mercator", polygon([[12935325, 4736290], [12935425, 4736290], [12935425, 4736390], [12935325, 4736290]])],
    ["outside China", polygon([[2.1, 48.8], [2.2, 48.8], [2.2, 48.9], [2.1, 48.8]])],
    ["a zone code on degrees", `{"type":"Polygon","crs":{"properties":{"name":"EPSG:4548"}},"coordinates":[${JSON.stringify(closed(square))}]}`],
  ])("refuses %s in words", (_name, text) => {
    expect(() => readGeoJson(text, zone)).toThrow(Unreadable);
  });
});

describe("writing", () => {
  it("closes rings, turns the outer one counter-clockwise, rounds to a millimetre", () => {
    const drawn: Boundary = [[[...square].reverse().map(([lon, lat]) => [lon + 1e-11, lat] as LonLat)]];
    expect(toGeometry(drawn)).toEqual({
      type: "Polygon",
      coordinates: [closed(square)],
    });
  });
  it("has nothing to say of nothing", () => {
    expect(toGeometry([])).toBeNull();
    expect(toGeometry([[square.slice(0, 2)]])).toBeNull();
  });
});
