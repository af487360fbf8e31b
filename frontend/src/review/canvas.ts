/** Puts the review canvas together: stage, tools, panels, cursors, keys. Each part says itself what it does. */

import type { Paper } from "../drawing/manifest";
import { visibleBox } from "../drawing/view_frame";
import { httpTwin } from "../realtime/twin";
import { t } from "../site/language";
import { fill, h } from "./dom";
import { Columns } from "./columns";
import { askYoursOrTheirs } from "./conflict";
import { cursorsLayer, followFrame } from "./cursors";
import { followAddress } from "./deep_links";
import { flashForeignEdits, flashStyle } from "./flash";
import { expose } from "./hook";
import { inksOf } from "./inks";
import { listenToKeys, shortcuts } from "./keys";
import { keepInStep, markStyle } from "./marks_on_stage";
import { callNotes, canvasNotice } from "./notices";
import { layersPanel } from "./panels/layers";
import { noteSeen, sheetsPanel } from "./panels/sheets";
import { PrintCard } from "./panels/print";
import { Properties } from "./panels/properties";
import type { Review } from "./review";
import { ReplayBar } from "./replay_bar";
import { RightSide } from "./right_side";
import { quick, Stage } from "./stage";
import { statusbar } from "./statusbar";
import { toolbar } from "./toolbar";
import { topbar } from "./topbar";
import { Pen } from "./tools/pen";
import { sketchStyle } from "./tools/sketch_style";
import { ViewAids } from "./view_aids";
import { Whereabouts } from "./whereabouts";
import { Writer } from "./writer";

const PAPER = "lianshen-paper";
/** After these the tool stays in hand; after the others the new mark is selected for what comes next. */
const DRAWN_IN_SERIES: ReadonlySet<string> = new Set(["measure", "stamp", "freehand"]);
/** These ask for their words at once. */
const WANT_WORDS: ReadonlySet<string> = new Set(["cloud", "rect", "ellipse", "arrow", "polygon"]);

/** Builds the page inside `root` and starts everything that moves. */
export function buildCanvas(root: HTMLElement, review: Review): void {
  const { config, drawing, signals } = review;
  const paperKept = `${PAPER}:${drawing.manifest.kind}`;
  const remembered = localStorage.getItem(paperKept);
  if (remembered === "dark" || remembered === "light") drawing.setPaper(remembered);

  const place = h("div", { class: "stage", tabindex: 0, role: "application", "aria-label": t("图纸画布", "Drawing canvas") });
  const inkOf = inksOf(review);
  const stage = new Stage(place, drawing, markStyle(review, inkOf), sketchStyle(() => inkOf(config.me.dept).color), flashStyle);
  keepInStep(review, stage);
  flashForeignEdits(review, stage, inkOf);
  stage.layer.on("change", () => signals.tell("drawing"));
  stage.layer.onCompleteness = () => signals.tell("drawing");

  const writer = new Writer(review, stage);
  const aids = new ViewAids(review, stage);
  const status = statusbar(review, stage, aids.buttons);
  const whereabouts = new Whereabouts(review, stage);
  const properties = new Properties(review, stage);
  const print = new PrintCard(review, stage);
  const pen = new Pen(review, stage, {
    writeText: (obj, at) => writer.open(obj, at),
    drawn: (obj) => {
      const tool = review.tool;
      if (!DRAWN_IN_SERIES.has(tool)) review.setTool("select");
      review.select([obj]);
      const view = review.view(obj);
      if (view && WANT_WORDS.has(tool)) setTimeout(() => writer.open(obj, [view.box[0], view.box[1]]), 0);
    },
    pointed: (at) => {
      whereabouts.pointed(at);
      status.pointed(at);
    },
    inspect: (at) => properties.inspect(at),
  });
  stage.map.addInteraction(pen);
  writer.onCreated = (obj) => {
    review.setTool("select");
    review.select([obj]);
  };

  const replay = new ReplayBar(review, httpTwin(`/api/v1/sheets/${review.sheet.id}`), (obj) => {
    const view = review.shown.get(obj);
    if (view) stage.reveal(view.box);
  });
  const columns = new Columns(signals);
  const right = new RightSide(review, stage, writer, columns);
  const layers = layersPanel(review);
  const left = h("aside", { class: "side side-left", "aria-label": t("图纸与图层", "Sheets and layers") }, sheetsPanel(review), layers.element);
  const notices = h("div", { class: "canvas-notices" }, canvasNotice(review), callNotes(review, stage));
  const canvasBox = h("section", { class: "canvas-box", "aria-label": t("图纸", "Drawing") }, place, cursorsLayer(review, stage), followFrame(review), notices, aids.north, properties.element, print.element, replay.element, toolbar(review), status.element);
  const showPaper = (): void => {
    canvasBox.dataset["paper"] = drawing.paper;
    aids.setPaper();
    stage.marks.changed();
  };
  const bar = topbar(review, {
    toggle: (side) => columns.toggle(side),
    setPaper: () => {
      const paper: Paper = drawing.paper === "dark" ? "light" : "dark";
      drawing.setPaper(paper);
      localStorage.setItem(paperKept, paper);
      showPaper();
    },
    call: () => whereabouts.call(),
    help: shortcuts,
    print: () => print.toggle(),
    replay: () => void replay.open(),
  });
  columns.fill(bar, left, canvasBox, right.element);
  fill(root, bar, columns.element, columns.scrim);
  new ResizeObserver(() => stage.map.updateSize()).observe(place);
  showPaper();
  columns.show();
  right.show();

  review.together.onFollow = ([x, y, resolution, rotation]) => {
    stage.view.animate({ center: [x, y], resolution, rotation, duration: quick(120) });
  };
  for (const kind of ["pointerdown", "wheel"]) stage.viewport.addEventListener(kind, () => review.together.unfollow(), { passive: true });
  signals.on("status", () => {
    if (review.room.link === "offline" || review.room.link === "stopped" || review.room.link === "polling") review.together.clear();
  });
  review.onConflict = (conflict) => askYoursOrTheirs(review, conflict);

  listenToKeys(review, stage, pen, {
    search: () => right.search(),
    layers: () => {
      columns.set("left", true);
      layers.search.focus();
    },
    raise: () => right.raise(),
    write: () => {
      const [obj] = review.selection;
      if (obj && review.whyNot("edit", review.mark(obj) ?? null) === null) right.write(obj);
    },
    print: () => print.toggle(),
    grid: () => aids.toggleGrid(),
    fullScreen: () => aids.toggleFullScreen(),
    escape: () => replay.close() || print.close() || properties.close() || right.closeForm(),
  });
  watchTheLine(review, writer);
  noteSeen(review.sheet.id);
  followAddress(review, right);
  expose(review, stage, () => visibleBox({ center: stage.center, resolution: stage.resolution, rotation: stage.rotation, width: place.clientWidth, height: place.clientHeight, ratio: 1 }));
}

/** What the browser says of the network and of the page being left. */
function watchTheLine(review: Review, writer: Writer): void {
  const { room } = review;
  window.addEventListener("beforeunload", (event) => {
    writer.save();
    // While the line is good the rest is on its way, and on this machine besides.
    if (room.unsaved > 0 && (room.link !== "live" || !room.durable)) event.preventDefault();
  });
  window.addEventListener("online", () => room.retryNow());
  window.addEventListener("offline", () => room.networkLost());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) room.retryNow();
  });
}
