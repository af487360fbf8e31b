/** Puts the review canvas together: stage, tools, panels, cursors, keys; and keeps canvas and lists in step. */

import { unByKey } from "ol/Observable";
import OlFeature from "ol/Feature";
import type OlGeometry from "ol/geom/Geometry";
import OlPolygon from "ol/geom/Polygon";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import { boxOfText } from "../drawing/labels";
import type { Box, Paper } from "../drawing/manifest";
import { visibleBox } from "../drawing/view_frame";
import type { Payload } from "../realtime/protocol";
import { t } from "../site/language";
import { toast } from "../site/toasts";
import { button, fill, h } from "./dom";
import { askYoursOrTheirs } from "./conflict";
import { cursorsLayer, followFrame } from "./cursors";
import { expose } from "./hook";
import { icon } from "./icons";
import { deptChip, iconButton } from "./pieces";
import { listenToKeys, shortcuts } from "./keys";
import { stylesOf, type Ink, type MarkView, type Standing } from "./mark_view";
import { compose } from "./panels/compose";
import { layersPanel } from "./panels/layers";
import { marksPanel } from "./panels/marks";
import { opinionsPanel } from "./panels/opinions";
import { noteSeen, sheetsPanel } from "./panels/sheets";
import { signDialog } from "./panels/sign";
import type { OpinionRecord } from "./records";
import type { Review } from "./review";
import { whyClosed } from "./rights";
import { quick, Stage } from "./stage";
import { statusbar } from "./statusbar";
import { toolbar } from "./toolbar";
import { stopText, topbar } from "./topbar";
import { Pen } from "./tools/pen";
import { sketchStyle } from "./tools/sketch_style";
import { Writer } from "./writer";
import { joinBoxes, widen } from "./geometry";

const NARROW = matchMedia("(width <= 860px)");
const PANELS = "lianshen-panels";
const PAPER = "lianshen-paper";
const FLASH_MS = 1_100;
const EPH_AGAIN_MS = 1_000;
const CALL_MS = 3_000;
const CALL_SHOWN_MS = 20_000;

type Tab = "opinions" | "marks";

/** Builds the page inside `root` and starts everything that moves. */
export function buildCanvas(root: HTMLElement, review: Review): void {
  const { config, drawing, signals } = review;
  const remembered = localStorage.getItem(`${PAPER}:${drawing.manifest.kind}`);
  if (remembered === "dark" || remembered === "light") drawing.setPaper(remembered);

  // ---- the stage --------------------------------------------------------------------------------------------------

  const place = h("div", { class: "stage", tabindex: 0, role: "application", "aria-label": t("图纸画布", "Drawing canvas") });
  const inks = new Map<string, Ink>();
  const inkOf = (dept: string | null): Ink => {
    const key = dept ?? "";
    let ink = inks.get(key);
    if (!ink) {
      ink = { color: review.directory.colorOf(dept), ink: review.directory.inkOf(dept), badge: review.directory.badgeOf(dept) };
      inks.set(key, ink);
    }
    return ink;
  };
  const isDark = (): boolean => drawing.paper === "dark";
  const standingOf = (view: MarkView): Standing => {
    const holder = review.together.holderOf(view.mark.obj);
    return {
      selected: review.selection.has(view.mark.obj),
      hovered: review.hovered === view.mark.obj,
      held: holder ? inkOf(holder.dept).color : null,
      waiting: review.isWaiting(view),
      opinion: review.catalogue.opinionOfMark(view.mark.obj)?.no ?? null,
      dark: isDark(),
    };
  };
  const markStyle = (feature: unknown, resolution: number): Style[] => {
    const view = review.shown.get(String((feature as OlFeature).getId()));
    return view ? stylesOf(view, inkOf(view.mark.dept), standingOf(view), resolution) : [];
  };
  const flashStyle = (feature: OlFeature<OlGeometry>): Style[] => {
    const age = (Date.now() - Number(feature.get("since"))) / FLASH_MS;
    const share = Math.max(0, 0.55 * (1 - age));
    const color = String(feature.get("color"));
    const alpha = Math.round(share * 255).toString(16).padStart(2, "0");
    return [new Style({ stroke: new Stroke({ color: `${color}${alpha}`, width: 6 + 22 * Math.min(1, age), lineCap: "round", lineJoin: "round" }), fill: new Fill({ color: `${color}00` }) })];
  };
  const stage = new Stage(place, drawing, markStyle, sketchStyle(() => inkOf(config.me.dept).color), flashStyle);

  const syncFeatures = (): void => {
    for (const feature of stage.marks.getFeatures()) {
      const view = review.shown.get(String(feature.getId()));
      if (!view || view.feature !== feature) stage.marks.removeFeature(feature);
    }
    for (const view of review.shown.values()) if (stage.marks.getFeatureById(view.mark.obj) !== view.feature) stage.marks.addFeature(view.feature);
    stage.marks.changed();
  };
  signals.on("marks", syncFeatures);
  signals.on(["selection", "people"], () => stage.marks.changed());
  signals.on(["round", "people"], () => inks.clear());
  stage.layer.on("change", () => signals.tell("drawing"));
  stage.layer.onCompleteness = () => signals.tell("drawing");

  review.onForeignEdit = (view) => {
    if (document.hidden || quick(1) === 0) return;
    shine(view.feature.getGeometry()!.clone(), inkOf(view.mark.dept).color);
  };
  const shine = (geometry: OlGeometry, color: string): void => {
    const feature = new OlFeature({ geometry, since: Date.now(), color });
    stage.flash.addFeature(feature);
    const listener = stage.map.on("postrender", () => stage.map.render());
    stage.map.render();
    setTimeout(() => {
      stage.flash.removeFeature(feature);
      unByKey(listener);
    }, FLASH_MS);
  };

  // ---- writing, pointing ------------------------------------------------------------------------------------------

  const writer = new Writer(review, stage);
  const status = statusbar(review, stage);
  let pointer: [number, number] | null = null;
  let calledAt = 0;
  let again = 0;
  const whereIAm = (): Payload => ({
    ...(pointer ? { x: pointer[0], y: pointer[1] } : {}),
    sel: [...review.selection].slice(0, 50),
    tool: review.tool,
    view: [...stage.center, stage.resolution, stage.rotation],
    ...(review.editing ? { edit: review.editing } : {}),
    ...(Date.now() - calledAt < CALL_MS ? { call: calledAt } : {}),
  });
  /** Tells where I am now, and once more when I rest: the server drops these frames first. */
  const say = (): void => {
    review.room.point(whereIAm());
    window.clearTimeout(again);
    again = window.setTimeout(() => review.room.point(whereIAm()), EPH_AGAIN_MS);
  };
  const pen = new Pen(review, stage, {
    writeText: (obj, at) => writer.open(obj, at),
    drawn: (obj) => {
      const tool = review.tool;
      if (tool !== "measure" && tool !== "stamp" && tool !== "freehand") review.setTool("select");
      review.select([obj]);
      const view = review.view(obj);
      if (view && (tool === "cloud" || tool === "rect" || tool === "ellipse" || tool === "arrow" || tool === "polygon")) setTimeout(() => writer.open(obj, [view.box[0], view.box[1]]), 0);
    },
    pointed: (at) => {
      pointer = at;
      review.room.wake();
      status.pointed(at);
      say();
    },
  });
  stage.map.addInteraction(pen);
  writer.onCreated = (obj) => {
    review.setTool("select");
    review.select([obj]);
  };
  signals.on(["selection", "tool"], say);
  stage.map.on("moveend", say);
  stage.view.on("change", say);

  // ---- panels -----------------------------------------------------------------------------------------------------

  let tab: Tab = "opinions";
  let composing = false;
  let edited: OpinionRecord | undefined;
  const rightBody = h("div", { class: "panel-tabs-body" });
  const showOnCanvas = (box: Box): void => stage.reveal(box);
  const show = (obj: string): void => {
    const view = review.view(obj);
    if (view) showOnCanvas(view.box);
    if (NARROW.matches) setPanel("right", false);
  };
  const raise = (): void => {
    const { raisable, hasRound } = review.catalogue;
    if (raisable.length === 0) {
      const why = whyClosed(review.room.log.state);
      toast(why ?? (hasRound ? t("您没有可提意见的任务：任务未认领、已签署，或不属于您的部门。", "You have no task to raise opinions in: unclaimed, signed, or not your department's.") : t("这张图还没有进入审查轮次，不能提意见。", "This sheet is not in a review round.")), "amber");
      return;
    }
    const cited = review.selected.find((view) => view.mark.cited);
    if (cited) {
      toast(t("选中的批注已经写入意见。", "The selected mark is already in an opinion."), "amber");
      return;
    }
    writer.save();
    openForm();
  };
  const openForm = (opinion?: OpinionRecord): void => {
    composing = true;
    edited = opinion;
    setPanel("right", true);
    showRight();
  };
  const marks = marksPanel(review, {
    show,
    raise: () => raise(),
    write: (obj) => openWriter(obj),
    showText: (record) => {
      const box = boxOfText(record);
      const [x0, y0, x1, y1] = box;
      showOnCanvas(widen(box, 4));
      shine(new OlPolygon([[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]]), "#ffb020");
      if (NARROW.matches) setPanel("right", false);
    },
  });
  const opinions = opinionsPanel(review, {
    show: (opinion) => showOpinion(opinion),
    raise: () => raise(),
    edit: (opinion) => openForm(opinion),
    sign: (task) => signDialog(review, task),
  });
  const openWriter = (obj: string): void => {
    const view = review.view(obj);
    if (!view) return;
    showOnCanvas(view.box);
    if (NARROW.matches) setPanel("right", false);
    setTimeout(() => writer.open(obj, [view.box[0], view.box[1]]), 0);
  };
  const showOpinion = (opinion: OpinionRecord): void => {
    const here = opinion.marks.filter((obj) => review.shown.has(obj));
    review.select(here);
    const box = opinion.region ?? joinBoxes(here.flatMap((obj) => review.view(obj)?.box ?? []).length ? here.map((obj) => review.view(obj)!.box) : []);
    if (box) showOnCanvas(box);
    if (NARROW.matches) setPanel("right", false);
  };
  const tabButton = (name: Tab, label: string): HTMLButtonElement =>
    button([label, h("span", { class: "tab-count num" })], { class: "", role: "tab", id: `tab-${name}`, "aria-controls": "right-panel", "data-tab": name }, () => {
      tab = name;
      composing = false;
      showRight();
    });
  const tabs = [tabButton("opinions", t("意见", "Opinions")), tabButton("marks", t("批注", "Marks"))];
  const right = h("aside", { class: "side side-right", id: "right-panel", "aria-label": t("意见与批注", "Opinions and marks") }, h("div", { class: "tabs panel-tabs", role: "tablist" }, ...tabs), rightBody);
  const showRight = (): void => {
    for (const one of tabs) one.setAttribute("aria-selected", String(one.dataset["tab"] === tab));
    right.classList.toggle("is-composing", composing);
    if (composing) {
      fill(rightBody, compose(review, () => stage.resolution, () => {
        composing = false;
        tab = "opinions";
        showRight();
        stage.viewport.focus();
      }, edited));
      return;
    }
    const panel = tab === "opinions" ? opinions : marks;
    fill(rightBody, panel.element);
    panel.show();
  };
  const showCounts = (): void => {
    const living = [...review.room.log.view.values()].filter((mark) => !mark.deleted).length;
    const standing = review.catalogue.opinions.filter((opinion) => opinion.state !== "withdrawn" && opinion.state !== "merged").length;
    for (const one of tabs) one.querySelector(".tab-count")!.textContent = String(one.dataset["tab"] === "marks" ? living : standing);
  };
  signals.on(["marks", "opinions"], showCounts);
  signals.on("selection", () => {
    // A mark that is no opinion yet is best seen in the list of marks.
    if (composing || review.selection.size !== 1 || tab === "marks") return;
    const [obj] = review.selection;
    if (obj && !review.catalogue.opinionOfMark(obj)) {
      tab = "marks";
      showRight();
    }
  });

  const layers = layersPanel(review);
  const left = h("aside", { class: "side side-left", "aria-label": t("图纸与图层", "Sheets and layers") }, sheetsPanel(review), layers.element);

  // ---- notices over the canvas ------------------------------------------------------------------------------------

  const notice = h("div", { class: "canvas-notice", role: "status" });
  const showNotice = (): void => {
    const { room } = review;
    if (room.isShut) {
      fill(notice, h("div", { class: "callout" }, icon("eye"), h("div", {}, t("批注只对参加会审的部门开放；您可以查看图纸和测量。", "Marks are open to the departments on the round; you can look at the drawing and measure."))));
      return;
    }
    if (room.link === "stopped" && room.stopCode === 4403) {
      fill(notice, reasonForm(review));
      return;
    }
    if (room.link === "stopped") {
      fill(
        notice,
        h(
          "div",
          { class: "callout callout-red" },
          icon("octagon"),
          h("div", {}, stopText(room.stopCode)),
          room.stopCode === 4401 ? h("a", { class: "btn btn-small", href: `/accounts/login/?next=${encodeURIComponent(location.pathname)}` }, t("重新登录", "Sign in")) : button(t("刷新", "Reload"), { class: "btn btn-small" }, () => location.reload()),
        ),
      );
      return;
    }
    const why = room.link === "connecting" ? null : whyClosed(room.log.state);
    if (why) fill(notice, h("div", { class: `callout callout-${room.log.state === "frozen" ? "stopped" : ""}` }, icon("lock"), h("div", {}, why)));
    else fill(notice);
  };
  signals.on("status", showNotice);

  // ---- page -------------------------------------------------------------------------------------------------------

  const calls = h("div", { class: "call-notes", role: "status" });
  review.together.onCall = (person) => {
    const view = person.view;
    if (!view) return;
    const note = h("div", { class: "call-note", "data-color": review.directory.department(person.dept)?.color ?? null });
    const go = (): void => {
      stage.view.animate({ center: [view[0], view[1]], resolution: view[2], rotation: view[3], duration: quick(260) });
      note.remove();
    };
    note.append(deptChip(review.directory, person.dept), h("span", {}, t("{name} 请您看这里", "{name} asks you to look", { name: person.name })), button(t("前往", "Go there"), { class: "btn btn-small btn-primary" }, go), iconButton("close", t("关闭提示", "Dismiss"), () => note.remove(), { class: "btn btn-quiet btn-icon btn-small" }, 14));
    calls.replaceChildren(note);
    setTimeout(() => note.remove(), CALL_SHOWN_MS);
  };

  const canvasBox = h("section", { class: "canvas-box", "aria-label": t("图纸", "Drawing") }, place, cursorsLayer(review, stage), followFrame(review), h("div", { class: "canvas-notices" }, notice, calls), toolbar(review), status.element);
  const panels = readPanels();
  const shell = h("div", { class: "review-columns" }, left, canvasBox, right);
  const bar = topbar(review, {
    toggle: (side) => setPanel(side, !panels[side]),
    setPaper: () => {
      const paper: Paper = drawing.paper === "dark" ? "light" : "dark";
      drawing.setPaper(paper);
      localStorage.setItem(`${PAPER}:${drawing.manifest.kind}`, paper);
      showPaper();
    },
    call: () => {
      calledAt = Date.now();
      say();
      toast(t("已请在场的人来看您这里。", "Everybody here has been asked to look."), "green");
    },
    help: shortcuts,
  });
  const scrim = h("div", { class: "side-scrim" });
  scrim.addEventListener("click", () => {
    setPanel("left", false);
    setPanel("right", false);
  });
  const setPanel = (side: "left" | "right", open: boolean): void => {
    panels[side] = open;
    if (NARROW.matches && open) panels[side === "left" ? "right" : "left"] = false;
    if (!NARROW.matches) localStorage.setItem(PANELS, JSON.stringify(panels));
    showPanels();
  };
  const showPanels = (): void => {
    shell.classList.toggle("has-left", panels.left);
    shell.classList.toggle("has-right", panels.right);
    scrim.hidden = !NARROW.matches || (!panels.left && !panels.right);
    for (const one of bar.querySelectorAll<HTMLElement>("[data-panel]")) one.setAttribute("aria-pressed", String(panels[one.dataset["panel"] as "left" | "right"]));
    signals.tell("panels");
  };
  const showPaper = (): void => {
    canvasBox.dataset["paper"] = drawing.paper;
    stage.marks.changed();
  };
  fill(root, bar, shell, scrim);
  NARROW.addEventListener("change", () => {
    Object.assign(panels, readPanels());
    showPanels();
  });
  new ResizeObserver(() => stage.map.updateSize()).observe(place);
  showPaper();
  showPanels();
  showRight();
  showCounts();

  // ---- together ---------------------------------------------------------------------------------------------------

  review.together.onFollow = ([x, y, resolution, rotation]) => {
    stage.view.animate({ center: [x, y], resolution, rotation, duration: quick(120) });
  };
  for (const kind of ["pointerdown", "wheel"]) stage.viewport.addEventListener(kind, () => review.together.unfollow(), { passive: true });
  signals.on("status", () => {
    if (review.room.link === "offline" || review.room.link === "stopped" || review.room.link === "polling") review.together.clear();
  });
  review.onConflict = (conflict) => askYoursOrTheirs(review, conflict);

  // ---- keys, closing ----------------------------------------------------------------------------------------------

  listenToKeys(review, stage, pen, {
    search: () => {
      tab = "marks";
      composing = false;
      setPanel("right", true);
      showRight();
      marks.search.focus();
    },
    layers: () => {
      setPanel("left", true);
      layers.search.focus();
    },
    raise,
    write: () => {
      const [obj] = review.selection;
      if (obj && review.whyNot("edit", review.mark(obj) ?? null) === null) openWriter(obj);
    },
    escape: () => {
      if (!composing) return false;
      composing = false;
      showRight();
      return true;
    },
  });
  window.addEventListener("beforeunload", (event) => {
    writer.save();
    // While the line is good the rest is on its way, and on this machine besides.
    if (review.room.unsaved > 0 && (review.room.link !== "live" || !review.room.durable)) event.preventDefault();
  });
  window.addEventListener("online", () => review.room.retryNow());
  window.addEventListener("offline", () => review.room.networkLost());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) review.room.retryNow();
  });
  noteSeen(review.sheet.id);

  // ---- deep links -------------------------------------------------------------------------------------------------

  const followHash = (): boolean => {
    const [, kind, id] = /^#(mark|opinion)-(.+)$/.exec(location.hash) ?? [];
    if (!kind || !id) return true;
    if (kind === "mark" && review.view(id)) {
      review.select([id]);
      show(id);
      return true;
    }
    const opinion = kind === "opinion" ? review.catalogue.opinions.find((one) => one.id === id) : undefined;
    if (opinion) showOpinion(opinion);
    return opinion !== undefined;
  };
  let linked = location.hash === "";
  signals.on(["marks", "opinions"], () => {
    linked ||= followHash();
  });
  window.addEventListener("hashchange", followHash);
  expose(review, stage, () => visibleBox({ center: stage.center, resolution: stage.resolution, rotation: stage.rotation, width: place.clientWidth, height: place.clientHeight, ratio: 1 }));
}

/** A supervisor says why he looks; anybody else learns that the room is shut to him. */
function reasonForm(review: Review): HTMLElement {
  const input = h("input", { type: "text", minlength: 4, maxlength: 400, required: true, "aria-label": t("查看事由", "Reason"), placeholder: t("查看事由，至少 4 个字", "Reason, at least 4 characters") });
  const form = h(
    "form",
    { class: "callout callout-amber reason-form" },
    icon("lock"),
    h(
      "div",
      {},
      h("p", {}, t("您不在本轮会审的部门之列。监察人员请写明查看事由，事由会记入审计。", "You are not in a department of this round. Supervisors: say why you look; the reason is recorded.")),
      h("div", { class: "row" }, input, button(t("进入", "Enter"), { class: "btn btn-small", type: "submit" }, () => undefined)),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim().length >= 4) void review.room.restart(input.value.trim());
  });
  return form;
}

function readPanels(): { left: boolean; right: boolean } {
  if (NARROW.matches) return { left: false, right: false };
  try {
    const kept = JSON.parse(localStorage.getItem(PANELS) ?? "null") as { left?: boolean; right?: boolean } | null;
    if (kept) return { left: kept.left !== false, right: kept.right !== false };
  } catch {
    // Not ours: start with both.
  }
  return { left: true, right: true };
}
