/** Scripts attach to elements as they appear, whether with the page or with an htmx answer; each element once. */

type Setup<E extends Element> = (element: E) => void;

const setups: { selector: string; setup: Setup<Element>; done: WeakSet<Element> }[] = [];

/** Run `setup` for every element matching `selector`, now and later. */
export function whenPresent<E extends Element>(selector: string, setup: Setup<E>): void {
  const entry = { selector, setup: setup as Setup<Element>, done: new WeakSet<Element>() };
  setups.push(entry);
  if (document.readyState !== "loading") attach(entry, document);
}

function attach(entry: (typeof setups)[number], root: ParentNode): void {
  const found = [...root.querySelectorAll(entry.selector)];
  if (root instanceof Element && root.matches(entry.selector)) found.unshift(root);
  for (const element of found) {
    if (entry.done.has(element)) continue;
    entry.done.add(element);
    entry.setup(element);
  }
}

/** Attach everything inside `root`; htmx:load calls it for every new piece of a page. */
export function enhance(root: ParentNode = document): void {
  for (const entry of setups) attach(entry, root);
}

document.addEventListener("DOMContentLoaded", () => enhance());
document.addEventListener("htmx:load", (event) => enhance(event.target as Element));
