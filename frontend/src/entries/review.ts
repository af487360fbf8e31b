/** The review canvas: opens the sheet, its drawing and its room. */

import "ol/ol.css";
import "../styles/review.css";
import { GlRenderer } from "../drawing/gl";
import { DrawingError } from "../drawing/manifest";
import { SheetDrawing } from "../drawing/sheet_drawing";
import { buildCanvas } from "../review/canvas";
import { readConfig } from "../review/config";
import { button, fill, h } from "../review/dom";
import { empty } from "../review/pieces";
import type { SheetRecord } from "../review/records";
import { Review } from "../review/review";
import { t } from "../site/language";
import { address, ask, Refusal } from "../site/requests";

async function open(root: HTMLElement): Promise<void> {
  const config = readConfig();
  // The Noto face is the last of the stack; labels of a drawing need it by name.
  const faces = import("../styles/fonts.css");
  const asked = ask<SheetRecord>(`/api/v1/sheets/${config.sheet}`);
  GlRenderer.prepare(); // while the answer is on its way
  const sheet = await asked;
  const drawing = await SheetDrawing.open(address(sheet.render)).catch((error: unknown) => {
    // A form of an older version that this viewer cannot read is not a damaged file.
    if (error instanceof DrawingError && sheet.preparation.text !== "") throw new Unprepared(sheet.preparation.text);
    throw error;
  });
  const loading = drawing.load(faces);
  const review = await Review.open(config, sheet, drawing);
  buildCanvas(root, review);
  void review.start();
  void review.catalogue.refresh();
  await loading;
}

/** The sheet waits to be prepared by this version; the message says so in the reader's language. */
class Unprepared extends Error {}

function sayFailure(root: HTMLElement, error: unknown): void {
  const retry = button(t("重试", "Try again"), { class: "btn btn-primary" }, () => location.reload());
  let title = t("图纸打不开", "The drawing cannot be opened");
  let text = t("请稍后重试；若反复出现，请联系系统管理员。", "Try again shortly; if it persists, tell the administrator.");
  if (error instanceof Refusal) {
    title = error.problem.title;
    text = error.problem.next_step ?? text;
  } else if (error instanceof Unprepared) text = error.message;
  else if (error instanceof DrawingError) text = t("图纸文件不完整（{what}）。请重新上传或联系系统管理员。", "The prepared drawing is incomplete ({what}). Upload it again or tell the administrator.", { what: error.what });
  else console.error(error);
  fill(root, h("div", { class: "review-failure" }, empty("triangle", title, text, retry)));
}

// Dark beside dark drawings, unless the person has chosen the light theme for the whole site.
if (localStorage.getItem("theme") === "light") document.body.dataset["theme"] = "light";

const root = document.getElementById("review");
if (root) open(root).catch((error: unknown) => sayFailure(root, error));
