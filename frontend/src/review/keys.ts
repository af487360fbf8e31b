/** The keyboard of the canvas. Keys do nothing while somebody types. */

import { t } from "../site/language";
import { Crosshair } from "./crosshair";
import { h } from "./dom";
import { sheetPage } from "./config";
import { neighbour } from "./panels/sheets";
import { closeButton, dialog } from "./pieces";
import type { Review } from "./review";
import type { Stage } from "./stage";
import { TOOLS, toolKind } from "./tools/kinds";
import type { Pen } from "./tools/pen";

export interface KeyOwner {
  search(): void;
  layers(): void;
  raise(): void;
  write(): void;
  escape(): boolean;
  print(): void;
  grid(): void;
  fullScreen(): void;
}

const PAN_PX = 90;

/** A box that was just ticked takes no letters: the keys go on working after a layer was switched. */
const TICKED: ReadonlySet<string> = new Set(["checkbox", "radio", "range", "button"]);

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && TICKED.has(target.type)) return false;
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, label, summary, dialog") !== null;
}

/** The row of a selected mark: Enter on it goes on to the opinion, as on the canvas. */
function isChosenRow(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('.mark-head[aria-pressed="true"]');
}

export function listenToKeys(review: Review, stage: Stage, pen: Pen, owner: KeyOwner): void {
  const crosshair = new Crosshair(review, stage, pen);
  const tools = new Map(TOOLS.map((tool) => [tool.key.toLowerCase(), tool.name]));
  document.addEventListener("keyup", (event) => {
    if (event.code === "Space") pen.space = false;
    if (event.key.startsWith("Arrow")) crosshair.settle();
  });
  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") {
        event.preventDefault();
        if (event.shiftKey) review.redo();
        else review.undo();
      } else if (key === "p") {
        event.preventDefault();
        owner.print();
      } else if (key === "y") {
        event.preventDefault();
        review.redo();
      } else if (key === "d") {
        event.preventDefault();
        review.duplicate(24 * stage.resolution, -24 * stage.resolution);
      } else if (key === "a") {
        event.preventDefault();
        review.select([...review.shown.values()].filter((view) => !view.mark.deleted).map((view) => view.mark.obj));
      }
      return;
    }
    if (event.altKey) return;
    switch (event.key) {
      case "Escape":
        if (pen.cancel()) return;
        if (review.together.following) review.together.unfollow();
        else if (review.tool !== "select") review.setTool("select");
        else if (!owner.escape()) review.select([]);
        return;
      case "Enter":
        if (crosshair.isShown && toolKind(review.tool).gesture !== "path") crosshair.press();
        else if (pen.isDrawing) pen.finish();
        else if (isControl(event.target) && !isChosenRow(event.target)) return;
        else if (event.shiftKey) owner.write();
        else owner.raise();
        event.preventDefault();
        return;
      case "Backspace":
        if (pen.isDrawing) {
          pen.dropLastPoint();
          event.preventDefault();
          return;
        }
        review.remove(review.selection);
        return;
      case "Delete":
        review.remove(review.selection);
        return;
      case "F2":
        owner.write();
        return;
      case "[":
      case "]": {
        const next = neighbour(review, event.key === "[" ? -1 : 1);
        if (next) location.assign(sheetPage(next.id));
        return;
      }
      case ".":
      case ",":
        crosshair.selectNext(event.key === "." ? 1 : -1);
        return;
      case "/":
        event.preventDefault();
        owner.search();
        return;
      case "?":
        shortcuts();
        return;
      case "+":
      case "=":
        stage.zoomBy(1 / 1.6);
        return;
      case "-":
        stage.zoomBy(1.6);
        return;
      case "0":
        stage.fit(review.drawing.manifest.fit);
        return;
      case " ":
        if (isControl(event.target)) return;
        if (!crosshair.isShown) pen.space = true;
        else if (!event.repeat) crosshair.press();
        event.preventDefault();
        return;
      case "ArrowLeft":
      case "ArrowRight":
      case "ArrowUp":
      case "ArrowDown": {
        if (isControl(event.target)) return;
        event.preventDefault();
        const dx = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
        const dy = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
        if (review.tool !== "select") crosshair.move(dx, dy, event.shiftKey);
        else if (event.shiftKey && review.selection.size > 0) crosshair.moveSelected(dx, dy, event.repeat);
        else stage.panBy(dx * PAN_PX, dy * PAN_PX);
        return;
      }
      case "R":
        if (event.shiftKey) {
          stage.turnBy(Math.PI / 2);
          return;
        }
        break;
    }
    if (event.shiftKey && key === "g") owner.grid();
    else if (event.shiftKey && key === "f") owner.fullScreen();
    else if (key === "l") {
      owner.layers();
      event.preventDefault();
    } else if (key === "g") {
      review.snapping = !review.snapping;
      review.signals.tell("tool");
    } else {
      const tool = tools.get(key);
      if (tool) {
        review.setTool(tool);
        event.preventDefault();
      }
    }
  });
}

/** All keys in one dialog. */
export function shortcuts(): void {
  const rows: [string, string][] = [
    ...TOOLS.map((tool): [string, string] => [tool.key, tool.label]),
    ["Enter", t("把选中的批注提成意见；画线时结束", "Raise the selected marks; finish a path")],
    ["Shift + Enter / F2", t("写批注文字", "Write the mark's text")],
    ["Delete", t("删除选中的批注", "Delete the selected marks")],
    ["Ctrl + Z / Ctrl + Shift + Z", t("撤销 / 重做", "Undo / redo")],
    ["Ctrl + D", t("复制选中的批注", "Copy the selected marks")],
    ["Ctrl + A", t("全选", "Select all")],
    ["Ctrl + P", t("按比例打印", "Print at scale")],
    ["L", t("图层", "Layers")],
    ["/", t("搜索批注与图上文字", "Search marks and texts")],
    ["[  ]", t("上一张 / 下一张", "Previous / next sheet")],
    ["G", t("捕捉开关", "Snap on and off")],
    ["+  −  0", t("放大 / 缩小 / 全图", "Zoom in / out / whole sheet")],
    ["Shift + R", t("旋转 90°", "Turn by 90°")],
    ["Shift + G / Shift + F", t("坐标网 / 全屏", "Coordinate grid / full screen")],
    [t("方向键，空格", "Arrow keys, Space"), t("画图时移动十字标，落点（按住 Shift 走小步）", "While drawing: move the crosshair, set a point (Shift: small steps)")],
    [".  ,", t("下一条 / 上一条批注", "Next / previous mark")],
    [t("Shift + 方向键", "Shift + arrow keys"), t("移动选中的批注", "Move the selected marks")],
    [t("空格 + 拖动", "Space + drag"), t("平移", "Pan")],
    [t("Shift + 拖动", "Shift + drag"), t("框选；画线时走直角", "Select by frame; straight lines while drawing")],
    ["Esc", t("取消；停止跟随；返回选择", "Cancel; stop following; back to select")],
  ];
  dialog(
    t("快捷键", "Shortcuts"),
    (close) => ({
      body: [h("dl", { class: "shortcut-list" }, ...rows.flatMap(([keys, what]) => [h("dt", {}, h("kbd", {}, keys)), h("dd", {}, what)]))],
      foot: [closeButton(close, t("知道了", "Got it"))],
    }),
    "dialog dialog-wide",
  );
}
