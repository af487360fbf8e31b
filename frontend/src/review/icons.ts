/** The Lucide icons of the canvas, inline. Their markup is part of the build, never data. */

import arrow from "lucide-static/icons/move-up-right.svg?raw";
import back from "lucide-static/icons/arrow-left.svg?raw";
import badgeCheck from "lucide-static/icons/badge-check.svg?raw";
import check from "lucide-static/icons/check.svg?raw";
import chevronDown from "lucide-static/icons/chevron-down.svg?raw";
import chevronLeft from "lucide-static/icons/chevron-left.svg?raw";
import chevronRight from "lucide-static/icons/chevron-right.svg?raw";
import circleDot from "lucide-static/icons/circle-dot.svg?raw";
import close from "lucide-static/icons/x.svg?raw";
import cloud from "lucide-static/icons/cloud.svg?raw";
import cloudOff from "lucide-static/icons/cloud-off.svg?raw";
import count from "lucide-static/icons/hash.svg?raw";
import ellipse from "lucide-static/icons/circle.svg?raw";
import equal from "lucide-static/icons/equal.svg?raw";
import eye from "lucide-static/icons/eye.svg?raw";
import eyeOff from "lucide-static/icons/eye-off.svg?raw";
import expand from "lucide-static/icons/expand.svg?raw";
import fit from "lucide-static/icons/maximize.svg?raw";
import freehand from "lucide-static/icons/pencil.svg?raw";
import help from "lucide-static/icons/circle-question-mark.svg?raw";
import grid from "lucide-static/icons/grid-3x3.svg?raw";
import history from "lucide-static/icons/history.svg?raw";
import hourglass from "lucide-static/icons/loader-circle.svg?raw";
import layers from "lucide-static/icons/layers.svg?raw";
import line from "lucide-static/icons/slash.svg?raw";
import list from "lucide-static/icons/list.svg?raw";
import images from "lucide-static/icons/images.svg?raw";
import lock from "lucide-static/icons/lock.svg?raw";
import megaphone from "lucide-static/icons/megaphone.svg?raw";
import measure from "lucide-static/icons/ruler.svg?raw";
import message from "lucide-static/icons/message-square.svg?raw";
import minus from "lucide-static/icons/minus.svg?raw";
import more from "lucide-static/icons/ellipsis.svg?raw";
import north from "lucide-static/icons/navigation-2.svg?raw";
import octagon from "lucide-static/icons/octagon-alert.svg?raw";
import opinion from "lucide-static/icons/file-pen-line.svg?raw";
import panelLeft from "lucide-static/icons/panel-left.svg?raw";
import panelRight from "lucide-static/icons/panel-right.svg?raw";
import paper from "lucide-static/icons/contrast.svg?raw";
import plus from "lucide-static/icons/plus.svg?raw";
import polygon from "lucide-static/icons/pentagon.svg?raw";
import printer from "lucide-static/icons/printer.svg?raw";
import quote from "lucide-static/icons/book-open.svg?raw";
import rect from "lucide-static/icons/square.svg?raw";
import redo from "lucide-static/icons/redo-2.svg?raw";
import restore from "lucide-static/icons/archive-restore.svg?raw";
import rotate from "lucide-static/icons/rotate-cw.svg?raw";
import search from "lucide-static/icons/search.svg?raw";
import select from "lucide-static/icons/mouse-pointer-2.svg?raw";
import send from "lucide-static/icons/send-horizontal.svg?raw";
import sheets from "lucide-static/icons/files.svg?raw";
import sign from "lucide-static/icons/signature.svg?raw";
import snap from "lucide-static/icons/magnet.svg?raw";
import stamp from "lucide-static/icons/stamp.svg?raw";
import text from "lucide-static/icons/type.svg?raw";
import trash from "lucide-static/icons/trash-2.svg?raw";
import triangle from "lucide-static/icons/triangle-alert.svg?raw";
import undo from "lucide-static/icons/undo-2.svg?raw";
import userPlus from "lucide-static/icons/user-plus.svg?raw";
import users from "lucide-static/icons/users.svg?raw";
import wifiOff from "lucide-static/icons/wifi-off.svg?raw";

const ICONS = {
  arrow, back, badgeCheck, check, chevronDown, chevronLeft, chevronRight, circleDot, close, cloud, cloudOff, count, ellipse, equal, expand, eye, eyeOff,
  fit, freehand, grid, help, history, hourglass, images, layers, line, list, lock, measure, megaphone, message, minus, more, north, octagon, opinion, panelLeft, panelRight,
  paper, plus, polygon, printer, quote, rect, redo, restore, rotate, search, select, send, sheets, sign, snap, stamp, text, trash, triangle,
  undo, userPlus, users, wifiOff,
} as const;

export type IconName = keyof typeof ICONS;

const parsed = new Map<IconName, SVGElement>();

/** One icon as an inline SVG element, hidden from screen readers: the text beside it speaks. */
export function icon(name: IconName, size = 16): SVGElement {
  let source = parsed.get(name);
  if (!source) {
    const document_ = new DOMParser().parseFromString(ICONS[name], "image/svg+xml");
    source = document.importNode(document_.documentElement as unknown as SVGElement, true);
    source.setAttribute("class", "icon");
    source.setAttribute("aria-hidden", "true");
    parsed.set(name, source);
  }
  const made = source.cloneNode(true) as SVGElement;
  made.setAttribute("width", String(size));
  made.setAttribute("height", String(size));
  return made;
}
