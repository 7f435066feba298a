"use strict";

// A palette of gates and the wires they go on: a gate is chosen, then its wires, by mouse, touch or
// keyboard; or dragged onto the first of them. What comes out is a statement of OpenQASM.

const GATES = [
  { name: "h", wires: 1 }, { name: "x", wires: 1 }, { name: "y", wires: 1 }, { name: "z", wires: 1 },
  { name: "s", wires: 1 }, { name: "t", wires: 1 }, { name: "sx", wires: 1 },
  { name: "rx", wires: 1, angle: true }, { name: "ry", wires: 1, angle: true }, { name: "rz", wires: 1, angle: true },
  { name: "cx", wires: 2 }, { name: "cz", wires: 2 }, { name: "swap", wires: 2 }, { name: "ccx", wires: 3 },
];

class GatePalette {
  // add(statement) is told of every gate, undo() of the wish to take the last line back.
  constructor(home, add, undo) {
    this.add = add;
    this.chosen = null;
    this.picked = [];
    this.angle = element("input", { type: "text", value: "pi/2", size: 8, "aria-label": "angle", spellcheck: "false" });
    this.buttons = GATES.map((gate) => this.button(gate));
    this.wires = element("div", { class: "row note", role: "group", "aria-label": "qubits" });
    this.hint = element("p", { class: "dim note", role: "status" });
    const back = element("button", { type: "button" }, "Remove last line");
    back.addEventListener("click", undo);
    home.append(element("div", { class: "row" }, ...this.buttons),
      element("div", { class: "row note" }, element("label", {}, "angle ", this.angle), back),
      this.wires, this.hint);
    this.tell();
  }

  button(gate) {
    const out = element("button", { type: "button", draggable: "true", "aria-pressed": "false" }, gate.name.toUpperCase());
    out.addEventListener("click", () => this.choose(gate));
    out.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData("text/plain", gate.name);
      this.choose(gate);
    });
    return out;
  }

  choose(gate) {
    this.chosen = gate;
    this.picked = [];
    this.tell();
  }

  // The wires of a circuit whose qubits have these names, as "q[0]".
  show(names) {
    if (this.names?.join() === names.join()) return;
    this.names = names;
    this.wires.replaceChildren(...names.map((name) => {
      const out = element("button", { type: "button", "aria-pressed": "false" }, name);
      out.addEventListener("click", () => this.pick(name));
      out.addEventListener("dragover", (event) => event.preventDefault());
      out.addEventListener("drop", (event) => {
        event.preventDefault();
        this.pick(name);
      });
      return out;
    }));
    this.picked = [];
    this.tell();
  }

  pick(name) {
    if (!this.chosen || this.picked.includes(name)) return;
    this.picked.push(name);
    if (this.picked.length === this.chosen.wires) {
      const { name: gate, angle } = this.chosen;
      const statement = `${gate}${angle ? `(${this.angle.value})` : ""} ${this.picked.join(", ")};`;
      this.picked = [];
      this.add(statement);
    }
    this.tell();
  }

  tell() {
    this.buttons.forEach((button, k) => button.setAttribute("aria-pressed", GATES[k] === this.chosen));
    [...this.wires.children].forEach((button) =>
      button.setAttribute("aria-pressed", this.picked.includes(button.textContent)));
    const left = this.chosen ? this.chosen.wires - this.picked.length : 0;
    this.hint.textContent = !this.chosen ? "Choose a gate, then its qubits; or drag it onto one."
      : `${this.chosen.name}: choose ${left} qubit${left > 1 ? "s" : ""}${this.chosen.wires > 1 ? ", controls first" : ""}.`;
  }
}
