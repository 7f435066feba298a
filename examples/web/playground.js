"use strict";

// OpenQASM and a grid on the left, what they do on the right, at once.

const EXAMPLES = {
  "Bell pair": `OPENQASM 3;
include "stdgates.inc";
qubit[2] q;
h q[0];
cx q[0], q[1];
`,
  "Variational circuit": `OPENQASM 3;
include "stdgates.inc";
input float[64] alpha;
input float[64] beta;
input float[64] gamma;
qubit[3] q;
ry(alpha) q[0];
ry(beta) q[1];
cx q[0], q[1];
rz(gamma) q[1];
cx q[1], q[2];
rx(2 * alpha) q[2];
`,
  "Teleportation": `OPENQASM 3;
include "stdgates.inc";
input float[64] theta;
qubit[3] q;
bit[2] c;
bit[1] out;
ry(theta) q[0];
h q[1];
cx q[1], q[2];
cx q[0], q[1];
h q[0];
c[0] = measure q[0];
c[1] = measure q[1];
if (c[1]) x q[2];
if (c[0]) z q[2];
out[0] = measure q[2];
`,
  "Fourier transform": `OPENQASM 3;
include "stdgates.inc";
qubit[8] q;
x q[0]; x q[2];
for int i in [0:7] {
  h q[7 - i];
  for int j in [1:7] {
    if (j + i < 8) cp(pi / 2**j) q[7 - i - j], q[7 - i];
  }
}
`,
};
const MOST_COUNTS = 16;
const START = { text: EXAMPLES["Variational circuit"], values: { alpha: 0.6, beta: 1.1, gamma: 0.4 },
  observable: "Z0", shots: 1000, seed: 1 };

class Playground {
  constructor(engine) {
    this.engine = engine;
    this.counts = new Bars(byId("counts"));
    this.slopes = new Bars(byId("gradient"));
    this.state = new StateView(byId("state"), byId("amplitudes"));
    this.spheres = new Spheres(byId("spheres"));
    this.grid = new GateGrid(byId("gates"), (text) => this.write(text));
    this.sliders = new Map();
    this.listen();
    this.load(START);
  }

  listen() {
    byId("text").addEventListener("input", () => this.read());
    for (const id of ["observable", "shots", "seed"]) byId(id).addEventListener("input", () => this.ask());
    byId("examples").append(element("option", {}, "…"), ...Object.keys(EXAMPLES).map((name) => element("option", {}, name)));
    byId("examples").addEventListener("change", (event) => {
      const text = EXAMPLES[event.target.value];
      if (text) this.load({ ...this.asked(), text });
    });
    byId("share").addEventListener("click", () => this.share());
    globalThis.addEventListener("hashchange", () => this.fromAddress());
    globalThis.addEventListener("resize", () => this.ask());
  }

  // What the page is about: all that an address has to say.
  asked() {
    return { text: byId("text").value, values: Object.fromEntries(this.values ?? []),
      observable: byId("observable").value, shots: byId("shots").valueAsNumber, seed: byId("seed").valueAsNumber };
  }

  load({ text, values, observable, shots, seed }) {
    byId("text").value = text;
    Object.assign(byId("observable"), { value: observable });
    Object.assign(byId("shots"), { value: shots });
    Object.assign(byId("seed"), { value: seed });
    this.values = new Map(Object.entries(values));
    this.read();
  }

  // The text of an edit of the grid; an Error where the core refuses it, and nothing has changed.
  write(text) {
    this.engine.call("read_circuit", { text });
    byId("text").value = text;
    this.read();
  }

  // The text has changed: the circuit is another, or is wrong and the last one stays in sight.
  read() {
    const text = byId("text").value;
    try {
      this.circuit = this.engine.call("read_circuit", { text });
      this.text = text;
      this.wrong("wrong", "");
    } catch (error) {
      this.grid.refuse(text, "The grid follows the text once that is right.");
      return this.wrong("wrong", error.message);
    }
    const { n_qubits: qubits, n_operations: operations, depth, svg } = this.circuit;
    byId("circuit").innerHTML = svg;
    byId("about").textContent = `${qubits} qubits · ${operations} operations · depth ${depth}`;
    this.grid.show(text, this.circuit.json);
    this.showSliders();
    this.ask();
  }

  showSliders() {
    const { parameters } = this.circuit;
    this.values = new Map(parameters.map((name) => [name, this.values.get(name) ?? 0.5]));
    byId("parameters").replaceChildren(...parameters.flatMap((name, k) => this.slider(name, `parameter-${k}`)));
  }

  slider(name, id) {
    const value = this.values.get(name);
    const range = element("input", { type: "range", min: -Math.PI, max: Math.PI, step: "any", "aria-label": name });
    const number = element("input", { type: "number", step: "any", id });
    range.value = number.value = value;
    for (const [source, other] of [[range, number], [number, range]]) {
      source.addEventListener("input", () => {
        if (Number.isNaN(source.valueAsNumber)) return;
        this.values.set(name, source.valueAsNumber);
        other.value = source === range ? shortNumber(source.valueAsNumber) : source.valueAsNumber;
        this.ask();
      });
    }
    return [element("label", { for: id }, name), range, number];
  }

  ask() {
    if (this.waiting || !this.circuit) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.show();
    });
  }

  // All that depends on numbers; how long it takes is `seconds`.
  show() {
    const start = performance.now();
    const { text } = this;
    const values = Object.fromEntries(this.values);
    this.showCounts({ text, values });
    this.showState({ text, values });
    this.showGradient({ text, values });
    this.seconds = (performance.now() - start) / 1000;
  }

  showCounts(request) {
    const shots = byId("shots").valueAsNumber;
    const seed = byId("seed").valueAsNumber;
    const more = byId("more-counts");
    try {
      if (!(shots >= 1) || !(seed >= 0)) throw new Error("shots and seed must be whole numbers, shots at least 1");
      const { counts } = this.engine.call("circuit_counts", { ...request, shots: Math.floor(shots), seed: Math.floor(seed) });
      const often = Object.entries(counts).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
      this.counts.show(often.slice(0, MOST_COUNTS).map(([label, count]) => (
        { label, share: count / often[0][1], value: String(count) })));
      const left = often.length - MOST_COUNTS;
      more.textContent = left > 0 ? `and ${left} more outcomes` : "";
    } catch (error) {
      this.counts.show([]);
      more.textContent = error.message;
    }
  }

  showState(request) {
    const hidden = !this.circuit.is_unitary;
    byId("state-part").hidden = hidden;
    byId("no-state").hidden = !hidden;
    try {
      const state = this.engine.call("circuit_state", request);
      this.state.show(state);
      this.spheres.show(state.bloch);
    } catch (error) {
      byId("state-part").hidden = true;
      this.wrong("no-state", error.message);
    }
  }

  showGradient(request) {
    const observable = byId("observable").value.trim();
    byId("value-part").hidden = !this.circuit.is_unitary || observable === "";
    if (byId("value-part").hidden) return;
    try {
      const { value, gradient } = this.engine.call("circuit_gradient", { ...request, observable });
      byId("value").textContent = value.toFixed(6);
      const largest = Math.max(1e-12, ...gradient.map(Math.abs));
      this.slopes.show(gradient.map((slope, k) => (
        { label: `∂ / ∂ ${this.circuit.parameters[k]}`, share: Math.abs(slope) / largest, value: (slope + 0).toFixed(6).replace(/^-(0\.0*)$/, "$1") })));
      this.wrong("value-wrong", "");
    } catch (error) {
      byId("value").textContent = "";
      this.slopes.show([]);
      this.wrong("value-wrong", error.message);
    }
  }

  wrong(id, message) {
    byId(id).textContent = message;
    byId(id).hidden = message === "";
  }

  async share() {
    globalThis.history.replaceState(null, "", `#${await packed(this.asked())}`);
    byId("shared").textContent = "The address of this page has it all now.";
    try {
      await navigator.clipboard.writeText(globalThis.location.href);
      byId("shared").textContent = "Copied.";
    } catch { // a page from a file may not use the clipboard: the address bar has the link
    }
  }

  async fromAddress() {
    const fragment = globalThis.location.hash.slice(1);
    if (fragment === "") return;
    try {
      this.load({ ...START, ...(await unpacked(fragment)) });
      showFailure("");
    } catch {
      showFailure("The address of this page does not hold a circuit: it was cut or changed.");
    }
  }
}

async function through(stream, bytes) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

// JSON as the fragment of an address.
async function packed(value) {
  const bytes = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(JSON.stringify(value)));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function unpacked(fragment) {
  const text = atob(fragment.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const value = JSON.parse(new TextDecoder().decode(await through(new DecompressionStream("deflate-raw"), bytes)));
  if (typeof value.text !== "string") throw new Error("no circuit");
  return value;
}

Engine.start()
  .then(async (engine) => {
    const page = new Playground(engine);
    await page.fromAddress();
    globalThis.ketgradPage = page;
  })
  .catch((error) => showFailure(error.message));
