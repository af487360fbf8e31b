/** The face of words on a canvas of OpenLayers: the system's Chinese face, else slices of ours, as many as the words need. */

import { checkedFonts } from "ol/render/canvas.js";

const OURS = "Noto Sans SC";

export const FACE = `"PingFang SC", "Microsoft YaHei", "Source Han Sans SC", "Noto Sans CJK SC", "${OURS}", sans-serif`;

/** What OpenLayers calls a face it need not look for any more. */
const FOUND = 100;

// OpenLayers would fetch every slice of a face it meets in a style: two hundred files on each map, also where the system
// has a Chinese face. The browser by itself fetches the slices it draws with; when one has come, the words are drawn again.
for (const weight of [400, 500, 600]) checkedFonts.set(`normal ${weight} 16px "${OURS}"`, FOUND, true);
let arrivals = 0;
document.fonts.addEventListener("loadingdone", () => checkedFonts.set("arrivals", FOUND + ++arrivals));
