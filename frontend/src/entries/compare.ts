/** The page of two sheets over each other. */

import "ol/ol.css";
import "../styles/review.css";
import "../styles/compare.css";
import { Compare } from "../compare/compare";
import { readCompareConfig, type Differences } from "../compare/records";
import { SheetDrawing } from "../drawing/sheet_drawing";
import { button, fill, h } from "../review/dom";
import { empty } from "../review/pieces";
import { t } from "../site/language";
import { address, ask, Refusal } from "../site/requests";

declare global {
  interface Window {
    __compare?: Compare["state"];
  }
}

async function open(root: HTMLElement): Promise<void> {
  const config = readCompareConfig();
  const [older, newer] = await Promise.all([SheetDrawing.open(address(config.old.render)), SheetDrawing.open(address(config.new.render))]);
  const compare = new Compare(root, config, older, newer);
  Object.defineProperty(window, "__compare", { get: () => compare.state });
  const faces = import("../styles/fonts.css");
  await Promise.all([older.load(faces), newer.load(faces)]);
  try {
    compare.take(await ask<Differences>(config.comparison));
  } catch (cause) {
    compare.fail(cause instanceof Refusal ? cause.problem.title : t("差异清单暂时无法计算，叠图仍可查看。", "The differences cannot be computed now; the overlay still works."));
  }
}

const root = document.getElementById("compare");
if (root)
  open(root).catch((error: unknown) => {
    console.error(error);
    const retry = button(t("重试", "Try again"), { class: "btn btn-primary" }, () => location.reload());
    fill(root, h("div", { class: "review-failure" }, empty("triangle", t("图纸打不开", "The drawing cannot be opened"), t("请稍后重试；若反复出现，请联系系统管理员。", "Try again shortly; if it persists, tell the administrator."), retry)));
  });
