/** The right column: the lists of opinions and marks, and the form of an opinion in their place while one is written. */

import OlPolygon from "ol/geom/Polygon";
import { boxOfText } from "../drawing/labels";
import type { Box } from "../drawing/manifest";
import { t } from "../site/language";
import { toast } from "../site/toasts";
import type { Columns } from "./columns";
import { button, fill, h } from "./dom";
import { flash } from "./flash";
import { joinBoxes } from "./geometry";
import { compose } from "./panels/compose";
import { marksPanel } from "./panels/marks";
import { opinionsPanel } from "./panels/opinions";
import { signDialog } from "./panels/sign";
import type { OpinionRecord } from "./records";
import type { Review } from "./review";
import { whyClosed } from "./rights";
import type { Stage } from "./stage";
import type { Writer } from "./writer";

type Tab = "opinions" | "marks";

const FOUND_COLOR = "#ffb020";

export class RightSide {
  readonly element: HTMLElement;
  readonly #review: Review;
  readonly #stage: Stage;
  readonly #writer: Writer;
  readonly #columns: Columns;
  readonly #body = h("div", { class: "panel-tabs-body" });
  readonly #tabs: HTMLButtonElement[];
  readonly #marks: ReturnType<typeof marksPanel>;
  readonly #opinions: ReturnType<typeof opinionsPanel>;
  #tab: Tab = "opinions";
  #composing = false;
  #edited: OpinionRecord | undefined;

  constructor(review: Review, stage: Stage, writer: Writer, columns: Columns) {
    this.#review = review;
    this.#stage = stage;
    this.#writer = writer;
    this.#columns = columns;
    this.#marks = marksPanel(review, {
      show: (obj) => this.showMark(obj),
      raise: () => this.raise(),
      write: (obj) => this.write(obj),
      showText: (record) => this.showPlace(boxOfText(record)),
    });
    this.#opinions = opinionsPanel(review, {
      show: (opinion) => this.showOpinion(opinion),
      raise: () => this.raise(),
      edit: (opinion) => this.#openForm(opinion),
      sign: (task) => signDialog(review, task),
    });
    this.#tabs = [this.#tabButton("opinions", t("意见", "Opinions")), this.#tabButton("marks", t("批注", "Marks"))];
    this.element = h("aside", { class: "side side-right", id: "right-panel", "aria-label": t("意见与批注", "Opinions and marks") }, h("div", { class: "tabs panel-tabs", role: "tablist" }, ...this.#tabs), this.#body);
    review.signals.on(["marks", "opinions"], () => this.#showCounts());
    review.signals.on("selection", () => this.#followSelection());
  }

  show(): void {
    this.#showBody();
    this.#showCounts();
  }

  showMark(obj: string): void {
    const view = this.#review.view(obj);
    if (view) this.#stage.reveal(view.box);
    this.#columns.giveWay("right");
  }

  showOpinion(opinion: OpinionRecord): void {
    const review = this.#review;
    const here = opinion.marks.filter((obj) => review.shown.has(obj));
    review.select(here);
    const boxes = here.flatMap((obj) => {
      const view = review.view(obj);
      return view ? [view.box] : [];
    });
    const box = opinion.region ?? joinBoxes(boxes);
    if (box) this.#stage.reveal(box);
    this.#columns.giveWay("right");
  }

  /** Opens the text of a mark where it lies. */
  write(obj: string): void {
    const view = this.#review.view(obj);
    if (!view) return;
    this.#stage.reveal(view.box);
    this.#columns.giveWay("right");
    setTimeout(() => this.#writer.open(obj, [view.box[0], view.box[1]]), 0);
  }

  /** Opens the form of a new opinion from the selected marks, or says why there can be none. */
  raise(): void {
    const { raisable, hasRound } = this.#review.catalogue;
    if (raisable.length === 0) {
      const why = whyClosed(this.#review.room.log.state);
      toast(why ?? (hasRound ? t("您没有可提意见的任务：任务未认领、已签署，或不属于您的部门。", "You have no task to raise opinions in: unclaimed, signed, or not your department's.") : t("这张图还没有进入审查轮次，不能提意见。", "This sheet is not in a review round.")), "amber");
      return;
    }
    if (this.#review.selected.some((view) => view.mark.cited)) {
      toast(t("选中的批注已经写入意见。", "The selected mark is already in an opinion."), "amber");
      return;
    }
    this.#writer.save();
    this.#openForm();
  }

  /** Leaves the form; false when none was open. */
  closeForm(): boolean {
    if (!this.#composing) return false;
    this.#composing = false;
    this.#showBody();
    return true;
  }

  search(): void {
    this.#tab = "marks";
    this.#composing = false;
    this.#columns.set("right", true);
    this.#showBody();
    this.#marks.search.focus({ preventScroll: true });
  }

  #openForm(opinion?: OpinionRecord): void {
    this.#composing = true;
    this.#edited = opinion;
    this.#columns.set("right", true);
    this.#showBody();
  }

  /** Brings a place of the drawing into sight and lets it glow: a found text. */
  showPlace(box: Box): void {
    const [x0, y0, x1, y1] = box;
    // Large enough to read, with what surrounds it.
    const margin = Math.max((x1 - x0) * 0.6, (y1 - y0) * 8);
    this.#stage.fit([x0 - margin, y0 - margin, x1 + margin, y1 + margin]);
    flash(this.#stage, new OlPolygon([[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]]), FOUND_COLOR);
    this.#columns.giveWay("right");
  }

  #tabButton(name: Tab, label: string): HTMLButtonElement {
    return button([label, h("span", { class: "tab-count num" })], { class: "", role: "tab", id: `tab-${name}`, "aria-controls": "right-panel", "data-tab": name }, () => {
      this.#tab = name;
      this.#composing = false;
      this.#showBody();
    });
  }

  #showBody(): void {
    for (const one of this.#tabs) one.setAttribute("aria-selected", String(one.dataset["tab"] === this.#tab));
    this.element.classList.toggle("is-composing", this.#composing);
    if (this.#composing) {
      const done = (): void => {
        this.#composing = false;
        this.#tab = "opinions";
        this.#showBody();
        this.#stage.viewport.focus();
      };
      fill(this.#body, compose(this.#review, () => this.#stage.resolution, done, this.#edited));
      return;
    }
    const panel = this.#tab === "opinions" ? this.#opinions : this.#marks;
    fill(this.#body, panel.element);
    panel.show();
  }

  #showCounts(): void {
    const living = [...this.#review.room.log.view.values()].filter((mark) => !mark.deleted).length;
    const standing = this.#review.catalogue.opinions.filter((opinion) => opinion.state !== "withdrawn" && opinion.state !== "merged").length;
    for (const one of this.#tabs) one.querySelector(".tab-count")!.textContent = String(one.dataset["tab"] === "marks" ? living : standing);
  }

  /** A mark that is no opinion yet is best seen in the list of marks. */
  #followSelection(): void {
    if (this.#composing || this.#review.selection.size !== 1 || this.#tab === "marks") return;
    const [obj] = this.#review.selection;
    if (!obj || this.#review.catalogue.opinionOfMark(obj)) return;
    this.#tab = "marks";
    this.#showBody();
  }
}
