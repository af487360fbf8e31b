/** Playing a sitting back on the sheet: time slider, play, speed, what happened at each step. While it runs nothing can be changed. */

import type { Twin } from "../realtime/twin";
import type { Op } from "../realtime/protocol";
import { t } from "../site/language";
import { toast } from "../site/toasts";
import { button, fill, h } from "./dom";
import { icon } from "./icons";
import { iconButton } from "./pieces";
import { pauseBefore, Playback } from "./playback";
import type { Review } from "./review";
import { toolLabel } from "./tools/kinds";
import { fullTime } from "./words";

const SPEEDS = [1, 4, 16, 64];

/** Every op of a log, page by page. */
export async function wholeLog(twin: Twin): Promise<Op[]> {
  const ops: Op[] = [];
  for (;;) {
    const page = await twin.after(ops.length);
    ops.push(...page.ops);
    if (page.ops.length === 0 || ops.length >= page.head) return ops;
  }
}

/** What an op did, in a few words. */
export function actWords(op: Op, tool: unknown): string {
  const what = toolLabel(tool);
  switch (op.k) {
    case "create":
      return t("画了{what}", "drew: {what}", { what });
    case "patch":
      return "geom" in op.p ? t("移动或改形：{what}", "moved or reshaped: {what}", { what }) : t("改了文字或样式：{what}", "changed text or style: {what}", { what });
    case "delete":
      return t("删除：{what}", "deleted: {what}", { what });
    case "restore":
      return t("恢复：{what}", "restored: {what}", { what });
    case "reply":
      return t("回复：{text}", "replied: {text}", { text: String(op.p["text"] ?? "").slice(0, 60) });
    case "resolve":
      return t("标为已解决：{what}", "resolved: {what}", { what });
    case "reopen":
      return t("重新打开：{what}", "reopened: {what}", { what });
    case "cite":
      return t("写入意见：{what}", "cited in an opinion: {what}", { what });
    case "uncite":
      return t("解除引用：{what}", "citation withdrawn: {what}", { what });
    case "sheet.open":
      return t("开放会审", "opened the sheet for review");
    case "sheet.freeze":
      return t("冻结图幅", "froze the sheet");
    case "sheet.thaw":
      return t("解冻图幅", "thawed the sheet");
    case "sheet.revise":
      return t("被新版本取代", "replaced by a new revision");
    case "sign":
      return t("签署", "signed");
    default:
      return t("调整批注权限", "changed marking rights");
  }
}

export class ReplayBar {
  readonly element = h("section", { class: "replay-bar", hidden: true, "aria-label": t("回放", "Replay") });
  readonly #review: Review;
  readonly #twin: Twin;
  readonly #slider = h("input", { type: "range", class: "replay-slider", min: 0, max: 0, step: 1, "aria-label": t("时间", "Time") });
  readonly #ticks = h("div", { class: "replay-ticks", "aria-hidden": "true" });
  readonly #when = h("time", { class: "replay-when num" });
  readonly #what = h("span", { class: "replay-what", role: "status" });
  readonly #play: HTMLButtonElement;
  readonly #speed: HTMLSelectElement;
  readonly #reveal: (obj: string) => void;
  #playback: Playback | null = null;
  #at = 0;
  #timer = 0;

  constructor(review: Review, twin: Twin, reveal: (obj: string) => void) {
    this.#review = review;
    this.#twin = twin;
    this.#reveal = reveal;
    this.#play = button("", { class: "btn btn-small btn-primary replay-play" }, () => (this.#timer ? this.#pause() : this.#start()));
    this.#speed = h("select", { class: "replay-speed", "aria-label": t("速度", "Speed") }, ...SPEEDS.map((speed) => h("option", { value: speed }, `${speed}×`)));
    this.#speed.value = "4";
    this.#slider.addEventListener("input", () => {
      this.#pause();
      this.#go(Number(this.#slider.value));
    });
    const one = (by: number, name: "chevronLeft" | "chevronRight", label: string): HTMLElement =>
      iconButton(name, label, () => {
        this.#pause();
        this.#go(this.#at + by);
      }, { class: "btn btn-small btn-quiet btn-icon" }, 16);
    this.element.append(
      h("div", { class: "replay-line" }, h("span", { class: "badge badge-amber" }, icon("rotate", 14), t("回放中，不能批注", "Replay; marking is off")), this.#when, this.#what, h("a", { class: "btn btn-small btn-quiet push", href: "../minutes/" }, icon("list", 16), t("纪要", "Minutes")), iconButton("close", t("结束回放（Esc）", "End the replay (Esc)"), () => this.close(), { class: "btn btn-small btn-quiet btn-icon" }, 16)),
      h("div", { class: "replay-line" }, one(-1, "chevronLeft", t("上一步", "Step back")), this.#play, one(1, "chevronRight", t("下一步", "Step on")), h("div", { class: "replay-track" }, this.#slider, this.#ticks), this.#speed),
    );
  }

  get isOpen(): boolean {
    return this.#playback !== null;
  }

  async open(): Promise<void> {
    if (this.isOpen) return;
    let ops: Op[];
    try {
      ops = await wholeLog(this.#twin);
    } catch {
      toast(t("批注记录没有取到，请稍后再试。", "The log could not be fetched; try again."), "red");
      return;
    }
    if (ops.length === 0) {
      toast(t("这张图还没有批注记录可以回放。", "This sheet has no log to play back yet."), "amber");
      return;
    }
    this.#playback = new Playback(ops);
    this.element.hidden = false;
    this.#slider.max = String(ops.length);
    // Where each sitting begins: the long pauses between are not played.
    fill(this.#ticks, ...this.#playback.sessions.map((session) => {
      const tick = h("i", { title: fullTime(session.begin) });
      tick.style.insetInlineStart = `${(100 * session.from) / ops.length}%`;
      return tick;
    }));
    this.#review.setTool("select");
    this.#review.select([]);
    this.#go(this.#playback.sessions.at(-1)?.from ?? 0);
    this.#start();
    this.#play.focus();
  }

  /** Back to the present; false when nothing was played. */
  close(): boolean {
    if (!this.isOpen) return false;
    this.#pause();
    this.#playback = null;
    this.element.hidden = true;
    this.#review.showPast(null);
    return true;
  }

  #start(): void {
    const playback = this.#playback;
    if (!playback) return;
    if (this.#at >= playback.ops.length) this.#go(0);
    const next = (): void => {
      this.#timer = window.setTimeout(() => {
        this.#go(this.#at + 1);
        if (this.#at >= playback.ops.length) this.#pause();
        else next();
      }, pauseBefore(playback.ops, this.#at, Number(this.#speed.value)));
    };
    next();
    this.#showPlay();
  }

  #pause(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    this.#showPlay();
  }

  #showPlay(): void {
    fill(this.#play, this.#timer ? t("暂停", "Pause") : t("播放", "Play"));
  }

  #go(to: number): void {
    const playback = this.#playback;
    if (!playback) return;
    this.#at = Math.max(0, Math.min(playback.ops.length, to));
    this.#slider.value = String(this.#at);
    const { marks } = playback.at(this.#at);
    this.#review.showPast(marks);
    const op = playback.ops[this.#at - 1];
    const step = `${this.#at} / ${playback.ops.length}`;
    this.#when.textContent = op ? fullTime(op.at) : "";
    this.#slider.setAttribute("aria-valuetext", op ? fullTime(op.at) : step);
    const { directory } = this.#review;
    this.#what.textContent = op ? `${step} · ${directory.personName(op.by)} · ${op.dept ? `${directory.departmentName(op.dept)} · ` : ""}${actWords(op, op.obj ? marks.get(op.obj)?.p["tool"] : "")}` : step;
    if (op?.obj) {
      this.#review.hover(op.obj);
      this.#reveal(op.obj);
    } else this.#review.hover(null);
  }
}
