/** Building of page elements. Texts become text nodes; nothing here parses markup that came from data. */

type Child = Node | string | null | undefined | false;

/** Attributes; `class`, `data-…`, `aria-…` and the like as they are written. null, undefined and false are left out. */
export type Attributes = Record<string, string | number | boolean | null | undefined>;

/** An element with attributes and children. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  add(made, children);
  return made;
}

export function add(parent: Node, children: readonly Child[]): void {
  for (const child of children) if (child !== null && child !== undefined && child !== false) parent.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
}

/** Replaces what is inside `parent`. */
export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  add(parent, children);
}

/** A button that does something here; `type=button` so that no form is sent. */
export function button(label: Child | Child[], attributes: Attributes, act: (event: MouseEvent) => void): HTMLButtonElement {
  const made = h("button", { type: "button", class: "btn", ...attributes }, ...(Array.isArray(label) ? label : [label]));
  made.addEventListener("click", act);
  return made;
}

/**
 * Makes the children of `parent` look like `children` with as few changes as possible, so that focus, caret, an unfinished
 * Chinese composition and scroll places live through updates. Nodes with the same tag, `data-key` and `data-role` are the same
 * node; a kept node keeps its listeners, which must therefore read current state and not what they were built with.
 */
export function rebuild(parent: Element, children: readonly Node[]): void {
  const byKey = new Map<string, Element>();
  for (const child of parent.children) {
    const key = (child as HTMLElement).dataset?.["key"];
    if (key !== undefined) byKey.set(key, child);
  }
  let at: ChildNode | null = parent.firstChild;
  for (const wanted of children) {
    const key = wanted instanceof HTMLElement ? wanted.dataset["key"] : undefined;
    const keyed = key === undefined ? undefined : byKey.get(key);
    if (keyed && sameNode(keyed, wanted)) {
      if (keyed === at) at = at.nextSibling;
      else parent.insertBefore(keyed, at);
      morph(keyed, wanted);
      byKey.delete(key!);
    } else if (at && key === undefined && sameNode(at, wanted)) {
      const kept: ChildNode = at;
      at = at.nextSibling;
      morph(kept, wanted);
    } else parent.insertBefore(wanted, at);
  }
  while (at) {
    const gone: ChildNode = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function sameNode(a: Node, b: Node): boolean {
  if (a.nodeName !== b.nodeName) return false;
  if (!(a instanceof HTMLElement) || !(b instanceof HTMLElement)) return true;
  return a.dataset["key"] === b.dataset["key"] && a.dataset["role"] === b.dataset["role"];
}

function morph(old: Node, wanted: Node): void {
  if (old === wanted || old.isEqualNode(wanted)) return;
  if (old.nodeType === Node.TEXT_NODE) {
    old.nodeValue = wanted.nodeValue;
    return;
  }
  if (!(old instanceof Element) || !(wanted instanceof Element)) return;
  for (const { name } of [...old.attributes]) if (!wanted.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  rebuild(old, [...wanted.childNodes]);
}
