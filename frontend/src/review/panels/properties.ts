/** What was clicked on the drawing (图元属性): type, layer, handle, length, area, words; its layer can be hidden from here. */

import OlLineString from "ol/geom/LineString";
import type { Point } from "../../drawing/manifest";
import type { EntityFound } from "../../drawing/sheet_drawing";
import { t } from "../../site/language";
import { toast } from "../../site/toasts";
import { button, fill, h } from "../dom";
import { flash } from "../flash";
import { icon } from "../icons";
import { kindWord } from "../kind_words";
import { iconButton } from "../pieces";
import type { Review } from "../review";
import { areaText, lengthText } from "../scale";
import type { Stage } from "../stage";

const REACH_PX = 7;
const GLOW = "#ffb020";

export class Properties {
  readonly element = h("aside", { class: "properties", "aria-label": t("图元属性", "Properties"), hidden: true });
  readonly #review: Review;
  readonly #stage: Stage;
  #asked = 0;

  constructor(review: Review, stage: Stage) {
    this.#review = review;
    this.#stage = stage;
    review.signals.on("tool", () => {
      if (review.tool !== "select") this.close();
    });
    review.signals.on("selection", () => {
      if (review.selection.size > 0) this.close();
    });
  }

  /** Looks up what lies at a place of the drawing and shows it; nothing there closes the card. */
  inspect(at: Point): void {
    const turn = ++this.#asked;
    void this.#review.drawing.entityAt(at[0], at[1], REACH_PX * this.#stage.resolution).then((found) => {
      if (turn !== this.#asked) return;
      if (found && (found.type !== "" || found.layer !== "")) this.#show(found);
      else this.close();
    });
  }

  /** False when it was not open. */
  close(): boolean {
    const was = !this.element.hidden;
    this.element.hidden = true;
    this.#asked += 1;
    return was;
  }

  #show(found: EntityFound): void {
    const { drawing, scale } = this.#review;
    const word = kindWord(found.type);
    const layer = drawing.layers[found.layerId];
    const rows: [string, string | Node][] = [[t("类型", "Type"), word ? h("span", {}, word, " ", h("span", { class: "muted mono" }, found.type)) : h("span", { class: "mono" }, found.type)]];
    if (found.layer) {
      const swatch = h("i", { class: `layer-swatch${layer?.adaptive ? " is-adaptive" : ""}` });
      if (layer) swatch.style.setProperty("--layer", layer.color);
      rows.push([t("图层", "Layer"), h("span", { class: "row" }, swatch, found.layer)]);
    }
    if (found.handle) rows.push([t("句柄", "Handle"), this.#copyable(found.handle)]);
    if (found.length !== null) rows.push([t("长度", "Length"), lengthText(found.length, scale)]);
    if (found.area !== null) rows.push([t("面积", "Area"), areaText(found.area, scale)]);
    if (found.text) rows.push([t("文字", "Text"), found.text]);
    if (found.proxy) rows.push([t("来源", "Source"), t("代理图形（天正等）", "proxy graphics")]);
    fill(
      this.element,
      h("div", { class: "panel-head" }, h("h2", {}, word || found.type || t("图元", "Entity")), iconButton("close", t("关闭（Esc）", "Close (Esc)"), () => this.close(), { class: "btn btn-quiet btn-icon btn-small" }, 16)),
      h("dl", {}, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      layer ? button([icon("eyeOff"), t("隐藏此图层", "Hide this layer")], { class: "btn btn-small" }, () => {
        drawing.setLayer(layer.id, false);
        this.close();
        toast(t("已隐藏图层 {name}", "Layer {name} is hidden", { name: layer.name }), "blue", { undo: () => drawing.setLayer(layer.id, true) });
      }) : null,
    );
    this.element.hidden = false;
    if (found.path.length > 1) flash(this.#stage, new OlLineString(found.path), GLOW);
  }

  #copyable(text: string): HTMLElement {
    return button(text, { class: "properties-copy mono", title: t("点按复制", "Click to copy") }, () => {
      void navigator.clipboard?.writeText(text).then(
        () => toast(t("已复制句柄 {h}", "Handle {h} copied", { h: text }), "green"),
        () => toast(t("浏览器不允许复制，请手工选取。", "The browser refused to copy; select the text by hand."), "amber"),
      );
    });
  }
}
