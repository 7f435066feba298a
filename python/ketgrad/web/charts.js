"use strict";

// Pictures of states and of what comes out, on elements that are made once and then only changed.

const SVG = "http://www.w3.org/2000/svg";

function svgElement(name, attributes) {
  const out = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) out.setAttribute(key, value);
  return out;
}

// "0110", qubit 0 rightmost.
function basisText(index, qubits) {
  return index.toString(2).padStart(qubits, "0");
}

function shortNumber(x) {
  if (x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e5)) return x.toExponential(2);
  return String(Number(x.toPrecision(4)));
}

// A number as SVG and CSS know it: few digits make short attributes.
function place(x) {
  return x.toFixed(2);
}

// Lines of a label, a bar and a value.
class Bars {
  constructor(home) {
    this.home = home;
    this.lines = [];
    home.classList.add("bars");
  }

  // rows: {label, share in [0, 1], value as text}
  show(rows) {
    while (this.lines.length > rows.length) this.lines.pop().parts.forEach((part) => part.remove());
    rows.forEach((row, k) => {
      const line = this.lines[k] ?? this.added();
      if (line.label.textContent !== row.label) line.label.textContent = row.label;
      line.bar.style.width = `${place(100 * row.share)}%`;
      if (line.value.textContent !== row.value) line.value.textContent = row.value;
    });
  }

  added() {
    const label = element("span", { class: "label" });
    const bar = element("div");
    const track = element("div", { class: "track" }, bar);
    const value = element("span", { class: "value" });
    this.home.append(label, track, value);
    const line = { label, bar, value, parts: [label, track, value] };
    this.lines.push(line);
    return line;
  }
}

// Bloch spheres, seen from the front with x towards the reader: arrows of the qubits' vectors.
class Spheres {
  constructor(home) {
    this.home = home;
    this.qubits = [];
    home.classList.add("spheres");
  }

  show(vectors) {
    while (this.qubits.length > vectors.length) this.qubits.pop().figure.remove();
    vectors.forEach(([x, y, z], k) => {
      const sphere = this.qubits[k] ?? this.added(k);
      const [right, up] = Spheres.seen(x, y, z);
      for (const [key, value] of [["x2", right], ["y2", up]]) sphere.arrow.setAttribute(key, place(value));
      for (const [key, value] of [["cx", right], ["cy", up]]) sphere.tip.setAttribute(key, place(value));
      const title = `⟨X⟩ ${shortNumber(x)}, ⟨Y⟩ ${shortNumber(y)}, ⟨Z⟩ ${shortNumber(z)}`;
      sphere.figure.setAttribute("title", title);
    });
  }

  // y to the right, z up, x down to the left.
  static seen(x, y, z) {
    return [36 * (y - 0.35 * x), -36 * (z - 0.3 * x)];
  }

  added(k) {
    const picture = svgElement("svg", { viewBox: "-46 -46 92 92", role: "img" });
    picture.append(
      svgElement("circle", { r: 36 }),
      svgElement("ellipse", { rx: 36, ry: 10.8 }),
    );
    for (const [letter, x, y, z] of [["x", 1.25, 0, 0], ["y", 0, 1.12, 0], ["z", 0, 0, 1.12]]) {
      const [right, up] = Spheres.seen(x, y, z);
      const text = svgElement("text", { x: right - 2, y: up + 3 });
      text.textContent = letter;
      picture.append(text);
    }
    const arrow = svgElement("line", { class: "vector", x1: 0, y1: 0 });
    const tip = svgElement("circle", { class: "tip", r: 3.5 });
    picture.append(arrow, tip);
    const figure = element("figure", {}, picture, element("figcaption", { class: "dim" }, `qubit ${k}`));
    this.home.append(figure);
    const sphere = { figure, arrow, tip };
    this.qubits.push(sphere);
    return sphere;
  }
}

// Probabilities of all basis states as columns, coloured by the phases of their amplitudes, and the
// largest amplitudes as text.
class StateView {
  constructor(canvas, table, most = 8) {
    this.canvas = canvas;
    this.most = most;
    this.rows = new Array(most).fill(0).map(() => {
      const cells = ["th", "td", "td", "td"].map((name) => element(name, { class: "mono" }));
      table.append(element("tr", { ".hidden": true }, ...cells));
      return cells;
    });
  }

  show(state) {
    this.draw(state);
    this.list(state);
  }

  draw({ n_qubits, amplitudes, probabilities }) {
    const { canvas } = this;
    const ratio = globalThis.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio].map(Math.round);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    const count = 2 ** n_qubits;
    const each = width / count;
    const high = probabilities.reduce((a, b) => Math.max(a, b), 0);
    for (let k = 0; k < count; ++k) {
      const share = probabilities[k] / high;
      if (share * height < 0.5) continue;
      const phase = Math.atan2(amplitudes[2 * k + 1], amplitudes[2 * k]);
      pen.fillStyle = `hsl(${Math.round((phase * 180) / Math.PI + 220)}, 65%, 55%)`;
      pen.fillRect(k * each, height * (1 - share), Math.max(each * 0.9, 1), height * share);
    }
  }

  list({ n_qubits, amplitudes, probabilities }) {
    const largest = largestOf(probabilities, this.most);
    this.rows.forEach((cells, line) => {
      const k = largest[line];
      const shown = k !== undefined && probabilities[k] > 1e-12;
      cells[0].parentElement.hidden = !shown;
      if (!shown) return;
      const [re, im] = [amplitudes[2 * k], amplitudes[2 * k + 1]];
      const angle = (Math.atan2(im, re) * 180) / Math.PI;
      const texts = [`|${basisText(k, n_qubits)}⟩`, probabilities[k].toFixed(4),
        `${re.toFixed(4)} ${im < 0 ? "−" : "+"} ${Math.abs(im).toFixed(4)}i`, `${angle.toFixed(0)}°`];
      texts.forEach((text, column) => {
        if (cells[column].textContent !== text) cells[column].textContent = text;
      });
    });
  }
}

// The indices of the largest numbers, largest first, the first of equal ones.
function largestOf(numbers, count) {
  const out = [];
  for (let k = 0; k < numbers.length; ++k) {
    if (out.length === count && !(numbers[k] > numbers[out[count - 1]])) continue;
    let at = out.length;
    while (at > 0 && numbers[k] > numbers[out[at - 1]]) --at;
    out.splice(at, 0, k);
    if (out.length > count) out.pop();
  }
  return out;
}
