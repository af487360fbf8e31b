/**
 * `<div data-map="precheck">`: the pre-check's map (选址预查). The red line editor, with reading by the server (Shapefile,
 * DXF), pasted coordinates, the published assessments to look at and to snap to, and the answer's shapes.
 */

import type { Boundary, Read } from "../map/boundary";
import { readGeoJson, Unreadable } from "../map/boundary";
import { RedLine } from "../map/redline";
import { whenPresent } from "../site/enhance";
import { t } from "../site/language";
import { address, ask } from "../site/requests";
import { toGeoJson } from "./coordinates";
import { fitToPaper } from "./paper";
import { pastePanel } from "./paste";
import { showAreas } from "./areas";
import { Shapes, type Shape } from "./shapes";

const BY_SERVER = /\.(zip|dxf)$/i;
const ANSWER = ["cutout", "remainder", "BLOCKING", "MAJOR", "MINOR", "WARNING", "INFO"] as const;
const LARGEST = 20 * 1024 * 1024;

/** What the server read from a file. */
interface ReadByServer {
  boundary: object;
  notes: string[];
}

/** Build the map inside `root`. */
export function precheck(root: HTMLElement): void {
  const field = document.querySelector<HTMLInputElement>(`input[name="${CSS.escape(root.dataset["valueField"] ?? "boundary")}"]`);
  if (!field) throw new Error("no hidden field for the site boundary");
  const editor = new RedLine(root, field, {
    accept: ".geojson,.json,.zip,.dxf,.txt,.csv,application/geo+json",
    readFile: (file) => readFile(file, root.dataset["read"] ?? "", editor),
    changed: (boundary) => stale(boundary),
  });
  const shapes = new Shapes(editor.map, showRow);
  editor.map.on("singleclick", (event) => {
    if (editor.mode === "edit") shapes.pick(event.pixel);
  });
  fitToPaper(editor.map, () => editor.extent());
  unfoldForPaper();
  root.querySelector(".map-editor")?.append(pastePanel(editor.zone, (read, name) => editor.give(read, name)));
  void showAreas(root.dataset["areas"] ?? "", shapes, editor.map).then(() => editor.snapTo(shapes.source("area")));
  whenPresent<HTMLScriptElement>("script#precheck-shapes", (script) => {
    shapes.take(JSON.parse(script.textContent ?? "[]") as Shape[], ANSWER);
  });
  document.addEventListener("click", (event) => {
    const keep = (event.target as Element).closest<HTMLElement>("[data-keep]");
    if (keep && field.form) {
      // A plain sending, past htmx: the answer is another page.
      field.form.action = address(keep.dataset["keep"] ?? "");
      field.form.submit();
      return;
    }
    const row = (event.target as Element).closest<HTMLElement>("[data-shape]");
    if (!row) return;
    shapes.choose(row.dataset["shape"] ?? "");
    mark(row.dataset["shape"] ?? "");
    if (editor.panel.getBoundingClientRect().top < 0 || innerWidth < 900) editor.panel.scrollIntoView({ block: "nearest", behavior: "smooth" });
  });
}

async function readFile(file: File, to: string, editor: RedLine): Promise<Read | null> {
  if (/\.(txt|csv)$/i.test(file.name)) {
    const text = await decode(file);
    return readGeoJson(text.trim().startsWith("{") ? text : toGeoJson(text), editor.zone);
  }
  if (!BY_SERVER.test(file.name) || !to) return null;
  if (file.size > LARGEST)
    throw new Unreadable(
      t("文件超过 20 MB。请只导出本项目的用地红线。", "The file is over 20 MB. Export only this project's site boundary."),
    );
  const body = new FormData();
  body.append("file", file);
  const read = await ask<ReadByServer>(to, { body });
  const { boundary } = readGeoJson(JSON.stringify(read.boundary), editor.zone);
  return { boundary, notes: read.notes };
}

/** Survey texts come in UTF-8 or, from older programs, in GBK. */
async function decode(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

/** The answer on the page belongs to another red line now. */
function stale(boundary: Boundary): void {
  const result = document.querySelector<HTMLElement>("#precheck-result");
  result?.toggleAttribute("data-stale", true);
  document.querySelectorAll<HTMLButtonElement>("[data-needs-red-line]").forEach((each) => {
    each.disabled = boundary.length === 0;
  });
}

/** What is folded on the screen is read on paper. */
function unfoldForPaper(): void {
  let folded: HTMLDetailsElement[] = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll<HTMLDetailsElement>("#precheck-result details:not([open])")];
    for (const each of folded) each.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const each of folded) each.open = false;
  });
}

function mark(id: string): void {
  document.querySelectorAll<HTMLElement>("[data-shape]").forEach((each) => {
    each.closest(".land-row")?.toggleAttribute("data-chosen", each.dataset["shape"] === id);
  });
}

function showRow(id: string): void {
  mark(id);
  document.querySelector(`[data-shape="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "nearest", behavior: "smooth" });
}
