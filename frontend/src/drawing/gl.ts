/** Draws chunks with WebGL2: filled triangles, hairlines (GL_LINES), heavy lines (quads), dots. */

import type { Chunk } from "./chunk";
import { splitLines, thinned } from "./chunk";
import { PAPER_RGB } from "./entities";
import type { Paper } from "./manifest";
import type { ViewFrame } from "./view_frame";

const LOOK_WIDTH = 2048;

const COMMON = `#version 300 es
precision highp float;
precision highp int;
uniform mat2 turn;
uniform vec2 shift;
uniform sampler2D look;
vec4 lookOf(uint e) { return texelFetch(look, ivec2(int(e) % ${LOOK_WIDTH}, int(e) / ${LOOK_WIDTH}), 0); }
out vec4 ink;
`;

const POINT_SHADER = `${COMMON}
in vec2 at;
in uint entity;
uniform float size;
void main() {
  ink = lookOf(entity);
  gl_PointSize = size;
  gl_Position = ink.a == 0.0 ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(turn * at + shift, 0.0, 1.0);
}`;

const HEAVY_SHADER = `${COMMON}
in vec4 ends;
in uint entity;
in float weight;
uniform vec2 pixel;   // clip units per device pixel
uniform float perWeight; // device pixels per 1/100 mm
void main() {
  ink = lookOf(entity);
  vec2 a = (turn * ends.xy + shift) / pixel;
  vec2 b = (turn * ends.zw + shift) / pixel;
  vec2 along = b - a;
  float len = length(along);
  along = len > 0.0 ? along / len : vec2(1.0, 0.0);
  vec2 across = vec2(-along.y, along.x);
  float half_ = max(weight * perWeight, 1.0) * 0.5;
  int corner = gl_VertexID & 3;
  vec2 p = corner < 2 ? a - along * half_ * 0.5 : b + along * half_ * 0.5;
  p += across * ((corner & 1) == 0 ? half_ : -half_);
  gl_Position = ink.a == 0.0 ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(p * pixel, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 ink;
out vec4 color;
void main() { color = vec4(ink.rgb * ink.a, ink.a); }`;

interface Program {
  program: WebGLProgram;
  uniform: Record<string, WebGLUniformLocation | null>;
}

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
  weight: Uint16Array;
  /** Which power of two of the resolution `hair` is thinned for. */
  octave: number | null;
}

/** Vertices of one polyline closer than this share of a device pixel are one. */
const TELL_APART = 0.7;

/** Device pixels per 1/100 mm of line weight: fixed on the model, by the scale of the paper on layouts. */
export type WeightScale = number;

export class GlRenderer {
  readonly canvas: HTMLCanvasElement;
  readonly software: boolean;
  readonly #gl: WebGL2RenderingContext;
  readonly #plain: Program;
  readonly #heavy: Program;
  readonly #loaded = new Map<string, Loaded>();
  #look: WebGLTexture | null = null;

  /** Null where the browser has no WebGL2: the caller draws with canvas instead. */
  static make(canvas: HTMLCanvasElement): GlRenderer | null {
    const gl = canvas.getContext("webgl2", { alpha: true, antialias: !drawsInSoftware(), premultipliedAlpha: true, preserveDrawingBuffer: false, depth: false, stencil: false });
    return gl ? new GlRenderer(canvas, gl) : null;
  }

  private constructor(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext) {
    this.canvas = canvas;
    this.#gl = gl;
    this.software = drawsInSoftware();
    this.#plain = link(gl, POINT_SHADER, FRAGMENT, ["turn", "shift", "look", "size"]);
    this.#heavy = link(gl, HEAVY_SHADER, FRAGMENT, ["turn", "shift", "look", "pixel", "perWeight"]);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
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
    this.#look ??= gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.#look);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, LOOK_WIDTH, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, padded);
  }

  add(chunk: Chunk, weight: Uint16Array): void {
    if (this.#loaded.has(chunk.record.file)) return;
    const buffers: WebGLBuffer[] = [];
    const loaded: Loaded = { chunk, fill: null, hair: null, dots: null, heavy: null, buffers, weight, octave: null };
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
      const parts = splitLines(chunk, weight);
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
        gl.useProgram(program.program);
        gl.uniformMatrix2fv(program.uniform["turn"]!, false, turn);
        gl.uniform1i(program.uniform["look"]!, 0);
        if (program === this.#heavy) {
          gl.uniform2f(program.uniform["pixel"]!, pixel[0], pixel[1]);
          gl.uniform1f(program.uniform["perWeight"]!, perWeight);
        } else gl.uniform1f(program.uniform["size"]!, 1.5 * view.ratio);
        current = program;
      }
      const dx = origin[0] - view.center[0]; // in double precision: only the rest goes to the card
      const dy = origin[1] - view.center[1];
      gl.uniform2f(program.uniform["shift"]!, sx * (cos * dx + sin * dy), sy * (-sin * dx + cos * dy));
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
        this.#thin(loaded, loaded.hair, Math.floor(Math.log2(view.resolution / view.ratio)));
        gl.drawElements(gl.LINES, loaded.hair.count, gl.UNSIGNED_INT, 0);
      }
      if (loaded.dots) {
        use(this.#plain, origin);
        gl.bindVertexArray(loaded.dots.array);
        gl.drawElements(gl.POINTS, loaded.dots.count, gl.UNSIGNED_INT, 0);
      }
      if (loaded.heavy) {
        use(this.#heavy, origin);
        gl.bindVertexArray(loaded.heavy.array);
        gl.drawElements(gl.TRIANGLES, loaded.heavy.count, gl.UNSIGNED_INT, 0);
      }
    }
    gl.bindVertexArray(null);
  }

  /** Far out most vertices fall onto one pixel: gives the card only those that can be told apart at this power of two. */
  #thin(loaded: Loaded, hair: Part, octave: number): void {
    if (loaded.octave === octave || loaded.chunk.kind !== "line") return;
    loaded.octave = octave;
    const index = thinned(loaded.chunk, loaded.weight, TELL_APART * 2 ** octave);
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

  #attribute(program: Program, name: string, buffer: WebGLBuffer, size: number, whole: boolean): void {
    const gl = this.#gl;
    const at = gl.getAttribLocation(program.program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(at);
    if (whole) gl.vertexAttribIPointer(at, size, gl.UNSIGNED_INT, 0, 0);
    else gl.vertexAttribPointer(at, size, gl.FLOAT, false, 0, 0);
  }

  #plainPart(buffers: WebGLBuffer[], xy: WebGLBuffer, entity: WebGLBuffer, index: Uint32Array<ArrayBuffer> | null, count: number): Part {
    const gl = this.#gl;
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    this.#attribute(this.#plain, "at", xy, 2, false);
    this.#attribute(this.#plain, "entity", entity, 1, true);
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
    this.#attribute(this.#heavy, "ends", corners[0], 4, false);
    this.#attribute(this.#heavy, "entity", corners[1], 1, true);
    this.#attribute(this.#heavy, "weight", corners[2], 1, false);
    const order = gl.createBuffer();
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, index, gl.STATIC_DRAW);
    buffers.push(order);
    gl.bindVertexArray(null);
    return { array, count: index.length };
  }
}

let software: boolean | null = null;

/** True where no graphics card draws: smooth edges would cost three times the frame there. */
function drawsInSoftware(): boolean {
  if (software !== null) return software;
  const gl = document.createElement("canvas").getContext("webgl2");
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  software = /swiftshader|llvmpipe|software/i.test(gl && info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "");
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return software;
}

function link(gl: WebGL2RenderingContext, vertex: string, fragment: string, uniforms: string[]): Program {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) throw new Error("webgl: shader");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(`webgl: ${gl.getShaderInfoLog(shader) ?? ""}`);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(`webgl: ${gl.getProgramInfoLog(program) ?? ""}`);
  const uniform: Program["uniform"] = {};
  for (const name of uniforms) uniform[name] = gl.getUniformLocation(program, name);
  return { program, uniform };
}
