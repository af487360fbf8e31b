/** Pages with a map: `{% include "components/redline.html" %}` to draw, `components/site_map.html` to look. */

import "../styles/map.css";
import { showSite } from "../map/show";
import { RedLine } from "../map/redline";
import { whenPresent } from "../site/enhance";

whenPresent<HTMLElement>('[data-map="redline"]', (root) => {
  const name = root.dataset["valueField"] ?? "boundary";
  const field = (root.closest("form") ?? document).querySelector<HTMLInputElement>(`input[name="${CSS.escape(name)}"]`);
  if (!field) throw new Error(`no hidden field ${name} for the site boundary`);
  new RedLine(root, field);
});

whenPresent<HTMLElement>('[data-map="show"]', showSite);
