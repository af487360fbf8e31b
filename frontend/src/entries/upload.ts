/** Pages that take files: `{% include "components/file_drop.html" %}`, and rows of files still being processed. */

import "../styles/drawings.css";
import { whenPresent } from "../site/enhance";
import { FileDrop } from "../upload/file_drop";
import { FileRow } from "../upload/file_row";
import { follow } from "../upload/follow";

whenPresent<HTMLElement>(".file-drop[data-upload]", (root) => {
  new FileDrop(root);
});

// One came back to the page while files are being checked: `<li data-file="id" data-name="A-01.dwg">`.
whenPresent<HTMLLIElement>("li[data-file]", (item) => {
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  item.after(status);
  const row = new FileRow(item.dataset["name"] ?? "", null, (text) => (status.textContent = text), item);
  void follow(item.dataset["file"]!, row).then((state) =>
    item.dispatchEvent(new CustomEvent("upload:done", { bubbles: true, detail: { allReady: state.state === "ready" } })),
  );
});
