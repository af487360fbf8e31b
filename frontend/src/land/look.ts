/** `<div data-map="land" data-shapes="address">`: shapes to look at, with legend; a table beside it may point to them. */

import { make } from "../map/parts";
import { makeMap, showExtent } from "../map/view";
import { t } from "../site/language";
import { ask } from "../site/requests";
import { sayRefusal } from "../site/toasts";
import { fitToPaper } from "./paper";
import { Shapes, type Shape } from "./shapes";

/** Build the map inside `root`. */
export function lookAtLand(root: HTMLElement): void {
  const panel = make("div", "map-panel map-panel-show land-show");
  const place = make("div");
  const foot = make("div", "map-foot", "", { role: "status" });
  panel.append(make("span"), place, foot);
  root.replaceChildren(panel);
  const { map, base } = makeMap(place, root.dataset["label"] ?? t("位置图", "Map"), root.dataset["base"] ?? "/basemap/");
  const shapes = new Shapes(map, undefined, { area: t("图上范围", "Area") });
  map.on("singleclick", (event) => shapes.pick(event.pixel));
  fitToPaper(map, () => shapes.extent());
  document.addEventListener("click", (event) => {
    const id = (event.target as Element).closest<HTMLElement>("[data-shape]")?.dataset["shape"];
    if (id) shapes.choose(id);
  });
  void show(root, shapes, foot, async () => {
    const extent = shapes.extent() ?? (await base)?.extent;
    if (extent) showExtent(map, extent);
  });
}

async function show(root: HTMLElement, shapes: Shapes, foot: HTMLElement, fit: () => Promise<void>): Promise<void> {
  const source = document.getElementById(root.dataset["source"] ?? "")?.textContent;
  try {
    const found = source
      ? { shapes: JSON.parse(source) as Shape[], note: "" }
      : await ask<{ shapes: Shape[]; note?: string }>(root.dataset["shapes"] ?? "");
    shapes.take(found.shapes);
    foot.textContent = found.note || t("共 {n} 个图形", "{n} {n|shape|shapes}", { n: found.shapes.length });
    await fit();
  } catch (cause) {
    sayRefusal(cause);
  }
}
