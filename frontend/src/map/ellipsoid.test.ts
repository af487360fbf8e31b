import { describe, expect, it } from "vitest";
import { ellipsoidArea, mu, planeArea, toDegrees, toPlane, zoneByNumber, zoneOf, type LonLat } from "./ellipsoid";

const zone = zoneOf(4548)!;

describe("CGCS2000 plane coordinates", () => {
  // expected: PROJ 9, EPSG:4490 -> EPSG:4548, always_xy
  it.each([
    [116.2, 39.1, 430796.06648340385, 4329910.340535001],
    [116.226, 39.1042, 433049.19611131493, 4330357.137312985],
    [117, 20.5, 500000, 2267719.9691126635],
    [118.4, 45.25, 609904.4041577328, 5013681.619139286],
    [115.6, 30.123456, 365080.0070282186, 3334626.2826949237],
  ])("(%f, %f) is where PROJ puts it, to a millimetre, and back", (lon, lat, east, north) => {
    const plane = toPlane([lon, lat], zone);
    expect(plane[0]).toBeCloseTo(east, 3);
    expect(plane[1]).toBeCloseTo(north, 3);
    const back = toDegrees(plane, zone);
    expect(back[0]).toBeCloseTo(lon, 10);
    expect(back[1]).toBeCloseTo(lat, 10);
  });

  it("knows the zones by code and number", () => {
    expect(zoneOf(4548)).toEqual({ epsg: 4548, number: 39, centralMeridian: 117 });
    expect(zoneOf(4527)).toEqual(zoneOf(4548));
    expect(zoneByNumber(38)?.epsg).toBe(4547);
    expect(zoneOf(3857)).toBeNull();
  });
});

describe("areas", () => {
  const site: LonLat[] = [
    [116.226, 39.1042],
    [116.2292, 39.1044],
    [116.2294, 39.1022],
    [116.2262, 39.102],
  ];
  const large: LonLat[] = [
    [116.15, 39.05],
    [116.25, 39.05],
    [116.25, 39.15],
    [116.15, 39.15],
  ];
  // expected: GeographicLib on the CGCS2000 ellipsoid, edges straight in EPSG:4548
  it("on the ellipsoid agree with GeographicLib to 1e-6", () => {
    expect(ellipsoidArea(site, zone) / 67989.64123514015).toBeCloseTo(1, 7);
    expect(ellipsoidArea([...site].reverse(), zone) / 67989.64123514015).toBeCloseTo(1, 7);
    expect(ellipsoidArea(large, zone) / 96034813.98263603).toBeCloseTo(1, 6);
  });
  it("in the plane agree with PROJ", () => {
    expect(Math.abs(planeArea(site.map((point) => toPlane(point, zone))))).toBeCloseTo(67997.11065086862, 2);
  });
  it("convert to 亩 exactly", () => {
    expect(mu(2000)).toBe(3);
  });
});
