/** Aids for looking: coordinate grid (坐标网), the arrow that says where the top of the drawing is (指北), full screen (全屏). */

import { GridLayer } from "../drawing/grid_layer";
import type { NorthRecord } from "../drawing/manifest";
import { number, t } from "../site/language";
import { button, h } from "./dom";
import { icon } from "./icons";
import { iconButton } from "./pieces";
import type { Review } from "./review";
import type { Stage } from "./stage";

const GRID = "lianshen-grid";

function sourceOfNorth(known: NorthRecord | null): string {
  if (!known) return t("图纸没有说明北在哪里，箭头只指向图纸上方。", "The drawing does not say where north is; the arrow points to the top of the sheet.");
  const turned = number(known.angle, 1);
  return known.source === "geodata"
    ? t("北：按图纸的地理位置，自图纸上方顺时针 {turned}°。", "North by the drawing's place on the earth: {turned}° clockwise from the top of the sheet.", { turned })
    : t("北：按图上的指北针，自图纸上方顺时针 {turned}°。", "North by the arrow on the drawing: {turned}° clockwise from the top of the sheet.", { turned });
}

export class ViewAids {
  /** Lies over the upper right corner of the canvas. */
  readonly north: HTMLButtonElement;
  /** For the row of zoom buttons. */
  readonly buttons: HTMLElement[];
  readonly #review: Review;
  readonly #stage: Stage;
  readonly #grid: GridLayer;
  readonly #gridButton: HTMLButtonElement;
  readonly #fullButton: HTMLButtonElement;

  constructor(review: Review, stage: Stage) {
    this.#review = review;
    this.#stage = stage;
    const metres = review.scale;
    this.#grid = new GridLayer(metres ?? 1, (units, step) => {
      const real = metres ?? 1;
      const digits = Math.max(0, -Math.floor(Math.log10(step * real) + 1e-9));
      return `${number(units * real, digits)}${metres === null ? "" : " m"}`;
    });
    stage.map.addLayer(this.#grid);
    const small = { class: "btn btn-quiet btn-icon btn-small" };
    this.#gridButton = iconButton("grid", t("坐标网（Shift+G）", "Coordinate grid (Shift+G)"), () => this.toggleGrid(), { ...small, "data-aid": "grid" }, 16);
    this.#fullButton = iconButton("expand", t("全屏（Shift+F）", "Full screen (Shift+F)"), () => this.toggleFullScreen(), { ...small, "data-aid": "full" }, 16);
    this.buttons = document.fullscreenEnabled ? [this.#gridButton, this.#fullButton] : [this.#gridButton];
    const needle = h("span", { class: "north-needle" }, icon("north", 22));
    const known = review.drawing.manifest.north ?? null;
    this.north = button([needle, h("b", {}, known ? t("北", "N") : t("图纸上方", "Sheet top"))], {
      class: `north${known ? "" : " is-unknown"}`,
      title: `${sourceOfNorth(known)} ${t("点击转正。", "Click to turn the sheet upright.")}`,
      "aria-label": known ? t("北，点击转正", "North; click to turn upright") : t("图纸上方，点击转正", "Top of the sheet; click to turn upright"),
    }, () => stage.turnBy(0));
    const turn = (): void => {
      needle.style.transform = `rotate(${stage.rotation + ((known?.angle ?? 0) * Math.PI) / 180}rad)`;
      this.north.classList.toggle("is-turned", Math.abs(Math.sin(stage.rotation / 2)) > 1e-6);
    };
    stage.view.on("change:rotation", turn);
    document.addEventListener("fullscreenchange", () => this.#fullButton.setAttribute("aria-pressed", String(document.fullscreenElement !== null)));
    this.showGrid(localStorage.getItem(GRID) === "1");
    turn();
  }

  toggleGrid(): void {
    this.showGrid(!this.#grid.getVisible());
    localStorage.setItem(GRID, this.#grid.getVisible() ? "1" : "0");
  }

  showGrid(shown: boolean): void {
    this.setPaper();
    this.#grid.setVisible(shown);
    this.#gridButton.setAttribute("aria-pressed", String(shown));
  }

  /** The colour of the lines follows the paper. */
  setPaper(): void {
    this.#grid.paper = this.#review.drawing.paper;
    this.#grid.changed();
  }

  toggleFullScreen(): void {
    const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    void done.then(() => this.#stage.map.updateSize(), () => undefined);
  }
}
