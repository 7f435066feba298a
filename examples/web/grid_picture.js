"use strict";

// The picture of a grid's circuit, cell by cell.

const CELL = 40;
const LABEL = 46; // of a wire, left of its cells
const LONGEST = 6; // letters of an angle that a cell has room for

class GridPicture {
  constructor(home, label) {
    this.svg = svgElement("svg", { tabindex: 0, role: "application", "aria-label": label });
    this.home = home;
    this.marked = svgElement("rect", { class: "marked", width: CELL, height: CELL });
    this.cursor = svgElement("rect", { class: "cursor", width: CELL - 2, height: CELL - 2, rx: 5 });
    home.classList.add("grid");
    home.append(this.svg);
  }

  show(circuit, columns, cursor) {
    this.size = { wires: circuit.names.length, columns };
    const [width, height] = [LABEL + columns * CELL, circuit.names.length * CELL];
    for (const [key, value] of Object.entries({ width, height })) this.svg.setAttribute(key, value);
    this.mark(null);
    this.cursor.setAttribute("x", LABEL + cursor.column * CELL + 1);
    this.cursor.setAttribute("y", cursor.wire * CELL + 1);
    this.svg.replaceChildren(...circuit.names.flatMap((name, wire) => [
      svgElement("line", { class: "wire", x1: LABEL, x2: width, y1: middle(wire), y2: middle(wire) }),
      written(name, { class: "name", x: LABEL - 8, y: middle(wire) }),
    ]), this.marked, ...circuit.gates.map((gate) => gatePicture(gate, circuit.names)), this.cursor);
  }

  // Columns that the page has room for.
  get room() {
    return Math.max(4, Math.floor((this.home.clientWidth - LABEL) / CELL));
  }

  // Where a pointer is: {wire, column}, null outside of what is seen of the cells.
  cellAt({ clientX, clientY }) {
    const [all, seen] = [this.svg, this.home].map((each) => each.getBoundingClientRect());
    if (clientX < seen.left || clientX >= seen.right) return null;
    const [column, wire] = [(clientX - all.left - LABEL) / CELL, (clientY - all.top) / CELL].map(Math.floor);
    return wire >= 0 && wire < this.size.wires && column >= 0 && column < this.size.columns ? { wire, column } : null;
  }

  // Shows the cell that a gate would go to; null is none.
  mark(cell) {
    this.marked.setAttribute("visibility", cell ? "visible" : "hidden");
    if (!cell) return;
    this.marked.setAttribute("x", LABEL + cell.column * CELL);
    this.marked.setAttribute("y", cell.wire * CELL);
  }
}

function middle(wire) {
  return (wire + 0.5) * CELL;
}

function written(text, attributes) {
  const out = svgElement("text", attributes);
  out.textContent = text;
  return out;
}

function gatePicture(gate, names) {
  const x = LABEL + middle(gate.column);
  const [first, last] = span(gate);
  const out = svgElement("g", { class: "gate" });
  const title = svgElement("title", {});
  title.textContent = statement(gate, names);
  out.append(title, svgElement("line", { x1: x, x2: x, y1: middle(first), y2: middle(last) }));
  for (const { wire, value } of gate.controls) {
    out.append(svgElement("circle", { class: value ? "control" : "control zero", cx: x, cy: middle(wire), r: 6 }));
  }
  for (const wire of gate.targets) out.append(...targetPicture(gate, x, middle(wire)));
  return out;
}

function targetPicture({ name, angle, controls }, x, y) {
  // All of a cell is there to be taken hold of.
  const hold = svgElement("rect", { class: "hold", x: x - CELL / 2, y: y - CELL / 2, width: CELL, height: CELL });
  const lines = (...ends) => ends.map(([x1, y1, x2, y2]) => svgElement("line", { x1: x + x1, y1: y + y1, x2: x + x2, y2: y + y2 }));
  if (name === "swap") return [hold, ...lines([-7, -7, 7, 7], [-7, 7, 7, -7])];
  if (name === "x" && controls.length) {
    return [hold, svgElement("circle", { class: "box", cx: x, cy: y, r: 11 }), ...lines([-11, 0, 11, 0], [0, -11, 0, 11])];
  }
  const box = svgElement("rect", { class: "box", x: x - 16, y: y - 16, width: 32, height: 32, rx: 4 });
  const { symbol } = GATE_OF.get(name);
  if (angle === null) return [hold, box, written(symbol, { x, y })];
  const whole = angle.replaceAll("pi", "π").replaceAll("*", "").replaceAll(" ", "");
  const short = whole.length > LONGEST ? `${whole.slice(0, LONGEST - 1)}…` : whole;
  return [hold, box, written(symbol, { x, y: y - 5 }), written(short, { class: "angle", x, y: y + 9 })];
}
