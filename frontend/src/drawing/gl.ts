/** Draws chunks with WebGL2: filled triangles, hairlines (GL_LINES), heavy lines (quads), dots. */

import type { Chunk } from "./chunk";
import { splitLines } from "./chunk";
import { PAPER_RGB, type Entities } from "./entities";
import { LOOK_WIDTH, Program } from "./gl_programs";
import type { Paper } from "./manifest";
import { thinned } from "./thinning";
import type { ViewFrame } from "./view_frame";

interface Part {
  array: WebGLVertexArrayObject;
  count: number;
}

interface Loaded {
  chunk: Chunk;
  fill: Part | null;
  hair: Part | null;
  dots: Part | null;
  heavy: Part | null;
  buffers: WebGLBuffer[];
  looks: Entities;
  /** Which half power of two of the resolution `hair` is thinned for. */
  step: number | null;
}

/** Vertices of one polyline closer than this share of a device pixel are one. */
const TELL_APART = 0.9;

/** Bytes of the first look, before that of a drawing is here: one entity that is not to be seen. */
const UNSEEN = new Uint8Array(4);

/** Device pixels per 1/100 mm of line weight: fixed on the model, by the scale of the paper on layouts. */
export type WeightScale = number;

export class GlRenderer {
  readonly canvas: HTMLCanvasElement;
  readonly software: boolean;
  readonly #gl: WebGL2RenderingContext;
  readonly #plain: Program;
  #heavy: Program | null = null;
  readonly #loaded = new Map<string, Loaded>();
  #look: WebGLTexture | null = null;
  /** True while a colour is there that the paper shines through. */
  #translucent = false;

  /** Draws on a canvas of its own. Null where the browser has no WebGL2: the caller draws with canvas instead. */
  static make(): GlRenderer | null {
    const early = spare;
    spare = null;
    if (early && !early.lost) return early;
    const plain = contextOf(document.createElement("canvas"), false);
    if (!plain) return null;
    if (drawsInSoftware(plain)) return new GlRenderer(plain, true);
    // Smooth edges cost a graphics card nothing; without one they would cost three times the frame.
    const smooth = contextOf(document.createElement("canvas"), true);
    if (smooth) plain.getExtension("WEBGL_lose_context")?.loseContext();
    return new GlRenderer(smooth ?? plain, false);
  }

  /** Makes the next renderer while the page still waits for the drawing. */
  static prepare(): void {
    spare ??= GlRenderer.make();
  }

  private constructor(gl: WebGL2RenderingContext, software: boolean) {
    this.canvas = gl.canvas as HTMLCanvasElement;
    this.#gl = gl;
    this.software = software;
    this.#plain = Program.plain(gl);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.#warmUp();
  }

  /** Draws one line that is not to be seen: many drivers finish their work on a program at its first use, now beside the waiting for files. */
  #warmUp(): void {
    const gl = this.#gl;
    this.setLook(UNSEEN);
    const buffers: WebGLBuffer[] = [];
    const part = this.#plainPart(buffers, this.#buffer(buffers, new Float32Array(4)), this.#buffer(buffers, new Uint32Array(2)), new Uint32Array([0, 1]), 2);
    this.#plain.use();
    gl.bindVertexArray(part.array);
    gl.drawElements(gl.LINES, 2, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
    gl.deleteVertexArray(part.array);
    for (const buffer of buffers) gl.deleteBuffer(buffer);
    gl.flush();
  }

  get lost(): boolean {
    return this.#gl.isContextLost();
  }

  /** Colours of all entities, four bytes each, alpha 0 = hidden. */
  setLook(look: Uint8Array<ArrayBuffer>): void {
    const gl = this.#gl;
    const height = Math.max(1, Math.ceil(look.length / 4 / LOOK_WIDTH));
    const padded = new Uint8Array(LOOK_WIDTH * height * 4);
    padded.set(look);
    this.#translucent = false;
    for (let i = 3; i < look.length && !this.#translucent; i += 4) this.#translucent = look[i]! > 0 && look[i]! < 255;
    this.#look ??= gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.#look);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, LOOK_WIDTH, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, padded);
  }

  add(chunk: Chunk, looks: Entities): void {
    if (this.#loaded.has(chunk.record.file)) return;
    const buffers: WebGLBuffer[] = [];
    const loaded: Loaded = { chunk, fill: null, hair: null, dots: null, heavy: null, buffers, looks, step: null };
    if (chunk.kind === "fill") {
      // A vertex may be shared by triangles of two entities: give every triangle its own three.
      const xy = new Float32Array(chunk.index.length * 2);
      const entity = new Uint32Array(chunk.index.length);
      for (let i = 0; i < chunk.index.length; i += 1) {
        const v = chunk.index[i]!;
        xy[2 * i] = chunk.xy[2 * v]!;
        xy[2 * i + 1] = chunk.xy[2 * v + 1]!;
        entity[i] = chunk.entity[Math.floor(i / 3)]!;
      }
      loaded.fill = this.#plainPart(buffers, this.#buffer(buffers, xy), this.#buffer(buffers, entity), null, chunk.index.length);
    } else {
      const parts = splitLines(chunk, looks.weight);
      const xy = this.#buffer(buffers, chunk.xy);
      const entity = this.#buffer(buffers, parts.vertexEntity);
      if (parts.hair.length > 0) loaded.hair = this.#plainPart(buffers, xy, entity, parts.hair, parts.hair.length);
      if (parts.dots.length > 0) loaded.dots = this.#plainPart(buffers, xy, entity, parts.dots, parts.dots.length);
      if (parts.heavyEntity.length > 0) loaded.heavy = this.#heavyPart(buffers, parts);
    }
    this.#loaded.set(chunk.record.file, loaded);
  }

  drop(file: string): void {
    const loaded = this.#loaded.get(file);
    if (!loaded) return;
    for (const part of [loaded.fill, loaded.hair, loaded.dots, loaded.heavy]) if (part) this.#gl.deleteVertexArray(part.array);
    for (const buffer of loaded.buffers) this.#gl.deleteBuffer(buffer);
    this.#loaded.delete(file);
  }

  /** Starts a picture: the size of the canvas follows the view; `paper` null leaves it transparent. */
  begin(view: ViewFrame, paper: Paper | null): void {
    const gl = this.#gl;
    const width = Math.max(1, Math.round(view.width * view.ratio));
    const height = Math.max(1, Math.round(view.height * view.ratio));
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    gl.viewport(0, 0, width, height);
    const [r, g, b] = paper ? PAPER_RGB[paper] : [0, 0, 0];
    gl.clearColor(r / 255, g / 255, b / 255, paper ? 1 : 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  /** Draws chunks in the order given. */
  draw(files: Iterable<string>, view: ViewFrame, perWeight: WeightScale): void {
    const gl = this.#gl;
    if (!this.#look) return;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#look);
    if (this.#translucent) gl.enable(gl.BLEND);
    else gl.disable(gl.BLEND);
    const sx = 2 / (view.width * view.resolution);
    const sy = 2 / (view.height * view.resolution);
    const cos = Math.cos(view.rotation);
    const sin = Math.sin(view.rotation);
    // Column major: the screen's x and y of a step along the sheet's x, then along its y (y up on both).
    const turn = new Float32Array([sx * cos, -sy * sin, sx * sin, sy * cos]);
    const pixel = [2 / this.canvas.width, 2 / this.canvas.height] as const;
    let current: Program | null = null;
    const use = (program: Program, origin: readonly [number, number]): void => {
      if (current !== program) {
        program.use();
        gl.uniformMatrix2fv(program.at("turn"), false, turn);
        gl.uniform1i(program.at("look"), 0);
        if (program === this.#heavy) {
          gl.uniform2f(program.at("pixel"), pixel[0], pixel[1]);
          gl.uniform1f(program.at("perWeight"), perWeight);
        } else gl.uniform1f(program.at("size"), 1.5 * view.ratio);
        current = program;
      }
      const dx = origin[0] - view.center[0]; // in double precision: only the rest goes to the card
      const dy = origin[1] - view.center[1];
      gl.uniform2f(program.at("shift"), sx * (cos * dx + sin * dy), sy * (-sin * dx + cos * dy));
    };
    for (const file of files) {
      const loaded = this.#loaded.get(file);
      if (!loaded) continue;
      const origin = loaded.chunk.record.origin;
      if (loaded.fill) {
        use(this.#plain, origin);
        gl.bindVertexArray(loaded.fill.array);
        gl.drawArrays(gl.TRIANGLES, 0, loaded.fill.count);
      }
      if (loaded.hair) {
        use(this.#plain, origin);
        gl.bindVertexArray(loaded.hair.array);
        this.#thin(loaded, loaded.hair, Math.floor(2 * Math.log2(view.resolution / view.ratio)));
        gl.drawElements(gl.LINES, loaded.hair.count, gl.UNSIGNED_INT, 0);
      }
      if (loaded.dots) {
        use(this.#plain, origin);
        gl.bindVertexArray(loaded.dots.array);
        gl.drawElements(gl.POINTS, loaded.dots.count, gl.UNSIGNED_INT, 0);
      }
      if (loaded.heavy) {
        use((this.#heavy ??= Program.heavy(gl)), origin);
        gl.bindVertexArray(loaded.heavy.array);
        gl.drawElements(gl.TRIANGLES, loaded.heavy.count, gl.UNSIGNED_INT, 0);
      }
    }
    gl.bindVertexArray(null);
  }

  /** Gives the card only those segments that can be told apart at this half power of two of the resolution. */
  #thin(loaded: Loaded, hair: Part, step: number): void {
    if (loaded.step === step || loaded.chunk.kind !== "line") return;
    loaded.step = step;
    const index = thinned(loaded.chunk, loaded.looks, TELL_APART * 2 ** (step / 2));
    hair.count = index.length;
    this.#gl.bufferData(this.#gl.ELEMENT_ARRAY_BUFFER, index, this.#gl.DYNAMIC_DRAW); // the array's own buffer is bound with it
  }

  /** Waits for the card, so that the time of a frame can be measured. */
  finish(): void {
    this.#gl.finish();
  }

  #buffer(buffers: WebGLBuffer[], data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): WebGLBuffer {
    const gl = this.#gl;
    const buffer = gl.createBuffer();
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    buffers.push(buffer);
    return buffer;
  }

  #attribute(name: Parameters<typeof Program.place>[0], buffer: WebGLBuffer, size: number, whole: boolean): void {
    const gl = this.#gl;
    const at = Program.place(name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(at);
    if (whole) gl.vertexAttribIPointer(at, size, gl.UNSIGNED_INT, 0, 0);
    else gl.vertexAttribPointer(at, size, gl.FLOAT, false, 0, 0);
  }

  #plainPart(buffers: WebGLBuffer[], xy: WebGLBuffer, entity: WebGLBuffer, index: Uint32Array<ArrayBuffer> | null, count: number): Part {
    const gl = this.#gl;
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    this.#attribute("at", xy, 2, false);
    this.#attribute("entity", entity, 1, true);
    if (index) {
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, index, gl.STATIC_DRAW);
      buffers.push(buffer);
    }
    gl.bindVertexArray(null);
    return { array, count };
  }

  #heavyPart(buffers: WebGLBuffer[], parts: ReturnType<typeof splitLines>): Part {
    const gl = this.#gl;
    // Four corners of each segment's own: instances would be drawn one by one where no graphics card does it.
    const count = parts.heavyEntity.length;
    const [ends, entity, weight] = [new Float32Array(16 * count), new Uint32Array(4 * count), new Float32Array(4 * count)];
    const index = new Uint32Array(6 * count);
    for (let i = 0; i < count; i += 1) {
      const segment = parts.heavy.subarray(4 * i, 4 * i + 4);
      for (let corner = 0; corner < 4; corner += 1) ends.set(segment, 16 * i + 4 * corner);
      entity.fill(parts.heavyEntity[i]!, 4 * i, 4 * i + 4);
      weight.fill(parts.heavyWeight[i]!, 4 * i, 4 * i + 4);
      index.set([4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 2, 4 * i + 1, 4 * i + 3], 6 * i);
    }
    const corners = [this.#buffer(buffers, ends), this.#buffer(buffers, entity), this.#buffer(buffers, weight)] as const;
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    this.#attribute("ends", corners[0], 4, false);
    this.#attribute("entity", corners[1], 1, true);
    this.#attribute("weight", corners[2], 1, false);
    const order = gl.createBuffer();
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, index, gl.STATIC_DRAW);
    buffers.push(order);
    gl.bindVertexArray(null);
    return { array, count: index.length };
  }
}

let spare: GlRenderer | null = null;

function contextOf(canvas: HTMLCanvasElement, antialias: boolean): WebGL2RenderingContext | null {
  return canvas.getContext("webgl2", { alpha: true, antialias, premultipliedAlpha: true, preserveDrawingBuffer: false, depth: false, stencil: false });
}

let software: boolean | null = null;

/** True where no graphics card draws. */
function drawsInSoftware(gl: WebGL2RenderingContext): boolean {
  if (software !== null) return software;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  software = /swiftshader|llvmpipe|software/i.test(info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "");
  return software;
}
