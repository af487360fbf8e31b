/** 粘贴坐标: a text box beside the map. */

import { readGeoJson, Unreadable, type Read } from "../map/boundary";
import type { Zone } from "../map/ellipsoid";
import { button, make } from "../map/parts";
import { t } from "../site/language";
import { toGeoJson } from "./coordinates";

/** A folded panel that reads pasted corners. */
export function pastePanel(zone: Zone, give: (read: Read, name: string) => void): HTMLElement {
  const panel = make("details", "more");
  panel.append(make("summary", "", t("粘贴坐标", "Paste coordinates")));
  const body = make("div", "stack field");
  const label = make("label", "", t("界址点坐标", "Corner coordinates"), { for: "paste-coordinates" });
  const hint = make(
    "p",
    "hint",
    t(
      "每行一个点，点号可省；经纬度、度分秒、三度带平面坐标（北在前或东在前）都能识别；多个地块用空行隔开。也可整段粘贴勘测定界文本或 GeoJSON。",
      "One corner a line, its name may be left out. Degrees, degrees-minutes-seconds and 3-degree plane coordinates (north or east first) are recognised; an empty line divides parts. Survey exchange text or GeoJSON may be pasted whole.",
    ),
    { id: "paste-hint" },
  );
  const area = make("textarea", "mono", "", {
    id: "paste-coordinates",
    rows: "6",
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": "paste-hint paste-error",
    placeholder: "J1, 116.2001, 39.1002\nJ2, 116.2031, 39.1002\nJ3, 116.2031, 39.1025",
  });
  area.dataset["noDraft"] = "";
  const error = make("p", "error", "", { id: "paste-error", role: "alert" });
  error.hidden = true;
  const read = (): void => {
    try {
      const text = area.value.trim().startsWith("{") ? area.value : toGeoJson(area.value);
      give(readGeoJson(text, zone), t("粘贴的坐标", "Pasted coordinates"));
      error.hidden = true;
      area.removeAttribute("aria-invalid");
    } catch (cause) {
      if (!(cause instanceof Unreadable)) throw cause;
      error.textContent = cause.message;
      error.hidden = false;
      area.setAttribute("aria-invalid", "true");
    }
  };
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) read();
  });
  const row = make("div", "row");
  row.append(button(t("画到图上", "Put on the map"), read), make("span", "muted small", "Ctrl+Enter"));
  body.append(label, hint, area, error, row);
  panel.append(body);
  return panel;
}
