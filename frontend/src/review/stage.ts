/** The map of one sheet: view, drawing, marks, sketch; OpenLayers carries pan, zoom and rotation. */

import OlFeature from "ol/Feature";
import OlMap from "ol/Map";
import View from "ol/View";
import type OlGeometry from "ol/geom/Geometry";
import DragPan from "ol/interaction/DragPan";
import MouseWheelZoom from "ol/interaction/MouseWheelZoom";
import PinchRotate from "ol/interaction/PinchRotate";
import PinchZoom from "ol/interaction/PinchZoom";
import VectorLayer from "ol/layer/Vector";
import Projection from "ol/proj/Projection";
import VectorSource from "ol/source/Vector";
import type Style from "ol/style/Style";
import type { StyleFunction } from "ol/style/Style";
import { DrawingLayer } from "../drawing/drawing_layer";
import type { Box, Point } from "../drawing/manifest";
import type { SheetDrawing } from "../drawing/sheet_drawing";

const ZOOM_OUT = 6;
const ZOOM_IN = 20_000;

export class Stage {
  readonly map: OlMap;
  readonly view: View;
  readonly layer: DrawingLayer;
  readonly marks = new VectorSource<OlFeature<OlGeometry>>();
  readonly sketch = new VectorSource<OlFeature<OlGeometry>>();
  readonly flash = new VectorSource<OlFeature<OlGeometry>>();
  readonly drawing: SheetDrawing;
  /** Set by the tools: true while one pointer draws instead of panning. */
  drawsWithOne: (event: PointerEvent) => boolean = () => false;

  constructor(target: HTMLElement, drawing: SheetDrawing, markStyle: StyleFunction, sketchStyle: StyleFunction, flashStyle: (feature: OlFeature<OlGeometry>, resolution: number) => Style[]) {
    this.drawing = drawing;
    this.layer = new DrawingLayer(drawing);
    const [x0, y0, x1, y1] = drawing.manifest.fit;
    const size = Math.max(x1 - x0, y1 - y0, 1e-6);
    const whole = size / 600;
    this.view = new View({
      projection: new Projection({ code: "lianshen:sheet", units: "pixels", metersPerUnit: 1 }),
      center: [(x0 + x1) / 2, (y0 + y1) / 2],
      resolution: whole,
      maxResolution: whole * ZOOM_OUT,
      minResolution: whole / ZOOM_IN,
      multiWorld: true,
      smoothResolutionConstraint: false,
      constrainRotation: false,
    });
    this.map = new OlMap({
      target,
      view: this.view,
      controls: [],
      interactions: [
        new DragPan({
          condition: (event) => {
            const pointer = event.originalEvent as PointerEvent;
            return pointer.button === 1 || (event.activePointers?.length ?? 1) > 1 || !this.drawsWithOne(pointer);
          },
        }),
        new PinchRotate({ threshold: 0.35 }),
        new PinchZoom(),
        new MouseWheelZoom({ duration: 90, timeout: 40, maxDelta: 1 }),
      ],
      layers: [
        this.layer,
        new VectorLayer({ source: this.flash, style: flashStyle as StyleFunction, zIndex: 1, updateWhileAnimating: true, updateWhileInteracting: true }),
        new VectorLayer({ source: this.marks, style: markStyle, zIndex: 2, updateWhileAnimating: true, updateWhileInteracting: true, renderBuffer: 300 }),
        new VectorLayer({ source: this.sketch, style: sketchStyle, zIndex: 3, updateWhileAnimating: true, updateWhileInteracting: true }),
      ],
      maxTilesLoading: 8,
      moveTolerance: 3,
    });
    this.fit(drawing.manifest.fit, 0);
    this.#fitOnceLaidOut();
  }

  /** The page is laid out only now: shows the whole sheet in what room there is, unless somebody has gone elsewhere by then. */
  #fitOnceLaidOut(): void {
    const { map, view } = this;
    if (map.getSize()) return;
    const [center, resolution] = [String(this.center), this.resolution];
    map.once("change:size", () => {
      if (String(this.center) === center && this.resolution === resolution && view.getAnimating() === false) this.fit(this.drawing.manifest.fit, 0);
    });
  }

  get viewport(): HTMLElement {
    return this.map.getViewport()!;
  }

  get resolution(): number {
    return this.view.getResolution() ?? 1;
  }

  get rotation(): number {
    return this.view.getRotation();
  }

  get center(): Point {
    return (this.view.getCenter() ?? [0, 0]) as Point;
  }

  /** Shows a sheet box; insets keep it clear of floating panels. */
  fit(box: Box, duration = 260): void {
    if (!this.map.getSize()) this.map.updateSize();
    // Before the page is laid out nobody knows the canvas's size: no more than the window, or a phone would show a part.
    const likely = [Math.min(800, window.innerWidth), Math.min(600, window.innerHeight)];
    this.view.fit(box, { size: this.map.getSize() ?? likely, padding: [12, 12, 76, 12], duration: quick(duration), minResolution: this.view.getMinResolution() });
  }

  /** Brings a box into sight: only as much movement as is needed. */
  reveal(box: Box): void {
    const size = this.map.getSize();
    if (!size) return;
    const extent = this.view.calculateExtent(size);
    const inside = box[0] >= extent[0]! && box[1] >= extent[1]! && box[2] <= extent[2]! && box[3] <= extent[3]!;
    const pixels = Math.max(box[2] - box[0], box[3] - box[1]) / this.resolution;
    if (inside && pixels > 24) return;
    const margin = Math.max(box[2] - box[0], box[3] - box[1], 60 * this.resolution) * 0.8;
    this.fit([box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin]);
  }

  zoomBy(factor: number): void {
    this.view.animate({ resolution: this.view.getConstrainedResolution(this.resolution * factor) ?? this.resolution * factor, duration: quick(140) });
  }

  turnBy(radians: number): void {
    this.view.animate({ rotation: radians === 0 ? 0 : this.rotation + radians, duration: quick(180) });
  }

  panBy(dx: number, dy: number): void {
    const cos = Math.cos(this.rotation);
    const sin = Math.sin(this.rotation);
    const [cx, cy] = this.center;
    const [x, y] = [dx * this.resolution, -dy * this.resolution];
    this.view.animate({ center: [cx + x * cos - y * sin, cy + x * sin + y * cos], duration: quick(120) });
  }

  /** Sheet coordinate of a place on the page. */
  coordinateAt(clientX: number, clientY: number): Point {
    const box = this.viewport.getBoundingClientRect();
    return this.map.getCoordinateFromPixel([clientX - box.left, clientY - box.top]) as Point;
  }

  /** Place in the map, in CSS pixels from its corner; null before the first frame. */
  pixelOf(at: Point): Point | null {
    return this.map.getPixelFromCoordinate(at) as Point | null;
  }
}

/** No movement for people who asked for none. */
export function quick(duration: number): number {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : duration;
}
