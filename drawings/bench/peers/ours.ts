/** Opens a prepared sheet as the viewer does and measures it: whole picture, then frames of a pan. */

import { GlRenderer } from "../../../frontend/src/drawing/gl";
import { SheetDrawing } from "../../../frontend/src/drawing/sheet_drawing";
import { visibleBox, type ViewFrame } from "../../../frontend/src/drawing/view_frame";

declare global {
  interface Window {
    measured?: { picture: number; frames: number[]; failed: string[]; ink: number };
    measure?: (base: string) => Promise<void>;
  }
}

const [WIDTH, HEIGHT] = [1280, 800];
const PAN_FRAMES = 12;

window.measure = async (base: string): Promise<void> => {
  const begun = performance.now();
  const opening = SheetDrawing.open(base);
  const renderer = GlRenderer.make();
  const top = document.createElement("canvas");
  [top.width, top.height] = [WIDTH, HEIGHT];
  const context = top.getContext("2d");
  if (!renderer || !context) throw new Error("no WebGL2");
  const lines = renderer.canvas;
  document.body.append(lines, top);
  const drawing = await opening;
  const [x0, y0, x1, y1] = drawing.manifest.fit;
  const view: ViewFrame = {
    center: [(x0 + x1) / 2, (y0 + y1) / 2],
    resolution: Math.max((x1 - x0) / WIDTH, (y1 - y0) / HEIGHT),
    rotation: 0,
    width: WIDTH,
    height: HEIGHT,
    ratio: 1,
  };
  const sent = new Set<string>();
  let look: Uint8Array | null = null;
  let inked = false;
  const draw = (): boolean => {
    if (drawing.look !== look) renderer.setLook((look = drawing.look) as Uint8Array<ArrayBuffer>);
    for (const [file, chunk] of drawing.ready ? drawing.chunks : []) {
      if (sent.has(file) || chunk.record.role !== "draw") continue;
      renderer.add(chunk, drawing.entities);
      sent.add(file);
    }
    const box = visibleBox(view);
    drawing.want(box);
    const { levels, complete } = drawing.drawable(box);
    renderer.begin(view, drawing.paper);
    for (const level of [...levels.keys()].sort((a, b) => a - b)) renderer.draw(levels.get(level) ?? [], view, 0.04);
    if (inked) context.clearRect(0, 0, WIDTH, HEIGHT);
    inked = false;
    for (const level of drawing.labels.levels) if (drawing.labels.draw(context, view, box, drawing.look, level)) inked = true;
    renderer.finish();
    return complete;
  };
  await drawing.load();
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      const box = visibleBox(view);
      drawing.want(box);
      if (drawing.drawable(box).complete) resolve();
      else setTimeout(tick, 4);
    };
    tick();
  });
  draw();
  const pixel = new Uint8Array(4 * WIDTH * HEIGHT);
  const gl = lines.getContext("webgl2");
  gl?.readPixels(0, 0, WIDTH, HEIGHT, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
  const picture = performance.now() - begun;
  let ink = 0;
  for (let i = 0; i < pixel.length; i += 4) if (pixel[i] !== pixel[0] || pixel[i + 1] !== pixel[1] || pixel[i + 2] !== pixel[2]) ink += 1;
  const frames: number[] = [];
  for (let i = 0; i < PAN_FRAMES; i += 1) {
    view.center = [view.center[0] + 5 * view.resolution, view.center[1]];
    const from = performance.now();
    draw();
    gl?.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    frames.push(performance.now() - from);
  }
  window.measured = { picture, frames, failed: [...drawing.failed.keys()].filter((file) => file !== "fidelity.json"), ink };
};
