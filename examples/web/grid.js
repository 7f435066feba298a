"use strict";

// A grid of wires and columns that gates are dragged to, from a palette or from other cells; or put
// by a tap on the gate and one on the cell; or by the keys of the grid.

const CONTROLS = [{ name: "control", symbol: "●", key: "c", value: true }, { name: "control on 0", symbol: "○", key: "o", value: false }];
const TOOLS = [...GRID_GATES, ...CONTROLS];
const DRAG_FROM = 6; // pixels: less is a tap
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const GRID_LABEL = "Grid of gates: arrow keys move, H X Y Z S T place gates, C a control, Delete removes, Enter goes to the angle";

class GateGrid {
  // write(text) is given the OpenQASM of every edit; its Error takes the edit back.
  constructor(home, write) {
    this.write = write;
    Object.assign(this, { text: null, circuit: null, why: "", said: "" });
    this.chosen = null;
    this.cursor = { wire: 0, column: 0 };
    this.past = []; // what undo goes back to
    this.buttons = TOOLS.map((tool) => this.toolButton(tool));
    const picture = element("div");
    this.hint = element("p", { class: "dim note", role: "status" });
    home.append(element("div", { class: "row palette", role: "group", "aria-label": "gates" }, ...this.buttons),
      picture, this.commands(), this.hint);
    this.picture = new GridPicture(picture, GRID_LABEL);
    this.listen();
  }

  toolButton(tool) {
    const out = element("button", { type: "button", "aria-pressed": "false", "aria-label": tool.name,
      title: `${tool.name}: key ${tool.key.toUpperCase() === tool.key ? "Shift+" : ""}${tool.key.toUpperCase()}` }, tool.symbol);
    out.addEventListener("click", () => this.choose(this.chosen === tool ? null : tool));
    out.addEventListener("pointerdown", (event) => this.follow(event, tool.symbol, {
      drop: (cell) => cell && this.put(tool, cell) }));
    return out;
  }

  commands() {
    const button = (text, run, label = text) => {
      const out = element("button", { type: "button", "aria-label": label }, text);
      out.addEventListener("click", run);
      return out;
    };
    const qubits = (text, by, label) => button(text, () => this.edit((circuit) => circuit.resized(by)), label);
    this.angle = element("input", { type: "text", size: 9, spellcheck: "false", autocapitalize: "off" });
    this.angle.addEventListener("change", () => this.turn());
    return element("div", { class: "row note" }, element("label", {}, "angle ", this.angle),
      button("Remove", () => this.remove(this.cursor)), button("Undo", () => this.undo()),
      element("span", { class: "row" }, "qubits ", qubits("−", -1, "one qubit less"), qubits("+", 1, "one qubit more")));
  }

  listen() {
    const { svg } = this.picture;
    svg.addEventListener("keydown", (event) => this.key(event));
    svg.addEventListener("pointerdown", (event) => {
      const from = this.circuit && this.picture.cellAt(event);
      if (!from) return;
      const gate = this.circuit.at(from.wire, from.column);
      const drop = gate && ((cell) => this.drop(gate, from, cell));
      const symbol = gate?.targets.includes(from.wire) ? GATE_OF.get(gate.name).symbol : "●";
      this.follow(event, symbol, { tap: () => this.tap(from), drop });
    });
    // A finger on a gate drags it; elsewhere it scrolls.
    svg.addEventListener("touchstart", (event) => {
      const cell = this.circuit && this.picture.cellAt(event.touches[0]);
      if (cell && this.circuit.at(cell.wire, cell.column)) event.preventDefault();
    }, { passive: false });
    new ResizeObserver(() => this.draw()).observe(this.picture.home);
  }

  // ---- The text's part ----

  // The circuit (JSON) of the page's text. Edits of the grid itself come back as the text it wrote.
  show(text, json) {
    if (text === this.text) return;
    try {
      Object.assign(this, { text, circuit: GridCircuit.read(JSON.parse(json)), past: [] });
      this.tell("");
    } catch (error) {
      this.refuse(text, `The text has what the grid has not: ${error.message}.`);
    }
  }

  // Until there is another text.
  refuse(text, why) {
    Object.assign(this, { text, circuit: null, why, past: [] });
    this.tell(why);
  }

  // Returns whether make(circuit) is the circuit now; else it is said why not.
  edit(make) {
    const { text, circuit } = this;
    if (!circuit) return this.tell(this.why);
    try {
      const next = make(circuit);
      this.take({ text: next.text(), circuit: next });
      this.past.push({ text, circuit });
      this.tell("");
      return true;
    } catch (error) {
      Object.assign(this, { text, circuit });
      const why = error.message.replace(/^circuit:\d+:\d+: /, ""); // a place in a text that is nowhere
      this.tell(`${why[0].toUpperCase()}${why.slice(1)}.`);
      return false;
    }
  }

  take(state) {
    Object.assign(this, state);
    this.write(state.text);
  }

  undo() {
    if (this.past.length === 0) return this.tell("There is no edit of the grid to take back.");
    this.take(this.past.pop());
    this.tell("");
  }

  // ---- Pointers and keys ----

  // A pointer from its going down on: a tap, or a drag once it has moved; the browser may take it for
  // scrolling.
  follow(down, symbol, { tap, drop }) {
    if (down.button !== 0) return;
    let ghost = null;
    const watch = new AbortController();
    const move = (event) => {
      if (event.pointerId !== down.pointerId || !drop) return;
      if (!ghost && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < DRAG_FROM) return;
      ghost ??= document.body.appendChild(element("div", { class: "ghost" }, symbol));
      ghost.style.transform = `translate(${event.clientX}px, ${event.clientY}px)`;
      if (this.circuit) this.picture.mark(this.picture.cellAt(event));
    };
    const end = (event) => {
      if (event.pointerId !== down.pointerId) return;
      watch.abort();
      ghost?.remove();
      this.picture.mark(null);
      if (event.type === "pointercancel") return;
      if (ghost) drop(this.circuit && this.picture.cellAt(event));
      else tap?.();
    };
    for (const [type, heard] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) {
      globalThis.addEventListener(type, heard, { signal: watch.signal });
    }
  }

  choose(tool) {
    this.chosen = tool;
    this.buttons.forEach((button, k) => button.setAttribute("aria-pressed", TOOLS[k] === tool));
    if (tool && this.circuit) this.tell(`${tool.name}: tap a cell.`);
    else if (!this.circuit) this.tell(this.why);
  }

  tap(cell) {
    this.go(cell);
    this.picture.svg.focus({ preventScroll: true });
    const { chosen } = this;
    if (chosen && (chosen.value !== undefined || !this.circuit.at(cell.wire, cell.column))) this.put(chosen, cell);
  }

  put(tool, cell) {
    this.cursor = cell;
    return this.edit((circuit) => (tool.value === undefined ? circuit.placed(tool.name, cell.wire, cell.column)
      : circuit.controlled(cell.wire, cell.column, tool.value)));
  }

  // What was dragged from a cell; outside of the grid it is removed.
  drop(gate, from, cell) {
    if (!cell) return this.remove(from);
    if (cell.wire === from.wire && cell.column === from.column) return this.tap(cell);
    this.cursor = cell;
    this.edit((circuit) => circuit.moved(gate, from.wire, cell.wire, cell.column));
  }

  remove({ wire, column }) {
    const gate = this.circuit?.at(wire, column);
    if (gate || !this.circuit) this.edit((circuit) => circuit.removed(gate, wire));
  }

  turn() {
    const gate = this.circuit?.at(this.cursor.wire, this.cursor.column);
    const angle = this.angle.value.trim();
    if (gate && gate.angle !== null && gate.angle !== angle) this.edit((circuit) => circuit.turned(gate, angle));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key === "z" && !event.altKey) this.undo();
      return;
    }
    const { wire, column } = this.cursor;
    const step = STEPS[event.key];
    const tool = TOOLS.find(({ key }) => key === event.key);
    if (!this.circuit) {
      if (step || tool) this.tell(this.why);
      return;
    }
    if (step) this.go({ wire: wire + step[0], column: column + step[1] });
    else if (tool) this.type(tool);
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(this.cursor);
    else if (event.key === "Enter" || event.key === " ") this.enter();
    else if (event.key === "Escape") this.choose(null);
    else return;
    event.preventDefault();
  }

  // As letters are typed: the next gate goes behind.
  type(tool) {
    const { wire, column } = this.cursor;
    if (this.put(tool, this.cursor) && tool.value === undefined) this.go({ wire, column: column + 1 });
  }

  enter() {
    if (this.chosen) this.type(this.chosen);
    else if (this.circuit.at(this.cursor.wire, this.cursor.column)?.angle) this.angle.focus();
  }

  go(cell) {
    this.cursor = cell;
    this.tell("");
    this.picture.cursor.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // ---- What is seen ----

  draw() {
    this.picture.home.hidden = !this.circuit;
    if (!this.circuit) {
      this.hint.textContent = this.said;
      return;
    }
    const columns = Math.max(this.picture.room, this.circuit.columns + 1);
    const inside = (k, size) => Math.min(size - 1, Math.max(0, k));
    const { wire, column } = this.cursor;
    this.cursor = { wire: inside(wire, this.circuit.names.length), column: inside(column, columns) };
    this.picture.show(this.circuit, columns, this.cursor);
    const gate = this.circuit.at(this.cursor.wire, this.cursor.column);
    this.angle.disabled = !gate?.angle;
    if (document.activeElement !== this.angle) this.angle.value = gate?.angle ?? "";
    this.hint.textContent = this.said || this.place(gate);
  }

  // Where the cursor is, and what is there.
  place(gate) {
    const { names } = this.circuit;
    return `${names[this.cursor.wire]}, column ${this.cursor.column + 1}: ${gate ? statement(gate, names) : "free"}`;
  }

  // A message, until there is another or the cursor moves.
  tell(text) {
    this.said = text;
    this.draw();
  }
}
