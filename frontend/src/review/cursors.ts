/** The cursors of the others, with their names, and the frame of the person followed. */

import { t } from "../site/language";
import { button, fill, h } from "./dom";
import type { Review } from "./review";
import type { Stage } from "./stage";

interface Drawn {
  element: HTMLElement;
  name: HTMLElement;
}

const ARROW = "M1 1 L1 15 L5 11.5 L8 18 L10.6 16.9 L7.7 10.6 L13 10.6 Z";

function arrow(): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("width", "16");
  svg.setAttribute("height", "20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ARROW);
  svg.append(path);
  return svg;
}

/** A layer of cursors over the map; positions follow the view, so it is placed again after every frame. */
export function cursorsLayer(review: Review, stage: Stage): HTMLElement {
  const layer = h("div", { class: "cursors", "aria-hidden": "true" });
  const drawn = new Map<string, Drawn>();
  const place = (): void => {
    const here = new Set<string>();
    for (const person of review.together.cursors) {
      const pixel = person.at ? stage.pixelOf(person.at) : null;
      if (!pixel) continue;
      here.add(person.conn);
      let one = drawn.get(person.conn);
      if (!one) {
        const name = h("span", { class: "cursor-name" });
        one = { element: h("div", { class: "cursor", "data-conn": person.conn }, arrow(), name), name };
        drawn.set(person.conn, one);
        layer.append(one.element);
      }
      const color = review.directory.department(person.dept)?.color;
      if (color === undefined) delete one.element.dataset["color"];
      else one.element.dataset["color"] = String(color);
      const badge = review.directory.department(person.dept)?.badge;
      const said = `${badge ? `${badge} ` : ""}${person.name}${person.edit ? t(" 正在编辑", " is editing") : ""}`;
      if (one.name.textContent !== said) one.name.textContent = said;
      one.element.style.transform = `translate(${pixel[0]}px, ${pixel[1]}px)`;
    }
    for (const [conn, one] of drawn) {
      if (here.has(conn)) continue;
      one.element.remove();
      drawn.delete(conn);
    }
  };
  review.together.onMove = place;
  review.signals.on("people", place);
  stage.map.on("postrender", place);
  setInterval(place, 3000); // lets cursors that stand still for long fade away
  return layer;
}

/** The coloured frame around the canvas while following somebody. */
export function followFrame(review: Review): HTMLElement {
  const element = h("div", { class: "follow-frame", hidden: true });
  const show = (): void => {
    const person = review.together.following ? review.together.people.get(review.together.following) : undefined;
    element.hidden = !person;
    if (!person) return;
    const color = review.directory.department(person.dept)?.color;
    if (color !== undefined) element.dataset["color"] = String(color);
    fill(element, h("div", { class: "follow-label" }, t("正在跟随 {name}", "Following {name}", { name: person.name }), button(t("停止（Esc）", "Stop (Esc)"), { class: "btn btn-small" }, () => review.together.unfollow())));
  };
  review.signals.on("people", show);
  return element;
}
