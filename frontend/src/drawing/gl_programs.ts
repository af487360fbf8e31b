/** The two programs of the graphics card: hairlines, triangles and dots; heavy lines. Linked in the background, asked for when first used. */

export const LOOK_WIDTH = 2048;

const COMMON = `#version 300 es
precision highp float;
precision highp int;
uniform mat2 turn;
uniform vec2 shift;
uniform sampler2D look;
vec4 lookOf(uint e) { return texelFetch(look, ivec2(int(e) % ${LOOK_WIDTH}, int(e) / ${LOOK_WIDTH}), 0); }
flat out vec4 ink;
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
flat in vec4 ink;
out vec4 color;
void main() { color = vec4(ink.rgb * ink.a, ink.a); }`;

const ATTRIBUTES = { at: 0, ends: 0, entity: 1, weight: 2 } as const;
const UNIFORMS = ["turn", "shift", "look", "size", "pixel", "perWeight"] as const;

export class Program {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #shaders: WebGLShader[];
  #uniform: Record<string, WebGLUniformLocation | null> | null = null;

  private constructor(gl: WebGL2RenderingContext, vertex: string) {
    this.#gl = gl;
    this.#program = gl.createProgram();
    this.#shaders = [
      [gl.VERTEX_SHADER, vertex] as const,
      [gl.FRAGMENT_SHADER, FRAGMENT] as const,
    ].map(([type, source]) => {
      const shader = gl.createShader(type);
      if (!shader) throw new Error("webgl: shader");
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.#program, shader);
      return shader;
    });
    for (const [name, place] of Object.entries(ATTRIBUTES)) gl.bindAttribLocation(this.#program, place, name);
    gl.linkProgram(this.#program);
  }

  static plain(gl: WebGL2RenderingContext): Program {
    return new Program(gl, POINT_SHADER);
  }

  static heavy(gl: WebGL2RenderingContext): Program {
    return new Program(gl, HEAVY_SHADER);
  }

  /** Where the attribute stands, in every program alike. */
  static place(name: keyof typeof ATTRIBUTES): number {
    return ATTRIBUTES[name];
  }

  /** Takes the program into use. The first time this waits until it is linked. */
  use(): void {
    const gl = this.#gl;
    if (!this.#uniform) {
      if (!gl.getProgramParameter(this.#program, gl.LINK_STATUS) && !gl.isContextLost()) {
        const log = [gl.getProgramInfoLog(this.#program), ...this.#shaders.map((shader) => gl.getShaderInfoLog(shader))];
        throw new Error(`webgl: ${log.filter(Boolean).join("; ")}`);
      }
      this.#uniform = Object.fromEntries(UNIFORMS.map((name) => [name, gl.getUniformLocation(this.#program, name)]));
    }
    gl.useProgram(this.#program);
  }

  /** Where the uniform stands; only after `use`. */
  at(name: (typeof UNIFORMS)[number]): WebGLUniformLocation | null {
    return this.#uniform?.[name] ?? null;
  }
}
