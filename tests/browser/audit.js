// Looks at the page as assistive technology and a careful eye would; returns what is wrong, one line each.
// Evaluated in the page by tests/browser/test_pages.py.
() => {
  const wrong = [];
  const where = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const name = typeof element.className === "string" ? `.${element.className.trim().split(/\s+/).join(".")}` : "";
    return `<${element.tagName.toLowerCase()}${id}${name === "." ? "" : name}> ${(element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40)}`;
  };
  const shown = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1;
  };
  const textOf = (ids) =>
    (ids || "")
      .split(/\s+/)
      .filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent ?? "")
      .join(" ")
      .trim();
  const nameOf = (element) =>
    textOf(element.getAttribute("aria-labelledby")) ||
    (element.getAttribute("aria-label") || "").trim() ||
    [...(element.labels || [])].map((label) => label.textContent).join(" ").trim() ||
    (element.textContent || "").trim() ||
    [...element.querySelectorAll("img[alt]")].map((image) => image.alt).join(" ") ||
    (element.title || "").trim();

  // language, title, landmarks, headings
  if (!/^(zh-Hans|en)$/.test(document.documentElement.lang)) wrong.push(`language of the page: ${document.documentElement.lang}`);
  if (document.title.replace(/·.*/, "").trim() === "") wrong.push("the page has no title of its own");
  if (document.querySelectorAll("main").length !== 1) wrong.push("not exactly one <main>");
  if (document.querySelectorAll("h1").length !== 1) wrong.push(`${document.querySelectorAll("h1").length} <h1>`);
  for (const nav of document.querySelectorAll("nav")) if (!nav.getAttribute("aria-label") && !nav.getAttribute("aria-labelledby")) wrong.push(`nav without a name ${where(nav)}`);
  let level = 0;
  for (const heading of document.querySelectorAll("main :is(h1,h2,h3,h4,h5,h6)")) {
    if (heading.closest("dialog, template") || !heading.checkVisibility()) continue;
    const next = Number(heading.tagName[1]);
    if (level && next > level + 1) wrong.push(`heading jumps from h${level} to h${next}: ${where(heading)}`);
    level = next;
    if (!heading.textContent.trim()) wrong.push(`empty heading ${where(heading)}`);
  }

  // identifiers and references
  const seen = new Set();
  for (const element of document.querySelectorAll("[id]")) {
    if (seen.has(element.id)) wrong.push(`id twice: ${element.id}`);
    seen.add(element.id);
  }
  for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls", "for"])
    for (const element of document.querySelectorAll(`[${attribute}]`))
      for (const id of element.getAttribute(attribute).split(/\s+/).filter(Boolean))
        if (!document.getElementById(id)) wrong.push(`${attribute} names nothing (${id}): ${where(element)}`);

  // names
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (shown(field) && !(textOf(field.getAttribute("aria-labelledby")) || field.getAttribute("aria-label") || [...(field.labels || [])].some((label) => label.textContent.trim()) || field.title))
      wrong.push(`field without a label ${where(field)} name=${field.name}`);
  for (const control of document.querySelectorAll("button, a[href], summary, [role=tab], [role=button]"))
    if (shown(control) && !nameOf(control)) wrong.push(`control without a name ${where(control)}`);
  for (const image of document.querySelectorAll("img:not([alt])")) wrong.push(`image without alt ${where(image)}`);
  for (const picture of document.querySelectorAll("svg"))
    if (!picture.closest("[aria-hidden=true]") && !picture.getAttribute("aria-hidden") && picture.getAttribute("role") !== "img") wrong.push(`svg neither hidden nor an image: ${where(picture.parentElement)}`);
  for (const table of document.querySelectorAll("table")) {
    if (!shown(table)) continue;
    if (!table.querySelector("th")) wrong.push(`table without heads ${where(table)}`);
    for (const head of table.querySelectorAll("thead tr:not(.table-filters) th")) if (!head.textContent.trim()) wrong.push(`empty column head ${where(table)}`);
  }
  for (const list of document.querySelectorAll("ul, ol")) for (const child of list.children) if (!["LI", "SCRIPT", "TEMPLATE"].includes(child.tagName)) wrong.push(`${child.tagName} in a list ${where(list)}`);

  // contrast of text on what lies behind it
  const parse = (color) => {
    const found = /rgba?\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)(?:[,/ ]+([\d.]+))?\)/.exec(color) || null;
    if (found) return [Number(found[1]), Number(found[2]), Number(found[3]), found[4] === undefined ? 1 : Number(found[4])];
    const srgb = /color\(srgb ([\d.]+) ([\d.]+) ([\d.]+)(?: \/ ([\d.]+))?\)/.exec(color);
    return srgb ? [srgb[1] * 255, srgb[2] * 255, srgb[3] * 255, srgb[4] === undefined ? 1 : Number(srgb[4])] : null;
  };
  const over = (top, below) => top.slice(0, 3).map((value, at) => value * top[3] + below[at] * (1 - top[3])).concat(1);
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      const color = parse(style.backgroundColor);
      if (!color) return null;
      layers.push(color);
      if (color[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const luminance = (color) =>
    color
      .slice(0, 3)
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const told = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.nodeValue.trim() || told.has(element) || !shown(element)) continue;
    if (element.closest("script, style, noscript, [aria-disabled=true], :disabled, canvas, .visually-hidden, .skip-link, .ol-viewport")) continue;
    told.add(element);
    const style = getComputedStyle(element);
    const color = parse(style.color);
    const ground = behind(element);
    if (!color || !ground) continue;
    const [one, other] = [luminance(over(color, ground)), luminance(ground)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5) - 0.02) wrong.push(`contrast ${ratio.toFixed(2)} ${where(element)}`);
  }

  // size of targets, text that is cut off, page that is too wide
  for (const control of document.querySelectorAll("main :is(button, a.btn, input, select, summary), header :is(button, a, summary)")) {
    if (!shown(control) || control.closest(".visually-hidden, .ol-control, .file-drop-zone, [role=separator]")) continue;
    const box = (control.closest("label") || control).getBoundingClientRect();
    if (box.height < 24 || box.width < 24) wrong.push(`small target ${Math.round(box.width)}×${Math.round(box.height)} ${where(control)}`);
  }
  for (const element of document.querySelectorAll(".btn, .badge, .chip, .tabs > *, .site-nav a")) {
    if (shown(element) && element.scrollWidth > element.clientWidth + 2 && !element.closest(".visually-hidden")) wrong.push(`text cut off ${where(element)}`);
  }
  // a bar of a canvas page has a line of its own, or as many as it says: nothing of it lies over what is above or below
  for (const bar of document.querySelectorAll(".topbar, .statusbar")) {
    const room = bar.getBoundingClientRect();
    for (const control of bar.querySelectorAll("button, a, select")) {
      if (!shown(control)) continue;
      const box = control.getBoundingClientRect();
      if (box.top < room.top - 1 || box.bottom > room.bottom + 1 || box.left < -1 || box.right > window.innerWidth + 1) wrong.push(`outside its bar ${where(control)}`);
    }
  }
  for (const bar of document.querySelectorAll(".scale-bar")) {
    if (bar.checkVisibility() && Math.abs(bar.getBoundingClientRect().width - parseFloat(bar.style.width)) > 1) wrong.push(`the scale bar is squeezed: ${bar.getBoundingClientRect().width} of ${bar.style.width}`);
  }
  // what stands beside the drawing is not cut by the window
  for (const side of document.querySelectorAll(".review :is(.panel, .side, aside)")) {
    const box = side.getBoundingClientRect();
    if (shown(side) && (box.right > window.innerWidth + 1 || side.scrollWidth > side.clientWidth + 1)) wrong.push(`panel cut off, ${side.scrollWidth} in ${side.clientWidth} ${where(side)}`);
  }
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth + 1) {
    const widest = [...document.querySelectorAll("body *")].filter((element) => shown(element) && element.getBoundingClientRect().right > page.clientWidth + 1 && !element.closest(".table-wrap, .gantt, .tabs"));
    wrong.push(`page is ${page.scrollWidth - page.clientWidth} px too wide: ${widest.slice(0, 3).map(where).join(" | ")}`);
  }
  return wrong;
}
