/** Print a part of the sheet at scale (按比例打印): a frame on the canvas shows what the paper will hold; the server makes the PDF. */

import OlFeature from "ol/Feature";
import OlPolygon from "ol/geom/Polygon";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import type { Box } from "../../drawing/manifest";
import { t } from "../../site/language";
import { address } from "../../site/requests";
import { button, h } from "../dom";
import { icon } from "../icons";
import { iconButton } from "../pieces";
import type { Review } from "../review";
import { lengthText } from "../scale";
import type { Stage } from "../stage";

/** Millimetres upright, with the margins and the foot that drawings/cad/plot.py leaves. */
const PAPERS = { A4: [210, 297], A3: [297, 420], A2: [420, 594], A1: [594, 841] } as const;
const MARGIN = 10;
const FOOT = 14;
const SCALES = [1, 2, 5, 10, 20, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000, 10000];
/** On the screen a sheet of paper fills so much of the view when a scale is proposed. */
const SHARE = 0.75;

type Paper = keyof typeof PAPERS;

/** Width and height of the picture on the paper, in millimetres. */
export function frameSize(paper: Paper, upright: boolean): [number, number] {
  const [short, long] = PAPERS[paper];
  const [width, height] = upright ? [short, long] : [long, short];
  return [width - 2 * MARGIN, height - 2 * MARGIN - FOOT];
}

/** The part of the sheet round `centre` that the paper holds at 1:n; `metres` in one drawing unit. */
export function printedBox(centre: readonly [number, number], paper: Paper, upright: boolean, n: number, metres: number): Box {
  const [wide, high] = frameSize(paper, upright).map((mm) => (mm * n) / 1000 / metres) as [number, number];
  return [centre[0] - wide / 2, centre[1] - high / 2, centre[0] + wide / 2, centre[1] + high / 2];
}

export class PrintCard {
  readonly element = h("aside", { class: "properties print-card", "aria-label": t("按比例打印", "Print at scale"), hidden: true });
  readonly #review: Review;
  readonly #stage: Stage;
  readonly #source = new VectorSource<OlFeature<OlPolygon>>();
  #paper: Paper = "A3";
  #upright = false;
  #n: number | null = null;
  #marks = true;
  readonly #said = h("p", { class: "small muted" });
  readonly #link = h("a", { class: "btn btn-primary", target: "_blank", rel: "noopener" }, icon("printer"), t("生成 PDF", "Make the PDF"));

  constructor(review: Review, stage: Stage) {
    this.#review = review;
    this.#stage = stage;
    const style = new Style({ stroke: new Stroke({ color: "#3b82f6", width: 2.5, lineDash: [8, 5] }), fill: new Fill({ color: "rgb(59 130 246 / 8%)" }) });
    stage.map.addLayer(new VectorLayer({ source: this.#source, style, zIndex: 4, updateWhileAnimating: true, updateWhileInteracting: true }));
    stage.view.on(["change:center", "change:resolution"] as never, () => {
      if (!this.element.hidden) this.#show();
    });
  }

  toggle(): void {
    if (this.close()) return;
    this.#n = this.#proposed();
    this.#build();
    this.element.hidden = false;
    this.#show();
  }

  close(): boolean {
    const was = !this.element.hidden;
    this.element.hidden = true;
    this.#source.clear();
    return was;
  }

  /** The scale at which the paper fills most of what is on the screen. */
  #proposed(): number | null {
    const { scale } = this.#review;
    if (scale === null) return null;
    const size = this.#stage.map.getSize() ?? [800, 600];
    const [wide, high] = frameSize(this.#paper, this.#upright);
    const fitting = SCALES.filter((n) => Math.max(((wide * n) / 1000 / scale / this.#stage.resolution) / size[0]!, ((high * n) / 1000 / scale / this.#stage.resolution) / size[1]!) <= SHARE);
    return fitting.at(-1) ?? SCALES[0]!;
  }

  #build(): void {
    const { scale } = this.#review;
    const choose = <T extends string>(label: string, name: string, options: [T, string][], value: T, set: (value: T) => void): HTMLElement => {
      const select = h("select", { class: "input", "data-print": name }, ...options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
      select.addEventListener("change", () => {
        set(select.value as T);
        this.#show();
      });
      return h("label", { class: "print-choice" }, h("span", {}, label), select);
    };
    const marks = h("input", { type: "checkbox", checked: this.#marks });
    marks.addEventListener("change", () => {
      this.#marks = marks.checked;
      this.#show();
    });
    const scales: [string, string][] = [["", t("当前画面", "What is on the screen")], ...SCALES.map((n): [string, string] => [String(n), `1:${n}`])];
    this.element.replaceChildren(
      h("div", { class: "panel-head" }, h("h2", {}, t("按比例打印", "Print at scale")), iconButton("close", t("关闭（Esc）", "Close (Esc)"), () => this.close(), { class: "btn btn-quiet btn-icon btn-small" }, 16)),
      choose<Paper>(t("图幅", "Paper"), "paper", (Object.keys(PAPERS) as Paper[]).map((paper) => [paper, paper]), this.#paper, (paper) => (this.#paper = paper)),
      choose(t("方向", "Direction"), "upright", [["0", t("横向", "Landscape")], ["1", t("纵向", "Portrait")]], this.#upright ? "1" : "0", (value) => (this.#upright = value === "1")),
      scale === null ? h("p", { class: "small text-amber" }, t("图纸没有标明单位，只能打印当前画面，不按比例。", "The drawing names no unit: only what is on the screen can be printed, not at scale.")) : choose(t("比例", "Scale"), "scale", scales, this.#n === null ? "" : String(this.#n), (value) => (this.#n = value === "" ? null : Number(value))),
      h("label", { class: "row print-marks" }, marks, t("带批注", "With marks")),
      this.#said,
      h("div", { class: "row" }, this.#link, button(t("移到全图中心", "Centre on the sheet"), { class: "btn btn-quiet btn-small" }, () => {
        const [x0, y0, x1, y1] = this.#review.drawing.manifest.fit;
        this.#stage.view.setCenter([(x0 + x1) / 2, (y0 + y1) / 2]);
      })),
      h("p", { class: "small muted" }, t("拖动图纸，把要打印的部分移入蓝框。打印时请选“实际大小 100%”。", "Drag the drawing until the blue frame holds what you want. Print it at “actual size, 100%”.")),
    );
  }

  #show(): void {
    const { scale } = this.#review;
    const [cx, cy] = this.#stage.center;
    const size = this.#stage.map.getSize() ?? [800, 600];
    const half = [(size[0]! * this.#stage.resolution) / 2, (size[1]! * this.#stage.resolution) / 2] as const;
    const screen: Box = [cx - half[0], cy - half[1], cx + half[0], cy + half[1]];
    const box = this.#n !== null && scale !== null ? printedBox([cx, cy], this.#paper, this.#upright, this.#n, scale) : screen;
    const [x0, y0, x1, y1] = box;
    this.#source.clear();
    if (this.#n !== null && scale !== null) this.#source.addFeature(new OlFeature(new OlPolygon([[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]])));
    this.#said.textContent = t("范围 {w} × {h}", "{w} × {h} of the drawing", { w: lengthText(x1 - x0, scale), h: lengthText(y1 - y0, scale) });
    const query = new URLSearchParams({ box: box.map((value) => String(Number(value.toPrecision(15)))).join(","), paper: this.#paper, upright: this.#upright ? "1" : "0", marks: this.#marks ? "1" : "0" });
    if (this.#n !== null && scale !== null) query.set("scale", String(this.#n));
    this.#link.href = `${address(`/sheets/${this.#review.sheet.id}/print.pdf`)}?${query.toString()}`;
  }
}
