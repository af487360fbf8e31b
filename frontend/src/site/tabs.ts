/** Tabs (WAI-ARIA): `<div class="tabs" role="tablist" data-tabs>` whose buttons name panels by aria-controls. */

import { whenPresent } from "./enhance";

whenPresent<HTMLElement>("[data-tabs]", (list) => {
  const tabs = [...list.querySelectorAll<HTMLElement>("[role=tab]")];
  const show = (chosen: HTMLElement, focus = false): void => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !isChosen;
    }
    if (focus) chosen.focus();
  };
  list.addEventListener("click", (event) => {
    const tab = (event.target as Element).closest<HTMLElement>("[role=tab]");
    if (!tab) return;
    show(tab);
    if (tab.id) history.replaceState(history.state, "", `#${tab.id}`);
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement as HTMLElement);
    const moves: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    const next = moves[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    show(tabs.at(next % tabs.length)!, true);
  });
  const wanted = tabs.find((tab) => tab.id && `#${tab.id}` === location.hash);
  const first = wanted ?? tabs.find((tab) => tab.getAttribute("aria-selected") === "true") ?? tabs[0];
  if (first) show(first);
});
