/** One POST of files with progress: fetch cannot tell how much has gone, XMLHttpRequest can. */

import { address, ownHeaders, problemFrom, Refusal } from "../site/requests";

/** Send a form; `progress` hears how many bytes have gone. Throws Refusal as `ask` does. */
export function send<T>(url: string, form: FormData, key: string, progress: (sent: number, all: number) => void): {
  done: Promise<T>;
  abort: () => void;
} {
  const xhr = new XMLHttpRequest();
  const done = new Promise<T>((resolve, reject) => {
    xhr.open("POST", address(url));
    for (const [name, value] of Object.entries(ownHeaders("POST", key))) xhr.setRequestHeader(name, value);
    xhr.upload.addEventListener("progress", (event) => progress(event.loaded, event.total));
    xhr.addEventListener("load", () => {
      if (xhr.responseURL.includes("/accounts/login") || xhr.status === 401) {
        document.dispatchEvent(new CustomEvent("sign-in-needed"));
        reject(new Refusal({ ...problemFrom(401, ""), code: "sign_in_required" }));
      } else if (xhr.status >= 200 && xhr.status < 300) {
        try {
          resolve(JSON.parse(xhr.responseText) as T);
        } catch {
          reject(new Refusal(problemFrom(xhr.status, "")));
        }
      } else reject(new Refusal(problemFrom(xhr.status, xhr.responseText)));
    });
    xhr.addEventListener("error", () => reject(new Refusal(problemFrom(0, ""))));
    xhr.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    xhr.send(form);
  });
  return { done, abort: () => xhr.abort() };
}

/**
 * How far each file is, from the bytes of one POST that carries them one after the other: shares 0 to 1 in order.
 * `overhead` (headers between the parts) is spread over the files by their size.
 */
export function sharesOf(sizes: number[], sent: number, all: number): number[] {
  const files = sizes.reduce((sum, size) => sum + size, 0);
  let left = all > 0 ? (sent / all) * files : 0;
  return sizes.map((size) => {
    const share = size === 0 ? (left > 0 ? 1 : 0) : Math.min(1, Math.max(0, left / size));
    left -= size;
    return share;
  });
}
