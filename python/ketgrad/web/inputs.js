"use strict";

// Where features are entered: sliders, choices and switches by the names of the features, or a pad.
// Each kind of input has `values`, the features in order, and calls `changed` when they are others.

const PAD_SIDE = 8;
const GAP = " is missing";
// Sliders reach so many standard deviations to both sides of the mean; numbers show so many digits
// of one.
const REACH = 3;
const DIGITS = 6;
const SAME = 1e-9; // what rounding leaves of equal numbers

function makeInputs(home, model, changed) {
  const negative = (model.mean ?? []).some((value) => value < 0); // as no pixel is
  const pixels = model.n_features === PAD_SIDE * PAD_SIDE && !categoriesOf(model).size && !negative;
  return pixels ? new Pad(home, model, changed) : new Form(home, model, changed);
}

function nameOf(model, k) {
  return model.features?.[k] ?? `x${k}`;
}

// Of features "column=text", the texts of columns that were categories: column → [[text, feature], …].
function categoriesOf(model) {
  const found = new Map();
  (model.features ?? []).forEach((name, k) => {
    const cut = name.indexOf("=");
    if (cut <= 0) return;
    const column = name.slice(0, cut);
    if (!found.has(column)) found.set(column, []);
    found.get(column).push([name.slice(cut + 1), k]);
  });
  for (const [column, texts] of found) if (!areCategories(model, column, texts.map(([, k]) => k))) found.delete(column);
  return found;
}

// Names alone do not tell categories from columns of numbers that are called "a=1" and "a=2". Gaps that
// are the column's do, or the means and deviations of the training rows: just one category is 1 in a
// row, so that means m are shares of 1 and variances m (1 - m), all less by the share of rows with gaps,
// where the means were put in. (Two numbers that add up to 1 vary alike, too.)
function areCategories(model, column, features) {
  const { mean, scale } = model;
  const names = model.features;
  if (features.length < 2 || names.includes(column)) return false;
  if (names.includes(column + GAP)) return true;
  const shares = features.map((k) => mean?.[k] ?? NaN);
  const same = (a, b) => Math.abs(a - b) <= SAME * Math.abs(b);
  if (!shares.every((m) => m >= 0 && m <= 1) || !same(shares.reduce((a, b) => a + b), 1)) return false;
  // A category that no training row has does not vary.
  const parts = features.map((k, at) => scale[k] ** 2 / (shares[at] * (1 - shares[at]))).filter(Number.isFinite);
  return parts.every((part) => part < 1 + SAME && same(part, parts[0])) && (parts.length > 2 || same(parts[0], 1));
}

// An average sample; features that become amplitudes have no means, and zeros alone are no state.
function firstValues(model) {
  const { mean, scale, n_features: size } = model;
  if (mean === null) return new Array(size).fill(0);
  return [...(mean.some((value) => value !== 0) ? mean : scale)];
}

class Form {
  constructor(home, model, changed) {
    this.model = model;
    this.values = firstValues(model);
    this.shown = []; // of every feature, shows its value
    this.changed = changed;
    const fields = element("div", { class: "fields" });
    const categories = categoriesOf(model);
    const grouped = new Set([...categories.values()].flat().map(([, k]) => k));
    for (const [column, texts] of categories) this.addChoice(fields, column, texts);
    for (let k = 0; k < model.n_features; ++k) {
      const name = nameOf(model, k);
      if (grouped.has(k)) continue;
      if (name.endsWith(GAP)) this.addSwitch(fields, name, k);
      else this.addSlider(fields, name, k);
    }
    home.replaceChildren(fields);
  }

  set(k, value) {
    this.values[k] = value;
    this.shown[k]?.(value);
  }

  addSlider(fields, name, k) {
    const scale = this.model.scale?.[k] ?? 1;
    const spread = REACH * scale;
    const places = Math.min(100, Math.max(0, DIGITS - 1 - Math.floor(Math.log10(scale))));
    const rounded = (value) => Number(value.toFixed(places));
    const [low, high] = [this.values[k] - spread, this.values[k] + spread];
    const id = `feature-${k}`;
    const slider = element("input", { type: "range", min: low, max: high, step: "any", "aria-label": name });
    const number = element("input", { type: "number", step: "any", id });
    this.shown[k] = (value) => {
      slider.value = value;
      if (Number(number.value) !== value) number.value = rounded(value);
    };
    const entered = (source) => {
      const value = source === slider ? rounded(source.valueAsNumber) : source.valueAsNumber;
      number.toggleAttribute("aria-invalid", Number.isNaN(value));
      if (Number.isNaN(value)) return;
      this.values[k] = value;
      if (source === slider) number.value = value;
      else slider.value = value;
      this.changed();
    };
    slider.addEventListener("input", () => entered(slider));
    number.addEventListener("input", () => entered(number));
    fields.append(element("label", { for: id }, name), slider, number);
    this.set(k, this.values[k]);
    // A number that is shown rounded would else be another than the one that counts.
    this.values[k] = Number(number.value);
    slider.value = this.values[k];
  }

  addChoice(fields, column, texts) {
    const id = `column-${column}`;
    const options = texts.map(([text]) => element("option", {}, text));
    const choice = element("select", { id, class: "wide" }, ...options);
    const choose = () => texts.forEach(([, k], which) => (this.values[k] = Number(which === choice.selectedIndex)));
    texts.forEach(([, k], which) => {
      this.shown[k] = (value) => value > 0 && (choice.selectedIndex = which);
    });
    choice.addEventListener("change", () => {
      choose();
      this.changed();
    });
    choose();
    fields.append(element("label", { for: id }, column), choice);
  }

  // A value that is missing: its column's features are the means of the training rows then.
  addSwitch(fields, name, k) {
    const id = `feature-${k}`;
    const box = element("input", { type: "checkbox", id });
    const column = name.slice(0, -GAP.length);
    this.values[k] = 0;
    this.shown[k] = (value) => (box.checked = value > 0);
    box.addEventListener("change", () => {
      this.values[k] = Number(box.checked);
      for (let j = 0; box.checked && j < this.model.n_features; ++j) {
        const other = nameOf(this.model, j);
        if (other === column || other.startsWith(`${column}=`)) this.set(j, this.model.mean?.[j] ?? 0);
      }
      this.changed();
    });
    fields.append(element("label", { for: id }, name), box, element("span"));
  }
}

// Draws with a soft pen on 8 × 8 pixels from 0 to 16, as scikit-learn's digits have them.
class Pad {
  constructor(home, model, changed) {
    this.values = new Array(PAD_SIDE * PAD_SIDE).fill(0);
    this.changed = changed;
    this.most = 16;
    this.canvas = element("canvas", { class: "pad", width: PAD_SIDE, height: PAD_SIDE, tabindex: 0,
      role: "img", "aria-label": "A pad to draw on: arrow keys move, space draws, delete clears" });
    this.at = [PAD_SIDE / 2, PAD_SIDE / 2];
    const clear = element("button", { type: "button" }, "Clear");
    clear.addEventListener("click", () => this.clear());
    home.replaceChildren(element("p", { class: "dim note" }, "Draw here:"), this.canvas,
      element("p", { class: "row note" }, clear));
    this.listen();
    this.draw();
  }

  listen() {
    const { canvas } = this;
    const touch = (event) => {
      const box = canvas.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * PAD_SIDE;
      const y = ((event.clientY - box.top) / box.height) * PAD_SIDE;
      this.ink(x, y);
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      touch(event);
    });
    canvas.addEventListener("pointermove", (event) => event.buttons && touch(event));
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (step) {
      this.at = this.at.map((x, k) => Math.min(PAD_SIDE - 1, Math.max(0, x + step[k])));
      this.draw();
    } else if (event.key === " ") this.ink(this.at[0] + 0.5, this.at[1] + 0.5);
    else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else return;
    event.preventDefault();
  }

  // The pen's middle blackens a pixel, its edge those around it a little.
  ink(x, y) {
    for (let row = 0; row < PAD_SIDE; ++row) {
      for (let column = 0; column < PAD_SIDE; ++column) {
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        const added = this.most * Math.max(0, 1 - Math.max(0, distance - 0.35) / 0.75);
        const k = PAD_SIDE * row + column;
        this.values[k] = Math.max(this.values[k], Math.round(added));
      }
    }
    this.draw();
    this.changed();
  }

  set(k, value) {
    this.values[k] = value;
    this.draw();
  }

  clear() {
    this.values.fill(0);
    this.draw();
    this.changed();
  }

  draw() {
    const pen = this.canvas.getContext("2d");
    this.values.forEach((value, k) => {
      const shade = Math.round(255 * (1 - Math.min(1, Math.max(0, value / this.most))));
      pen.fillStyle = `rgb(${shade}, ${shade}, ${shade})`;
      pen.fillRect(k % PAD_SIDE, Math.floor(k / PAD_SIDE), 1, 1);
    });
    if (document.activeElement === this.canvas) {
      pen.fillStyle = "rgba(47, 111, 222, 0.5)";
      pen.fillRect(...this.at, 1, 1);
    }
  }
}
