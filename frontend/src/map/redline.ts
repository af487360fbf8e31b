/**
 * `<div data-map="redline" data-value-field="boundary">`: draw, pick, upload or type the site boundary (用地红线).
 * The GeoJSON geometry goes into the hidden field of that name; the server decides, this only helps to get it right.
 */

import Draw from "ol/interaction/Draw";
import Modify from "ol/interaction/Modify";
import Snap from "ol/interaction/Snap";
import VectorLayer from "ol/layer/Vector";
import type OlMap from "ol/Map";
import type Feature from "ol/Feature";
import type { Extent } from "ol/extent";
import type Polygon from "ol/geom/Polygon";
import { altKeyOnly, singleClick } from "ol/events/condition";
import { fromLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { number, t } from "../site/language";
import { sayRefusal, toast } from "../site/toasts";
import type { DrawnBaseMap } from "./base_map";
import { problemsOf, readGeoJson, toGeometry, Unreadable, type Boundary, type Problem, type Read } from "./boundary";
import { fromFeatures, markProblems, problemLayer, redLineStyle, sketchStyle, toFeatures } from "./boundary_layer";
import { CornerTable } from "./corner_table";
import { ellipsoidArea, mu, planeArea, toPlane, zoneOf, type LonLat, type Zone } from "./ellipsoid";
import { button, make } from "./parts";
import { makeMap, showExtent } from "./view";

type Mode = "draw" | "edit" | "pick";
const LARGEST_FILE = 5 * 1024 * 1024;
const STEPS_KEPT = 50;

/** Area and zone in words. */
export function describeArea(boundary: Boundary, zone: Zone): { main: string; detail: string } | null {
  const rings = boundary.flatMap((polygon) => polygon.filter((ring) => ring.length >= 3).map((ring, at) => ({ ring, at })));
  if (rings.length === 0) return null;
  const sum = (area: (ring: LonLat[]) => number): number =>
    rings.reduce((total, { ring, at }) => total + (at === 0 ? 1 : -1) * area(ring), 0);
  const onEllipsoid = sum((ring) => ellipsoidArea(ring, zone));
  const inPlane = sum((ring) => Math.abs(planeArea(ring.map((point) => toPlane(point, zone)))));
  // The number in papers is the plane area of the district's zone; the ellipsoid's stands beside it.
  return {
    main: `${number(inPlane, 2)} m² · ${number(mu(inPlane), 2)} ${t("亩", "mu")}`,
    detail: t(
      "CGCS2000 3 度带第 {zone} 带投影面积（中央子午线 {meridian}°，EPSG:{epsg}）；椭球面积 {ellipsoid} m²",
      "plane area, CGCS2000 3-degree zone {zone} (central meridian {meridian}°, EPSG:{epsg}); {ellipsoid} m² on the ellipsoid",
      { ellipsoid: number(onEllipsoid, 2), zone: zone.number, meridian: zone.centralMeridian, epsg: zone.epsg },
    ),
  };
}

/** What a page adds to the editor. */
export interface Extras {
  /** Reads what only the server can (Shapefile, DXF); null: not such a file, the editor reads it itself. */
  readFile?: (file: File) => Promise<Read | null>;
  /** File types that the file button offers. */
  accept?: string;
  /** The red line is another one now. */
  changed?: (boundary: Boundary) => void;
}

/** Build the editor inside `root`. */
export class RedLine {
  private boundary: Boundary = [];
  private readonly past: string[] = [];
  mode: Mode = "draw";
  private problems: Problem[] = [];
  private base: DrawnBaseMap | null = null;
  private written = "";

  readonly zone: Zone;
  readonly map: OlMap;
  readonly panel = make("div", "map-panel");
  private readonly field: HTMLInputElement;
  private readonly source = new VectorSource<Feature<Polygon>>();
  private readonly marks = problemLayer();
  private readonly table: CornerTable;
  private readonly modeButtons = new Map<Mode, HTMLButtonElement>();
  private readonly undoButton: HTMLButtonElement;
  private readonly clearButton: HTMLButtonElement;
  private readonly foot = make("div", "map-foot", "", { role: "status" });
  private readonly list = make("ul", "map-problems", "", { role: "status" });
  private readonly hint = make("div", "map-hint");
  private readonly snapped: VectorSource[] = [];
  private interactions: (Draw | Modify | Snap)[] = [];

  constructor(root: HTMLElement, field: HTMLInputElement, private readonly extras: Extras = {}) {
    this.field = field;
    this.zone = zoneOf(Number(root.dataset["epsg"])) ?? zoneOf(4548)!;
    this.table = new CornerTable(this.zone, (boundary) => this.set(boundary), (corner) => this.show(corner));

    const tools = make("div", "map-tools", "", { role: "toolbar", "aria-label": t("红线工具", "Site boundary tools") });
    for (const [mode, words] of [
      ["draw", t("画红线", "Draw")],
      ["edit", t("调整界址点", "Move corners")],
      ["pick", t("选用地块", "Pick a parcel")],
    ] as const) {
      const made = button(words, () => this.choose(mode));
      this.modeButtons.set(mode, made);
      tools.append(made);
    }
    this.undoButton = button(t("撤销", "Undo"), () => this.undo());
    this.clearButton = button(t("清除", "Clear"), () => this.set([]));
    tools.append(this.undoButton, this.clearButton, this.fileButton());

    const place = make("div");
    this.panel.dataset["dropText"] = t("松开以读取红线文件", "Drop to read the site boundary");
    this.panel.append(tools, place, this.foot);
    this.list.classList.add("screen-only");
    const editor = make("div", "map-editor");
    editor.append(this.panel, this.list, this.table.element);
    root.replaceChildren(editor);

    const made = makeMap(place, t("用地红线地图。键盘可用下方坐标表编辑。", "Map of the site boundary. By keyboard, use the table below."), root.dataset["base"] ?? "/basemap/");
    this.map = made.map;
    place.append(this.hint);
    this.map.addLayer(new VectorLayer({ source: this.source, style: redLineStyle(true), zIndex: 40 }));
    this.map.addLayer(this.marks);
    this.listen(place);
    this.readField(true);
    void made.base.then((base) => {
      this.base = base;
      if (base && this.boundary.length === 0) showExtent(this.map, base.extent);
      this.refresh();
      this.choose(this.mode);
    });
  }

  // --- one state, many views ---

  /** Take a new boundary: everything shown follows, the hidden field too. */
  private set(boundary: Boundary, fromMap = false): void {
    const before = JSON.stringify(this.boundary);
    if (before !== JSON.stringify(boundary)) this.past.push(before);
    if (this.past.length > STEPS_KEPT) this.past.shift();
    this.take(boundary, fromMap);
    this.writeField();
  }

  private take(boundary: Boundary, fromMap = false): void {
    this.boundary = boundary.map((rings) => rings.map((ring) => [...ring]));
    if (!fromMap) {
      this.source.clear();
      this.source.addFeatures(toFeatures(this.boundary));
    }
    this.table.show(this.boundary);
    this.refresh();
  }

  private undo(): void {
    const before = this.past.pop();
    if (before === undefined) return;
    this.take(JSON.parse(before) as Boundary);
    this.writeField();
    if (this.mode === "draw" && this.boundary.length) this.choose("edit");
  }

  private refresh(): void {
    this.problems = problemsOf(this.boundary, this.zone, this.base?.about.bounds ?? null);
    markProblems(this.marks, this.problems);
    this.list.replaceChildren(
      ...this.problems.map((problem, at) => {
        const item = make("li", problem.warning ? "text-amber" : "");
        const find = button(`${at + 1}. ${problem.text}`, () => problem.at && this.show(problem.at), "btn btn-quiet btn-small problem");
        item.append(find);
        return item;
      }),
    );
    this.sayArea(this.boundary);
    this.undoButton.disabled = this.past.length === 0;
    this.clearButton.disabled = this.boundary.length === 0;
  }

  private sayArea(boundary: Boundary): void {
    const area = describeArea(boundary, this.zone);
    if (!area) {
      this.foot.replaceChildren(
        make("span", "muted", t("还没有红线。在图上逐点点击，双击结束；也可以选用地块，或拖入 GeoJSON 文件。", "No site boundary yet. Click corner by corner and double-click to finish, pick a parcel, or drop a GeoJSON file.")),
      );
      return;
    }
    const wrong = this.problems.some((problem) => !problem.warning);
    this.foot.replaceChildren(
      ...(wrong
        ? [make("strong", "text-red", t("边界有误，面积待定；请看下方说明。", "The line is wrong, so it has no area yet; see below."))]
        : [make("strong", "", area.main), make("span", "muted", area.detail)]),
    );
  }

  // --- the hidden field ---

  private writeField(): void {
    const geometry = toGeometry(this.boundary);
    this.written = geometry ? JSON.stringify(geometry) : "";
    this.field.value = this.written;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    this.field.dispatchEvent(new Event("change", { bubbles: true }));
    this.extras.changed?.(this.boundary);
  }

  private readField(first = false): void {
    if (this.field.value === this.written) return;
    this.written = this.field.value;
    if (!this.field.value.trim()) {
      this.take([]);
      return;
    }
    try {
      this.take(readGeoJson(this.field.value, this.zone).boundary);
      this.mode = "edit";
      if (!first) this.choose("edit");
      this.showAll();
    } catch (cause) {
      if (!(cause instanceof Unreadable)) throw cause;
      toast(cause.message, "red");
    }
  }

  // --- what the pointer does ---

  private choose(mode: Mode): void {
    this.mode = mode;
    for (const [each, made] of this.modeButtons) made.setAttribute("aria-pressed", String(each === mode));
    for (const interaction of this.interactions) this.map.removeInteraction(interaction);
    this.interactions = [];
    if (mode === "draw") this.interactions.push(this.drawing());
    if (mode === "edit") this.interactions.push(this.modifying());
    if (mode !== "pick") {
      if (this.base?.parcels) this.interactions.push(new Snap({ source: this.base.parcels, pixelTolerance: 9 }));
      for (const source of [...this.snapped, this.source]) this.interactions.push(new Snap({ source, pixelTolerance: 9 }));
    }
    for (const interaction of this.interactions) this.map.addInteraction(interaction);
    this.hint.textContent = {
      draw: t("点击画界址点（自动吸附地块边界），双击结束，退格撤一点，Esc 放弃", "Click corners (they snap to parcels); double-click ends, Backspace takes one back, Esc drops it"),
      edit: t("拖动界址点；拖动边可加点；按住 Alt 点击删点", "Drag corners; drag a side to add one; Alt-click deletes one"),
      pick: t("点击一个地块作为用地；按住 Shift 再点可加选", "Click a parcel to take it; Shift-click adds another"),
    }[mode];
  }

  private drawing(): Draw {
    const draw = new Draw({ source: new VectorSource(), type: "Polygon", style: sketchStyle(), snapTolerance: 10 });
    draw.on("drawstart", (event) => {
      const geometry = (event.feature as Feature<Polygon>).getGeometry()!;
      this.source.clear();
      this.marks.getSource()!.clear();
      geometry.on("change", () => this.sayArea(fromFeatures([event.feature as Feature<Polygon>])));
    });
    draw.on("drawabort", () => this.take(this.boundary));
    draw.on("drawend", (event) => {
      this.set(fromFeatures([event.feature as Feature<Polygon>]));
      // After the click that ended the line has been dealt with.
      window.setTimeout(() => this.choose("edit"));
    });
    return draw;
  }

  private modifying(): Modify {
    const modify = new Modify({
      source: this.source,
      style: sketchStyle(),
      pixelTolerance: 12,
      deleteCondition: (event) => altKeyOnly(event) && singleClick(event),
    });
    modify.on("modifyend", () => this.set(fromFeatures(this.source.getFeatures()), true));
    return modify;
  }

  private pick(coordinate: number[], add: boolean): void {
    const parcel = this.base?.parcels?.getFeaturesAtCoordinate(coordinate)[0] as Feature<Polygon> | undefined;
    if (!parcel) {
      toast(t("这里没有地块，请直接画红线。", "There is no parcel here; draw the line instead."), "amber");
      return;
    }
    const taken = fromFeatures([parcel]);
    this.set(add ? [...this.boundary, ...taken] : taken);
    if (!add) showExtent(this.map, parcel.getGeometry()!.getExtent(), 250);
    toast(t("已选用地块 {number}", "Parcel {number} taken", { number: String(parcel.get("number")) }), "green");
  }

  private listen(place: HTMLElement): void {
    this.map.on("singleclick", (event) => {
      if (this.mode === "pick") this.pick(event.coordinate, (event.originalEvent as MouseEvent).shiftKey);
    });
    place.addEventListener("keydown", (event) => {
      const draw = this.interactions.find((each): each is Draw => each instanceof Draw);
      if (event.key === "Escape") draw?.abortDrawing();
      else if (event.key === "Backspace") draw?.removeLastPoint();
      else if (event.key === "Enter") draw?.finishDrawing();
      else if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.undo();
      else return;
      event.preventDefault();
    });
    // The pointer does what the toolbar says without a first click for the focus.
    place.addEventListener("pointerdown", () => place.focus({ preventScroll: true }), { capture: true });
    this.field.addEventListener("change", () => this.readField());
    this.panel.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.panel.dataset["over"] = "";
    });
    this.panel.addEventListener("dragleave", (event) => {
      if (!this.panel.contains(event.relatedTarget as Node | null)) delete this.panel.dataset["over"];
    });
    this.panel.addEventListener("drop", (event) => {
      event.preventDefault();
      delete this.panel.dataset["over"];
      const file = event.dataTransfer?.files[0];
      if (file) void this.readFile(file);
    });
  }

  // --- files ---

  private fileButton(): HTMLElement {
    const label = make("label", "btn btn-small file-button", this.extras.readFile ? t("读取文件", "Read a file") : t("读取 GeoJSON", "Read GeoJSON"));
    const input = make("input", "visually-hidden", "", { type: "file", accept: this.extras.accept ?? ".geojson,.json,application/geo+json" });
    input.dataset["noDraft"] = "";
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      input.value = "";
      if (file) void this.readFile(file);
    });
    label.append(input);
    return label;
  }

  private async readFile(file: File): Promise<void> {
    try {
      const read = (await this.extras.readFile?.(file)) ?? (await this.readText(file));
      if (read) this.give(read, file.name);
    } catch (cause) {
      if (cause instanceof Unreadable) toast(`${file.name}${t("：", ": ")}${cause.message}`, "red");
      else sayRefusal(cause);
    }
  }

  private async readText(file: File): Promise<Read | null> {
    if (file.size <= LARGEST_FILE) return readGeoJson(await file.text(), this.zone);
    toast(t("文件超过 5 MB，红线文件一般只有几 KB。请只导出本项目的用地。", "The file is over 5 MB; a site boundary takes a few kB. Export only this project's site."), "red");
    return null;
  }

  /** Take a red line that was read somewhere else, and say what was done to understand it. */
  give(read: Read, name: string): void {
    this.set(read.boundary);
    this.choose("edit");
    this.showAll();
    toast([t("已读取 {name}。", "{name} read.", { name }), ...read.notes].join(" "), read.notes.length ? "amber" : "green");
  }

  /** Corners snap to these shapes, too. */
  snapTo(source: VectorSource): void {
    this.snapped.push(source);
    this.choose(this.mode);
  }

  // --- where to look ---

  private show(corner: LonLat): void {
    const view = this.map.getView();
    view.animate({ center: fromLonLat(corner), zoom: Math.max(view.getZoom() ?? 17, 17), duration: 250 });
  }

  private showAll(): void {
    const extent = this.extent();
    if (extent) showExtent(this.map, extent);
  }

  /** What the red line spans; null when there is none. */
  extent(): Extent | null {
    const extent = this.source.getExtent();
    return extent && Number.isFinite(extent[0]) ? extent : null;
  }
}
