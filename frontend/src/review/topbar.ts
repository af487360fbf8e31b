/** The bar above the canvas: where I am, who is here, whether everything is saved. */

import { t } from "../site/language";
import { button, fill, h, rebuild } from "./dom";
import { icon } from "./icons";
import { badge, iconButton } from "./pieces";
import type { Review } from "./review";
import { sheetState } from "./words";
import { neighbour } from "./panels/sheets";
import { sheetPage } from "./config";

const FACES = 5;

export interface TopbarOwner {
  toggle(side: "left" | "right"): void;
  setPaper(): void;
  /** Asks everybody here to look where I look. */
  call(): void;
  help(): void;
  print(): void;
  /** Plays the sheet's log back. */
  replay(): void;
}

export function topbar(review: Review, owner: TopbarOwner): HTMLElement {
  const { sheet, signals } = review;
  const state = h("span", { class: "topbar-state" });
  const people = h("div", { class: "people", "aria-label": t("在线", "Online") });
  const call = iconButton("megaphone", t("请在场的人来看这里", "Ask everybody to look here"), () => owner.call(), { class: "btn btn-quiet btn-icon topbar-call" });
  const save = saveBadge(review);
  const step = (by: 1 | -1, name: "chevronLeft" | "chevronRight", label: string): HTMLButtonElement =>
    iconButton(name, label, () => {
      const next = neighbour(review, by);
      if (next) location.assign(sheetPage(next.id));
    }, { class: "btn btn-quiet btn-icon topbar-step" });
  const before = step(-1, "chevronLeft", t("上一张（[）", "Previous sheet ([)"));
  const after = step(1, "chevronRight", t("下一张（]）", "Next sheet (])"));
  const element = h(
    "header",
    { class: "topbar" },
    review.config.urls.back ? h("a", { class: "btn btn-quiet btn-icon", href: review.config.urls.back, title: t("返回", "Back"), "aria-label": t("返回", "Back") }, icon("back", 18)) : null,
    iconButton("panelLeft", t("图纸与图层", "Sheets and layers"), () => owner.toggle("left"), { "data-panel": "left", class: "btn btn-quiet btn-icon topbar-panel" }),
    h("div", { class: "topbar-title" }, h("h1", {}, sheet.number ? h("span", { class: "topbar-number" }, sheet.number) : null, " ", sheet.name), h("span", { class: "topbar-set" }, t("{set} · {no} 版", "{set} · revision {no}", { set: sheet.set.name, no: sheet.revision.no }))),
    before,
    after,
    state,
    h("span", { class: "push" }),
    people,
    call,
    save,
    iconButton("paper", t("深色 / 浅色图面", "Dark or light paper"), () => owner.setPaper()),
    iconButton("history", t("回放会审过程", "Replay the review"), () => owner.replay(), { class: "btn btn-quiet btn-icon topbar-replay" }),
    iconButton("printer", t("按比例打印（Ctrl+P）", "Print at scale (Ctrl+P)"), () => owner.print(), { class: "btn btn-quiet btn-icon topbar-print" }),
    iconButton("help", t("快捷键（?）", "Shortcuts (?)"), () => owner.help(), { class: "btn btn-quiet btn-icon topbar-help" }),
    iconButton("panelRight", t("意见与批注", "Opinions and marks"), () => owner.toggle("right"), { "data-panel": "right", class: "btn btn-quiet btn-icon topbar-panel" }),
  );

  const showState = (): void => {
    const words = sheetState(review.room.log.state);
    fill(state, review.room.link === "connecting" && review.room.log.last === 0 ? null : badge(h("span", { class: "badge-text" }, words.text), words.tone, review.room.log.state === "open" ? "circleDot" : "lock", words.text));
    const round = review.catalogue.round;
    if (round) state.append(badge(t("第 {n} 轮", "Round {n}", { n: round.no })));
    before.disabled = neighbour(review, -1) === null;
    after.disabled = neighbour(review, 1) === null;
  };

  const showPeople = (): void => {
    const others = [...review.together.people.values()].sort((a, b) => a.name.localeCompare(b.name, "zh-CN"));
    const faces = others.slice(0, FACES).map((person) => {
      const department = review.directory.department(person.dept);
      const followed = review.together.following === person.conn;
      const face = button([h("b", {}, [...person.name][0] ?? "?"), h("span", { class: "visually-hidden" }, person.name)], {
        class: "face",
        "data-key": person.conn,
        "data-color": department?.color ?? null,
        "aria-pressed": String(followed),
        title: followed ? t("正在跟随 {name}，再点停止", "Following {name}; click to stop", { name: person.name }) : t("{name} · {dept} · 点击跟随", "{name} · {dept} · click to follow", { name: person.name, dept: review.directory.departmentName(person.dept) }),
      }, () => (review.together.following === person.conn ? review.together.unfollow() : review.together.follow(person.conn)));
      return face;
    });
    const count = t("{n} 人在线", "{n} here", { n: others.length + 1 });
    const more = others.length > FACES ? h("span", { class: "face face-more", "data-key": "more" }, `+${others.length - FACES}`) : null;
    const hidden = review.room.link !== "live" && review.room.link !== "unsteady";
    people.classList.toggle("is-stale", hidden);
    call.hidden = others.length === 0 || hidden;
    rebuild(people, [...faces, ...(more ? [more] : []), h("span", { class: "people-count", "data-key": "count" }, icon("users", 14), count)]);
  };

  signals.on(["status", "round"], showState);
  signals.on(["people", "status", "round"], showPeople);
  showState();
  showPeople();
  return element;
}

/** "已全部保存", "3 条未同步", "离线 · 3 条未同步": always there, never only a colour. */
function saveBadge(review: Review): HTMLElement {
  const element = button("", { class: "save-state", "aria-live": "polite" }, () => review.room.retryNow());
  const show = (): void => {
    const { room } = review;
    const count = room.unsaved;
    const waiting = t("{n} 条未同步", "{n} unsaved", { n: count });
    let tone = "green";
    let sign: Parameters<typeof icon>[0] = "badgeCheck";
    let text = t("已全部保存", "All saved");
    let title = t("所有批注都已保存到服务器。", "Every mark is stored on the server.");
    switch (room.link) {
      case "connecting":
        [tone, sign, text, title] = ["", "hourglass", t("正在连接…", "Connecting…"), ""];
        break;
      case "live":
        if (count > 0) [tone, sign, text, title] = ["blue", "hourglass", waiting, t("正在保存。", "Saving.")];
        break;
      case "unsteady":
        [tone, sign, text] = ["amber", "hourglass", count > 0 ? `${t("连接不稳", "Unsteady")} · ${waiting}` : t("连接不稳", "Unsteady")];
        title = t("服务器没有及时回应，内容已存在本机，会自动重发。", "No answer in time. Your work is on this machine and is sent again by itself.");
        break;
      case "offline":
        [tone, sign, text] = ["amber", "wifiOff", count > 0 ? `${t("离线", "Offline")} · ${waiting}` : t("离线", "Offline")];
        title = t("可以继续批注，联网后自动同步；点击立即重试。", "Keep marking; it is sent when the line is back. Click to try now.");
        break;
      case "polling":
        [tone, sign, text] = ["amber", count > 0 ? "hourglass" : "badgeCheck", count > 0 ? waiting : t("已保存 · 慢速同步", "Saved · slow sync")];
        title = t("实时通道不可用，改用普通网络请求，约 3 秒更新一次；看不到他人光标。", "No live channel here; updates every 3 seconds, without cursors.");
        break;
      case "stopped":
        if (room.isShut) {
          [tone, sign, text, title] = ["", "eye", t("仅查看", "View only"), ""];
          break;
        }
        [tone, sign, text] = ["red", "octagon", count > 0 ? `${t("已断开", "Closed")} · ${waiting}` : t("已断开", "Closed")];
        title = stopText(room.stopCode);
        break;
    }
    if (count > 0 && !room.durable) title += t(" 浏览器不允许本机保存，请不要关闭页面。", " This browser stores nothing: do not close the page.");
    const before = element.dataset["text"];
    if (before === text + title) return;
    element.dataset["text"] = text + title;
    element.className = `save-state badge${tone ? ` badge-${tone}` : ""}${sign === "hourglass" ? " is-busy" : ""}`;
    element.title = title;
    fill(element, icon(sign, 14), h("span", { class: "save-text" }, text));
  };
  review.signals.on("status", show);
  show();
  return element;
}

/** Why the server closed the room for good, in plain words. */
export function stopText(code: number | null): string {
  switch (code) {
    case 4401:
      return t("登录已失效，请重新登录；未同步的批注留在本机，登录后自动发送。", "Your sign-in has ended; sign in again. Unsent marks stay here and are sent afterwards.");
    case 4403:
      return t("您现在无权进入这张图的会审室。", "You may no longer enter the room of this sheet.");
    case 4404:
      return t("没有这张图，可能已被新版本替换。", "There is no such sheet; a new revision may have replaced it.");
    case 4413:
      return t("有一条批注太大（超过 64 KB），请拆成几条再画。", "A mark is too large (over 64 KB); split it.");
    default:
      return t("连接已关闭，请刷新页面。", "The connection is closed; reload the page.");
  }
}
