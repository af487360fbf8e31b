/** Builds and asks the snap index away from the page's own thread. */

import { SnapIndex, type SnapChunk } from "./snap_index";

export type SnapRequest =
  | { t: "chunk"; file: string; chunk: SnapChunk }
  | { t: "visible"; visible: Uint8Array; dashed: Uint8Array }
  | { t: "snap"; id: number; x: number; y: number; reach: number }
  | { t: "pick"; id: number; x: number; y: number; reach: number };

const index = new SnapIndex();

self.onmessage = (event: MessageEvent<SnapRequest>) => {
  const request = event.data;
  switch (request.t) {
    case "chunk":
      index.add(request.file, request.chunk);
      break;
    case "visible":
      index.setVisible(request.visible, request.dashed);
      break;
    case "snap":
      self.postMessage({ id: request.id, hit: index.snap(request.x, request.y, request.reach) });
      break;
    case "pick":
      self.postMessage({ id: request.id, hit: index.pick(request.x, request.y, request.reach) });
      break;
  }
};
