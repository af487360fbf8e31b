/** The place to type on the canvas: text of a mark, or a new text mark. Enter saves, Shift+Enter breaks the line, Esc gives up. */

import Overlay from "ol/Overlay";
import { t } from "../site/language";
import type { Point } from "../drawing/manifest";
import { button, h } from "./dom";
import type { Mark } from "../realtime/marks";
import type { Review } from "./review";
import type { Stage } from "./stage";

export class Writer {
  readonly #review: Review;
  readonly #stage: Stage;
  readonly #overlay: Overlay;
  readonly #input: HTMLTextAreaElement;
  readonly #save: HTMLButtonElement;
  #obj: string | null = null;
  #at: Point = [0, 0];
  #open = false;
  /** Text and version of the mark when it was opened: a colleague may write it meanwhile. */
  #was = "";
  #ver = 0;
  onCreated: (obj: string) => void = () => undefined;
  onRaise: () => void = () => undefined;

  constructor(review: Review, stage: Stage) {
    this.#review = review;
    this.#stage = stage;
    this.#input = h("textarea", { rows: 2, maxlength: 4000, "aria-label": t("批注文字", "Text of the mark"), placeholder: t("写下问题，例如：疏散宽度不足 1.1 m", "Say what is wrong, e.g. escape width below 1.1 m") });
    this.#save = button(t("保存", "Save"), { class: "btn btn-small btn-primary" }, () => this.save());
    const box = h("div", { class: "writer" }, this.#input, h("div", { class: "row row-end" }, h("span", { class: "small muted push" }, t("回车保存 · Esc 取消", "Enter saves · Esc cancels")), this.#save));
    this.#overlay = new Overlay({ element: box, positioning: "top-left", offset: [4, 8], stopEvent: true, autoPan: { margin: 24 } });
    stage.map.addOverlay(this.#overlay);
    box.hidden = true;
    this.#input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.close();
      else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.save();
      }
    });
    this.#input.addEventListener("input", () => {
      this.#input.style.height = "auto";
      this.#input.style.height = `${Math.min(200, this.#input.scrollHeight)}px`;
    });
    this.#input.addEventListener("blur", () => {
      // Leaving the field by a click elsewhere keeps what was written.
      setTimeout(() => {
        if (this.#open && !box.contains(document.activeElement) && document.hasFocus()) this.save();
      }, 150);
    });
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** `obj` null: a new text mark at `at`. */
  open(obj: string | null, at: Point): void {
    if (this.#open) this.save();
    this.#obj = obj;
    this.#at = at;
    this.#open = true;
    const mark = obj ? this.#review.mark(obj) : undefined;
    this.#input.value = this.#was = textOf(mark);
    this.#ver = mark?.ver ?? 0;
    this.#overlay.getElement()!.hidden = false;
    this.#overlay.setPosition(at);
    this.#review.editing = obj;
    this.#review.signals.tell("selection");
    this.#input.style.height = "auto";
    this.#input.focus({ preventScroll: true });
    this.#stage.map.render();
  }

  save(): void {
    if (!this.#open) return;
    const text = this.#input.value.trim();
    const obj = this.#obj;
    this.close();
    if (obj !== null) {
      const isAsSeen = textOf(this.#review.mark(obj)) === this.#was;
      this.#review.patch(obj, { text: text === "" ? null : text }, isAsSeen ? undefined : this.#ver);
      return;
    }
    if (text === "") return;
    const made = this.#review.create("text", { type: "Point", coordinates: this.#at }, text);
    if (made) this.onCreated(made);
    else void this.#review.keepDraft("", text, "forbidden");
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#review.editing = null;
    this.#review.signals.tell("selection");
    this.#overlay.setPosition(undefined);
    this.#overlay.getElement()!.hidden = true;
    // A hidden field keeps the keys until the next frame is drawn, which takes a while where there is no graphics card.
    this.#input.blur();
    this.#stage.viewport.focus();
  }
}

function textOf(mark: Mark | undefined): string {
  const text = mark?.p["text"];
  return typeof text === "string" ? text : "";
}
