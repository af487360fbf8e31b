/**
 * CGCS2000 (EPSG:4490): degrees, the plane coordinates of the 3-degree Gauss-Krüger zones (EPSG:4534-4554, without zone
 * prefix; 4513-4533 with it), and areas. Krüger's series to the sixth order: better than 1 mm inside a zone.
 */

export type LonLat = [number, number];
/** East and north in metres, east with the false easting of 500 000. */
export type Plane = [number, number];

const A = 6378137;
const F = 1 / 298.257222101;
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const N = F / (2 - F);
const RADIAN = Math.PI / 180;
const FALSE_EASTING = 500000;

const RECTIFYING = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64 + N ** 6 / 256);
const FORWARD = [
  N / 2 - (2 * N ** 2) / 3 + (5 * N ** 3) / 16 + (41 * N ** 4) / 180 - (127 * N ** 5) / 288 + (7891 * N ** 6) / 37800,
  (13 * N ** 2) / 48 - (3 * N ** 3) / 5 + (557 * N ** 4) / 1440 + (281 * N ** 5) / 630 - (1983433 * N ** 6) / 1935360,
  (61 * N ** 3) / 240 - (103 * N ** 4) / 140 + (15061 * N ** 5) / 26880 + (167603 * N ** 6) / 181440,
  (49561 * N ** 4) / 161280 - (179 * N ** 5) / 168 + (6601661 * N ** 6) / 7257600,
  (34729 * N ** 5) / 80640 - (3418889 * N ** 6) / 1995840,
  (212378941 * N ** 6) / 319334400,
];
const BACKWARD = [
  N / 2 - (2 * N ** 2) / 3 + (37 * N ** 3) / 96 - N ** 4 / 360 - (81 * N ** 5) / 512 + (96199 * N ** 6) / 604800,
  N ** 2 / 48 + N ** 3 / 15 - (437 * N ** 4) / 1440 + (46 * N ** 5) / 105 - (1118711 * N ** 6) / 3870720,
  (17 * N ** 3) / 480 - (37 * N ** 4) / 840 - (209 * N ** 5) / 4480 + (5569 * N ** 6) / 90720,
  (4397 * N ** 4) / 161280 - (11 * N ** 5) / 504 - (830251 * N ** 6) / 7257600,
  (4583 * N ** 5) / 161280 - (108847 * N ** 6) / 3991680,
  (20648693 * N ** 6) / 638668800,
];

/** A 3-degree zone. */
export interface Zone {
  epsg: number;
  /** Zone number, 25 to 45. */
  number: number;
  /** Degrees east. */
  centralMeridian: number;
}

/** The zone of an EPSG code of the 4513-4554 family, or null. */
export function zoneOf(epsg: number): Zone | null {
  if (epsg >= 4534 && epsg <= 4554) return { epsg, number: epsg - 4534 + 25, centralMeridian: 75 + 3 * (epsg - 4534) };
  if (epsg >= 4513 && epsg <= 4533) return zoneOf(epsg + 21);
  return null;
}

/** The zone by its number. */
export function zoneByNumber(number: number): Zone | null {
  return zoneOf(4534 + number - 25);
}

/** Degrees to the plane of a zone. */
export function toPlane([lon, lat]: LonLat, zone: Zone): Plane {
  const phi = lat * RADIAN;
  const lambda = (lon - zone.centralMeridian) * RADIAN;
  const t = Math.sinh(Math.atanh(Math.sin(phi)) - E * Math.atanh(E * Math.sin(phi)));
  const xi = Math.atan2(t, Math.cos(lambda));
  const eta = Math.asinh(Math.sin(lambda) / Math.hypot(t, Math.cos(lambda)));
  let north = xi;
  let east = eta;
  FORWARD.forEach((factor, at) => {
    const k = 2 * (at + 1);
    north += factor * Math.sin(k * xi) * Math.cosh(k * eta);
    east += factor * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  return [FALSE_EASTING + RECTIFYING * east, RECTIFYING * north];
}

/** The plane of a zone to degrees. */
export function toDegrees([east, north]: Plane, zone: Zone): LonLat {
  const xi = north / RECTIFYING;
  const eta = (east - FALSE_EASTING) / RECTIFYING;
  let xi0 = xi;
  let eta0 = eta;
  BACKWARD.forEach((factor, at) => {
    const k = 2 * (at + 1);
    xi0 -= factor * Math.sin(k * xi) * Math.cosh(k * eta);
    eta0 -= factor * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  const conformal = Math.asin(Math.sin(xi0) / Math.cosh(eta0));
  let phi = conformal;
  const isometric = Math.atanh(Math.sin(conformal));
  for (let round = 0; round < 8; round += 1) phi = Math.asin(Math.tanh(isometric + E * Math.atanh(E * Math.sin(phi))));
  return [zone.centralMeridian + Math.atan2(Math.sinh(eta0), Math.cos(xi0)) / RADIAN, phi / RADIAN];
}

/** Signed area of a plane ring (open or closed), counter-clockwise positive. */
export function planeArea(ring: Plane[]): number {
  let sum = 0;
  const origin = ring[0];
  if (!origin) return 0;
  ring.forEach((point, at) => {
    const next = ring[(at + 1) % ring.length]!;
    sum += (point[0] - origin[0]) * (next[1] - origin[1]) - (next[0] - origin[0]) * (point[1] - origin[1]);
  });
  return sum / 2;
}

function authalic(lat: number): number {
  const sine = Math.sin(lat * RADIAN);
  const q = (1 - E2) * (sine / (1 - E2 * sine * sine) + Math.atanh(E * sine) / E);
  return q / 2;
}

/** Longest piece of an edge whose curvature is ignored, in metres. */
const PIECE = 50;

/**
 * Area on the ellipsoid in m², unsigned, of a ring whose edges are straight in the plane of `zone`, as boundaries are
 * surveyed. Equal-area by authalic latitude; within 1e-7 of the geodesic area for sites up to some kilometres.
 */
export function ellipsoidArea(ring: LonLat[], zone: Zone): number {
  const plane = ring.map((point) => toPlane(point, zone));
  const origin = ring[0]?.[0] ?? 0;
  let sum = 0;
  plane.forEach((from, at) => {
    const to = plane[(at + 1) % plane.length]!;
    const pieces = Math.max(1, Math.min(400, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / PIECE)));
    let before: LonLat = ring[at]!;
    for (let step = 1; step <= pieces; step += 1) {
      const share = step / pieces;
      const after: LonLat =
        step === pieces
          ? ring[(at + 1) % ring.length]!
          : toDegrees([from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share], zone);
      const [x0, y0] = [(before[0] - origin) * RADIAN, authalic(before[1])];
      const [x1, y1] = [(after[0] - origin) * RADIAN, authalic(after[1])];
      sum += ((x1 - x0) * (y0 + y1)) / 2;
      before = after;
    }
  });
  return Math.abs(sum) * A * A;
}

/** 亩 of square metres: 1 亩 = 2000/3 m². */
export function mu(squareMetres: number): number {
  return (squareMetres * 3) / 2000;
}
