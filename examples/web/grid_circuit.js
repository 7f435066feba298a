"use strict";

// What a grid of wires and columns holds: gates with their columns, wires, and angles as text. Read
// from the core's JSON of a circuit, written as OpenQASM. Circuits are never changed: every edit makes
// another, or is an Error that says why not.

// By the names of JSON; `key` places one, `short` are its names under one control, two, ….
const GRID_GATES = [
  { name: "h", symbol: "H", key: "h", short: ["ch"] },
  { name: "x", symbol: "X", key: "x", short: ["cx", "ccx"] },
  { name: "y", symbol: "Y", key: "y", short: ["cy"] },
  { name: "z", symbol: "Z", key: "z", short: ["cz"] },
  { name: "s", symbol: "S", key: "s" },
  { name: "sdg", symbol: "S†", key: "S" },
  { name: "t", symbol: "T", key: "t" },
  { name: "tdg", symbol: "T†", key: "T" },
  { name: "sx", symbol: "√X", key: "v" },
  { name: "rx", symbol: "Rx", key: "X", has_angle: true, short: ["crx"] },
  { name: "ry", symbol: "Ry", key: "Y", has_angle: true, short: ["cry"] },
  { name: "rz", symbol: "Rz", key: "Z", has_angle: true, short: ["crz"] },
  { name: "p", symbol: "P", key: "p", has_angle: true, short: ["cp"] },
  { name: "swap", symbol: "×", key: "w", wires: 2, short: ["cswap"] },
];
const GATE_OF = new Map(GRID_GATES.map((gate) => [gate.name, gate]));
const NEW_ANGLE = "pi/2";
const MOST_GRID_GATES = 1000;
const MOST_GRID_QUBITS = 16;
const WORDS = new Set(["pi", "π", "tau", "τ", "euler", "ℇ", "sin", "cos", "tan", "exp", "log", "sqrt", "pow",
  "mod", "arcsin", "arccos", "arctan", "floor", "ceiling"]);
const NAME = /(?<![\p{L}\p{N}_.])[\p{L}_][\p{L}\p{N}_]*/gu; // not the e of 1e5

class GridCircuit {
  // registers, bits: lists of {name, size}; arrays: sizes of arrays of parameters by their names.
  constructor({ registers, bits, arrays, gates }) {
    Object.assign(this, { registers, bits, arrays, gates });
    this.names = registers.flatMap(({ name, size }) => Array.from({ length: size }, (_, k) => `${name}[${k}]`));
  }

  // An Error says what of a circuit (an object of JSON) a grid has no place for.
  static read({ n_qubits, operations, qubit_registers, bit_registers }) {
    if (operations.length > MOST_GRID_GATES) throw new Error(`${operations.length} gates; the grid has at most ${MOST_GRID_GATES}`);
    const arrays = new Map();
    const ends = new Array(n_qubits).fill(0); // columns in which wires are free again
    const gates = operations.map((operation) => {
      const gate = gridGate(operation, arrays);
      const [first, last] = span(gate);
      gate.column = Math.max(...ends.slice(first, last + 1));
      ends.fill(gate.column + 1, first, last + 1);
      return gate;
    });
    return new GridCircuit({ registers: qubit_registers ?? [{ name: "q", size: n_qubits }], bits: bit_registers ?? [], arrays, gates });
  }

  get columns() {
    return Math.max(0, ...this.gates.map(({ column }) => column + 1));
  }

  // The gate on a wire, one whose line crosses it not.
  at(wire, column) {
    return this.gates.find((gate) => gate.column === column && wiresOf(gate).includes(wire));
  }

  // ---- Edits ----

  placed(name, wire, column) {
    const { wires = 1, has_angle: hasAngle } = GATE_OF.get(name);
    if (this.gates.length === MOST_GRID_GATES) throw new Error(`the grid has at most ${MOST_GRID_GATES} gates`);
    if (wires > this.names.length) throw new Error(`${name} needs ${wires} qubits`);
    const targets = wires === 1 ? [wire] : [wire, wire + 1 < this.names.length ? wire + 1 : wire - 1];
    return this.with(this.gates, { name, column, targets, controls: [], angle: hasAngle ? NEW_ANGLE : null });
  }

  // A control on a wire for the nearest gate of its column.
  controlled(wire, column, value) {
    const distance = (gate) => Math.max(span(gate)[0] - wire, wire - span(gate)[1], 0);
    const [gate] = this.gates.filter((each) => each.column === column).sort((a, b) => distance(a) - distance(b));
    const owner = this.at(wire, column) ?? gate;
    if (!owner) throw new Error("a control goes into the column of a gate");
    if (owner.targets.includes(wire)) throw new Error(`${this.names[wire]} has a gate in this column; a control goes beside it`);
    const others = owner.controls.filter((control) => control.wire !== wire);
    return this.changed(owner, { controls: [...others, { wire, value }] });
  }

  // What a gate has on one wire goes to another, the gate to a column.
  moved(gate, from, wire, column) {
    const to = (each) => (each === from ? wire : each === wire ? from : each);
    return this.changed(gate, { column, targets: gate.targets.map(to),
      controls: gate.controls.map((control) => ({ ...control, wire: to(control.wire) })) });
  }

  // Without a control, or without a gate and all that it has.
  removed(gate, wire) {
    const controls = gate.controls.filter((control) => control.wire !== wire);
    return controls.length < gate.controls.length ? this.changed(gate, { controls }) : this.with(without(this.gates, gate));
  }

  turned(gate, angle) {
    return this.changed(gate, { angle });
  }

  // With one qubit more or less at the end of the last register.
  resized(by) {
    const size = this.names.length + by;
    if (size < 1 || size > MOST_GRID_QUBITS) throw new Error(`the grid has 1 to ${MOST_GRID_QUBITS} qubits`);
    if (this.gates.some((gate) => span(gate)[1] >= size)) throw new Error(`there are gates on ${this.names[size]}; remove them first`);
    const last = this.registers.at(-1);
    const registers = [...this.registers.slice(0, -1), { ...last, size: last.size + by }];
    return new GridCircuit({ ...this, registers: registers.filter((register) => register.size > 0) });
  }

  changed(gate, parts) {
    return this.with(without(this.gates, gate), { ...gate, ...parts });
  }

  // With a gate that has its column for itself on its wires: what is in its way moves on, with all behind.
  with(others, gate) {
    if (!gate) return new GridCircuit({ ...this, gates: others });
    const [first, last] = span(gate);
    const blocked = others.some((other) => other.column === gate.column && span(other)[0] <= last && first <= span(other)[1]);
    const moved = others.map((other) => (blocked && other.column >= gate.column ? { ...other, column: other.column + 1 } : other));
    return new GridCircuit({ ...this, gates: [...moved, gate] });
  }

  // ---- OpenQASM ----

  text() {
    const inputs = new Set(this.gates.flatMap(({ angle }) => angle?.match(NAME) ?? []).filter((name) => !WORDS.has(name)));
    const lines = ["OPENQASM 3;", 'include "stdgates.inc";'];
    for (const name of inputs) {
      lines.push(this.arrays.has(name) ? `input array[float, ${this.arrays.get(name)}] ${name};` : `input float ${name};`);
    }
    for (const { name, size } of this.registers) lines.push(`qubit[${size}] ${name};`);
    for (const { name, size } of this.bits) lines.push(`bit[${size}] ${name};`);
    const inOrder = [...this.gates].sort((a, b) => a.column - b.column || span(a)[0] - span(b)[0]);
    return [...lines, ...inOrder.map((gate) => statement(gate, this.names)), ""].join("\n");
  }
}

function wiresOf({ controls, targets }) {
  return [...controls.map(({ wire }) => wire), ...targets];
}

// The first wire and the last.
function span(gate) {
  const wires = wiresOf(gate);
  return [Math.min(...wires), Math.max(...wires)];
}

function without(gates, gate) {
  return gates.filter((other) => other !== gate);
}

function statement({ name, angle, controls, targets }, names) {
  const short = controls.every(({ value }) => value) && GATE_OF.get(name).short?.[controls.length - 1];
  const head = short || controls.map(({ value }) => (value ? "ctrl @ " : "negctrl @ ")).join("") + name;
  const wires = [...controls.map(({ wire }) => wire), ...targets].map((wire) => names[wire]);
  return `${head}${angle === null ? "" : `(${angle})`} ${wires.join(", ")};`;
}

// ---- Reading ----

function gridGate({ gate: name, angles = [], controls = [], targets, condition }, arrays) {
  if (!GATE_OF.has(name)) throw new Error(`'${name}' is no gate of the grid`);
  if (condition) throw new Error(`'${name}' is conditional, which the grid has no place for`);
  return { name, targets, controls: controls.map(({ qubit, value }) => ({ wire: qubit, value })),
    angle: angles.length ? angleText(angles[0], arrays) : null };
}

const BINDING = { "+": 1, "-": 1, "*": 2, "/": 2, "**": 3 };
const LEAF = 4;

function angleText(value, arrays) {
  return expressionText(value, arrays).text;
}

// An expression of JSON as OpenQASM has it, and how strongly it binds: 0 needs brackets in any other.
function expressionText(value, arrays) {
  if (typeof value === "number") {
    const text = numberText(value);
    return { text, binds: value < 0 ? 0 : /[*/]/.test(text) ? BINDING["*"] : LEAF };
  }
  if (value.parameter !== undefined) return { text: parameterText(value, arrays), binds: LEAF };
  const [left, right] = value.args.map((arg) => expressionText(arg, arrays));
  const inside = ({ text, binds }, least) => (binds >= least ? text : `(${text})`);
  if (value.op === "neg") return { text: `-${inside(left, LEAF)}`, binds: 0 };
  const binds = BINDING[value.op];
  if (binds === undefined && !WORDS.has(value.op)) throw new Error(`'${value.op}' of a parameter is nothing that OpenQASM has`);
  if (binds === undefined) return { text: `${value.op}(${left.text})`, binds: LEAF };
  const gap = binds === 1 ? " " : "";
  const first = inside(left, value.op === "**" ? LEAF : binds);
  return { text: `${first}${gap}${value.op}${gap}${inside(right, binds + 1)}`, binds };
}

function parameterText({ parameter, vector_size: size }, arrays) {
  const name = size === undefined ? parameter : parameter.slice(0, parameter.lastIndexOf("["));
  if (name.match(NAME)?.[0] !== name || WORDS.has(name)) throw new Error(`the parameter '${parameter}' has no such name in OpenQASM`);
  if (size !== undefined) arrays.set(name, size);
  return parameter;
}

// Fractions of π by that name, if they are that to the last bit.
function numberText(value) {
  for (const part of [1, 2, 3, 4, 6, 8, 16, 32, 64]) {
    const times = Math.round((value * part) / Math.PI);
    if (times === 0 || Math.abs(times) > 64 || (times * Math.PI) / part !== value) continue;
    const whole = times === 1 ? "pi" : times === -1 ? "-pi" : `${times}*pi`;
    return part === 1 ? whole : `${whole}/${part}`;
  }
  return String(value);
}
