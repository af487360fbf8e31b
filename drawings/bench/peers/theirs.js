/** Opens the DXF with dxf-viewer and measures the same: whole picture, then frames of a pan. */

import { DxfViewer } from "dxf-viewer";
import { Color } from "three";

const [WIDTH, HEIGHT] = [1280, 800];
const PAN_FRAMES = 12;

window.measure = async (url, fonts) => {
  const begun = performance.now();
  const box = document.createElement("div");
  box.style.cssText = `width:${WIDTH}px;height:${HEIGHT}px`;
  document.body.append(box);
  const options = { canvasWidth: WIDTH, canvasHeight: HEIGHT, autoResize: false, clearColor: new Color("#fff"), preserveDrawingBuffer: true };
  const viewer = new DxfViewer(box, options);
  await viewer.Load({ url, fonts: fonts ?? null, workerFactory: null });
  viewer.Render();
  const gl = viewer.GetRenderer().getContext();
  const pixel = new Uint8Array(4 * WIDTH * HEIGHT);
  gl.readPixels(0, 0, WIDTH, HEIGHT, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
  const picture = performance.now() - begun;
  let ink = 0;
  for (let i = 0; i < pixel.length; i += 4) if (pixel[i] !== pixel[0] || pixel[i + 1] !== pixel[1] || pixel[i + 2] !== pixel[2]) ink += 1;
  const camera = viewer.GetCamera();
  const frames = [];
  for (let i = 0; i < PAN_FRAMES; i += 1) {
    camera.position.x += (5 * (camera.right - camera.left)) / camera.zoom / WIDTH;
    camera.updateMatrixWorld();
    const from = performance.now();
    viewer.Render();
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    frames.push(performance.now() - from);
  }
  window.measured = { picture, frames, failed: [], ink };
};
