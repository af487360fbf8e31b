/** Two sheets over each other or side by side (叠图比对): old in red, new in green, what both have in black; aligned by two points. */

import OlFeature from "ol/Feature";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import OlPoint from "ol/geom/Point";
import OlPolygon from "ol/geom/Polygon";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import TextStyle from "ol/style/Text";
import type { Box, Point } from "../drawing/manifest";
import type { SheetDrawing } from "../drawing/sheet_drawing";
import { FACE } from "../map/letters";
import { button, fill, h } from "../review/dom";
import { flash, flashStyle } from "../review/flash";
import { icon } from "../review/icons";
import { iconButton } from "../review/pieces";
import { Stage } from "../review/stage";
import { t } from "../site/language";
import { toast } from "../site/toasts";
import { boxToNew, fromBoxes, fromPoints, SAME, toOld, viewOfNew, viewOfOld, type Alignment, type Place } from "./alignment";
import { DifferenceList } from "./difference_list";
import type { CompareConfig, Difference, Differences } from "./records";

type Mode = "over" | "beside";
type Shown = "both" | "old" | "new";

const OLD_INK: [number, number, number] = [216, 32, 40];
const NEW_INK: [number, number, number] = [0, 138, 72];
const GLOW = "#b26a00";
const SNAP_PX = 12;

const regionStyle = new Style({ stroke: new Stroke({ color: "#b26a00", width: 1.5, lineDash: [6, 4] }), fill: new Fill({ color: "rgb(178 106 0 / 5%)" }) });
const nothing: Style[] = [];

function pointStyle(feature: { get(name: string): unknown }): Style {
  return new Style({
    image: new CircleStyle({ radius: 6, fill: new Fill({ color: "#fff" }), stroke: new Stroke({ color: "#1f5fbf", width: 2.5 }) }),
    text: new TextStyle({ text: String(feature.get("label") ?? ""), offsetX: 14, offsetY: -8, font: `600 13px ${FACE}`, fill: new Fill({ color: "#1f5fbf" }), stroke: new Stroke({ color: "#fff", width: 3 }) }),
  });
}

function cornersOf([x0, y0, x1, y1]: Box): Point[] {
  return [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]];
}

function meet(a: Box, b: Box): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

export class Compare {
  readonly #config: CompareConfig;
  readonly #root: HTMLElement;
  readonly #oldStage: Stage;
  readonly #newStage: Stage;
  readonly #oldPane = h("section", { class: "compare-pane is-old", "aria-label": t("旧版", "Old") });
  readonly #newPane = h("section", { class: "compare-pane is-new", "aria-label": t("新版", "New") });
  readonly #panes = h("div", { class: "compare-panes" });
  readonly #hint = h("div", { class: "compare-hint", role: "status", hidden: true });
  readonly #list: DifferenceList;
  readonly #bar = h("div", { class: "compare-tools" });
  #alignment: Alignment;
  readonly #first: Alignment;
  #mode: Mode = "over";
  /** How they were shown when aligning began. */
  #before: Mode = "over";
  #shown: Shown = "both";
  #regions: Box[] = [];
  #moving = false;
  /** Points chosen so far while aligning: old, new, old, new. */
  #picked: Point[] | null = null;

  constructor(root: HTMLElement, config: CompareConfig, oldDrawing: SheetDrawing, newDrawing: SheetDrawing) {
    this.#root = root;
    this.#config = config;
    for (const [drawing, ink] of [[oldDrawing, OLD_INK], [newDrawing, NEW_INK]] as const) {
      drawing.setPaper("light");
      drawing.setTint(ink);
    }
    this.#oldPane.classList.toggle("is-page", oldDrawing.manifest.kind === "page");
    this.#newPane.classList.toggle("is-page", newDrawing.manifest.kind === "page");
    this.#list = new DifferenceList({ show: (each) => this.#showDifference(each), showRegion: (at) => this.#reveal(this.#regions[at]!) });
    this.#build();
    this.#oldStage = new Stage(this.#oldPane, oldDrawing, () => (this.#mode === "beside" ? regionStyle : nothing), pointStyle as never, flashStyle);
    this.#newStage = new Stage(this.#newPane, newDrawing, () => regionStyle, pointStyle as never, flashStyle);
    const [oldBox, newBox] = [oldDrawing.manifest.fit, newDrawing.manifest.fit];
    this.#first = meet(oldBox, newBox) ? SAME : fromBoxes(newBox, oldBox);
    this.#alignment = this.#first;
    // "change" itself waits for the end of an animation; these come with every step of it.
    const steps = ["change:center", "change:resolution", "change:rotation"] as never;
    this.#oldStage.view.on(steps, () => this.#follow(this.#oldStage, this.#newStage));
    this.#newStage.view.on(steps, () => this.#follow(this.#newStage, this.#oldStage));
    for (const stage of [this.#oldStage, this.#newStage]) {
      stage.map.on("click", (event) => void this.#click(stage, event as MapBrowserEvent));
      new ResizeObserver(() => stage.map.updateSize()).observe(stage.map.getTargetElement()!);
    }
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#showMode();
    this.#newStage.fit(newBox, 0);
    this.#follow(this.#newStage, this.#oldStage);
  }

  take(found: Differences): void {
    this.#regions = found.regions;
    this.#newStage.marks.addFeatures(found.regions.map((box) => new OlFeature(new OlPolygon([cornersOf(box)]))));
    this.#frameOld();
    this.#list.take(found);
  }

  /** The same places on the old sheet; shown beside, where each pane stands for itself. */
  #frameOld(): void {
    const rings = this.#regions.map((box) => cornersOf(box).map((corner) => toOld(this.#alignment, corner)));
    this.#oldStage.marks.clear();
    this.#oldStage.marks.addFeatures(rings.map((ring) => new OlFeature(new OlPolygon([ring]))));
  }

  fail(text: string): void {
    this.#list.fail(text);
  }

  /** For tests and nothing else. */
  get state(): { mode: Mode; alignment: Alignment; complete: boolean; old: Place; new: Place } {
    const place = (stage: Stage): Place => ({ center: stage.center, resolution: stage.resolution, rotation: stage.rotation });
    return { mode: this.#mode, alignment: this.#alignment, complete: this.#oldStage.layer.complete && this.#newStage.layer.complete, old: place(this.#oldStage), new: place(this.#newStage) };
  }

  #build(): void {
    const { old, new: newer, others } = this.#config;
    const same = old.number === newer.number && old.name === newer.name;
    const title = h("h1", {}, newer.number ? h("span", { class: "topbar-number" }, newer.number) : null, " ", newer.name);
    const pick = h("select", { class: "input compare-pick", "aria-label": t("与哪张图比对", "Compare with") }, ...others.map((other) => h("option", { value: other.id, selected: other.id === old.id }, other.label)));
    pick.addEventListener("change", () => location.assign(location.pathname.replace(/compare\/[^/]+\//, `compare/${encodeURIComponent(pick.value)}/`)));
    const bar = h(
      "header",
      { class: "topbar" },
      h("a", { class: "btn btn-quiet btn-icon", href: this.#config.back, title: t("返回", "Back"), "aria-label": t("返回", "Back") }, icon("back", 18)),
      h("div", { class: "topbar-title" }, title, h("span", { class: "topbar-set" }, same ? t("{old} 版 → {new} 版", "revision {old} → {new}", { old: old.revision, new: newer.revision }) : t("{old} 版 {name} → {new} 版", "{old} {name} → {new}", { old: old.revision, name: `${old.number} ${old.name}`, new: newer.revision }))),
      h("label", { class: "compare-with" }, h("span", { class: "muted small" }, t("与之比对", "Against")), pick),
      h("span", { class: "push" }),
      this.#bar,
      h("a", { class: "btn btn-quiet compare-open", href: this.#config.canvas }, t("打开新版", "Open the new one")),
    );
    const legend = h("ul", { class: "compare-legend plain-list" }, h("li", {}, h("i", { class: "is-old" }), t("仅旧版 {no}", "only old {no}", { no: old.revision })), h("li", {}, h("i", { class: "is-new" }), t("仅新版 {no}", "only new {no}", { no: newer.revision })), h("li", {}, h("i", { class: "is-both" }), t("两版都有", "on both")));
    const zoom = h(
      "div",
      { class: "compare-zoom" },
      iconButton("minus", t("缩小（-）", "Zoom out (-)"), () => this.#newStage.zoomBy(1.6), { class: "btn btn-quiet btn-icon btn-small" }, 16),
      iconButton("plus", t("放大（+）", "Zoom in (+)"), () => this.#newStage.zoomBy(1 / 1.6), { class: "btn btn-quiet btn-icon btn-small" }, 16),
      iconButton("fit", t("全图（0）", "Whole sheet (0)"), () => this.#newStage.fit(this.#newStage.drawing.manifest.fit), { class: "btn btn-quiet btn-icon btn-small" }, 16),
    );
    this.#oldPane.append(h("p", { class: "compare-name is-old" }, t("旧版 {no}", "Old: {no}", { no: old.revision })));
    this.#newPane.append(h("p", { class: "compare-name is-new" }, t("新版 {no}", "New: {no}", { no: newer.revision })));
    this.#panes.append(this.#oldPane, this.#newPane, this.#hint, legend, zoom);
    fill(this.#root, bar, h("div", { class: "compare-body" }, this.#panes, this.#list.element));
  }

  /** Overlay or side by side: the place in the middle stays there, and a sheet shown whole is shown whole again. */
  #turnTo(mode: Mode): void {
    const [x0, y0, x1, y1] = this.#newStage.view.calculateExtent(this.#newStage.map.getSize());
    const sheet = this.#newStage.drawing.manifest.fit;
    this.#mode = mode;
    this.#showMode();
    this.#oldStage.marks.changed();
    if (x0! <= sheet[0] && y0! <= sheet[1] && x1! >= sheet[2] && y1! >= sheet[3]) this.#newStage.fit(sheet, 0);
  }

  #showMode(): void {
    const choice = (label: string, pressed: boolean, act: () => void, key: string): HTMLButtonElement => button(label, { class: "btn btn-small", "aria-pressed": String(pressed), "data-choice": key }, act);
    const mode = (mode: Mode) => () => this.#turnTo(mode);
    const shown = (which: Shown) => () => {
      this.#shown = which;
      this.#showMode();
    };
    // The buttons are made anew; the keyboard stays on the one that was pressed.
    const held = this.#bar.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset["choice"] : undefined;
    fill(
      this.#bar,
      h("span", { class: "btn-group" }, choice(t("叠图", "Overlay"), this.#mode === "over", mode("over"), "over"), choice(t("并排", "Side by side"), this.#mode === "beside", mode("beside"), "beside")),
      this.#mode === "over" ? h("span", { class: "btn-group" }, choice(t("两版", "Both"), this.#shown === "both", shown("both"), "both"), choice(t("旧", "Old"), this.#shown === "old", shown("old"), "old"), choice(t("新", "New"), this.#shown === "new", shown("new"), "new")) : null,
      this.#picked
        ? button(t("取消对齐（Esc）", "Stop aligning (Esc)"), { class: "btn btn-small", "data-choice": "align" }, () => this.#giveUpAligning())
        : button(t("两点对齐", "Align by two points"), { class: "btn btn-small", "data-choice": "align" }, () => this.#startAligning()),
      this.#alignment !== this.#first ? button(t("还原对齐", "Undo alignment"), { class: "btn btn-small btn-quiet", "data-choice": "back" }, () => this.#align(this.#first)) : null,
    );
    if (held) (this.#bar.querySelector<HTMLElement>(`[data-choice="${held}"]`) ?? this.#bar.querySelector<HTMLElement>("[data-choice=align]"))?.focus();
    this.#panes.dataset["mode"] = this.#mode;
    this.#panes.dataset["shown"] = this.#mode === "over" ? this.#shown : "both";
    // In its own pane a sheet has its own colours.
    for (const [stage, ink] of [[this.#oldStage, OLD_INK], [this.#newStage, NEW_INK]] as const) {
      if (!stage) continue;
      stage.drawing.setTint(this.#mode === "over" ? ink : null);
      stage.map.updateSize();
    }
    if (this.#newStage) this.#follow(this.#newStage, this.#oldStage);
  }

  /** The other view shows what this one shows; not while points are being chosen on each. */
  #follow(from: Stage, to: Stage): void {
    if (this.#moving || this.#picked || !from || !to) return;
    this.#moving = true;
    const place: Place = { center: from.center, resolution: from.resolution, rotation: from.rotation };
    const there = from === this.#newStage ? viewOfOld(this.#alignment, place) : viewOfNew(this.#alignment, place);
    to.view.setCenter(there.center);
    to.view.setResolution(there.resolution);
    to.view.setRotation(there.rotation);
    this.#moving = false;
  }

  #align(alignment: Alignment): void {
    this.#alignment = alignment;
    this.#frameOld();
    this.#showMode();
  }

  #startAligning(): void {
    this.#before = this.#mode;
    if (this.#mode !== "beside") this.#turnTo("beside");
    this.#picked = [];
    this.#showMode();
    this.#sayStep();
  }

  #stopAligning(): void {
    this.#picked = null;
    this.#oldStage.sketch.clear();
    this.#newStage.sketch.clear();
    this.#hint.hidden = true;
    for (const pane of [this.#oldPane, this.#newPane]) pane.classList.remove("is-asked");
    this.#showMode();
  }

  /** Given up (Esc): back to how the sheets were shown before. */
  #giveUpAligning(): void {
    this.#stopAligning();
    if (this.#mode !== this.#before) this.#turnTo(this.#before);
  }

  #sayStep(): void {
    const step = this.#picked?.length ?? 0;
    const point = step < 2 ? 1 : 2;
    this.#hint.hidden = false;
    this.#hint.textContent = step % 2 === 0 ? t("在旧版上点第 {n} 个对齐点（会捕捉端点、交点）", "Click point {n} on the old sheet (it snaps to ends and crossings)", { n: point }) : t("在新版上点同一位置的第 {n} 个对齐点", "Now click the same point {n} on the new sheet", { n: point });
    this.#oldPane.classList.toggle("is-asked", step % 2 === 0);
    this.#newPane.classList.toggle("is-asked", step % 2 === 1);
  }

  async #click(stage: Stage, event: MapBrowserEvent): Promise<void> {
    const picked = this.#picked;
    if (!picked) return;
    const wanted = picked.length % 2 === 0 ? this.#oldStage : this.#newStage;
    if (stage !== wanted) {
      this.#sayStep();
      return;
    }
    const [x, y] = event.coordinate as Point;
    const hit = await stage.drawing.snapAt(x, y, SNAP_PX * stage.resolution);
    const at: Point = hit ? [hit.x, hit.y] : [x, y];
    if (this.#picked !== picked) return;
    picked.push(at);
    stage.sketch.addFeature(new OlFeature({ geometry: new OlPoint(at), label: String(Math.ceil(picked.length / 2)) }));
    if (picked.length < 4) {
      this.#sayStep();
      return;
    }
    const [o1, n1, o2, n2] = picked as [Point, Point, Point, Point];
    const alignment = fromPoints([n1, n2], [o1, o2]);
    this.#stopAligning();
    if (!alignment) {
      toast(t("两个对齐点重合，请选相距较远的两点。", "The two points are one; choose two that lie apart."), "amber");
      return;
    }
    this.#align(alignment);
    this.#turnTo("over");
    toast(t("已按两点对齐", "Aligned by two points"), "green", { undo: () => this.#align(this.#first) });
  }

  #showDifference(each: Difference): void {
    const box = each.how === "removed" ? boxToNew(this.#alignment, each.box) : each.box;
    this.#reveal(box);
  }

  #reveal(box: Box): void {
    const [x0, y0, x1, y1] = box;
    const margin = Math.max(x1 - x0, y1 - y0, this.#newStage.resolution * 4) * 0.3;
    this.#newStage.fit([x0 - margin, y0 - margin, x1 + margin, y1 + margin]);
    flash(this.#newStage, new OlPolygon([cornersOf(box)]), GLOW);
  }

  #key(event: KeyboardEvent): void {
    if (event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case "Escape":
        if (this.#picked) this.#giveUpAligning();
        return;
      case "n":
      case "N":
        this.#list.step(1);
        return;
      case "p":
      case "P":
        this.#list.step(-1);
        return;
      case "+":
      case "=":
        this.#newStage.zoomBy(1 / 1.6);
        return;
      case "-":
        this.#newStage.zoomBy(1.6);
        return;
      case "0":
        this.#newStage.fit(this.#newStage.drawing.manifest.fit);
        return;
    }
  }
}
