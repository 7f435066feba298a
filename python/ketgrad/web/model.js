"use strict";

// The page of a saved model: what is entered goes through the core at once.

class ModelPage {
  constructor(engine, document) {
    this.engine = engine;
    this.model = engine.call("open_model", { document });
    this.probabilities = new Bars(byId("probabilities"));
    this.describe(document);
    this.inputs = makeInputs(byId("inputs"), this.model, () => this.ask());
    const { circuit } = this.model;
    byId("circuit-part").hidden = byId("state-part").hidden = circuit === null;
    if (circuit !== null) {
      byId("circuit").innerHTML = circuit;
      this.state = new StateView(byId("state"), byId("amplitudes"));
      this.spheres = new Spheres(byId("spheres"));
    }
    this.ask();
  }

  describe(document) {
    const { n_qubits: qubits, n_features: features, n_parameters: parameters } = this.model;
    const parts = [document.class, `${features} feature${features > 1 ? "s" : ""}`, `${parameters} parameters`];
    if (qubits !== null) parts.push(`${qubits} qubit${qubits > 1 ? "s" : ""}`);
    byId("about").textContent = parts.join(" · ");
  }

  // Of several samples, {predictions, outputs, probabilities}: the numbers of Python.
  predict(rows) {
    return this.engine.call("predict", { rows });
  }

  // Once before the next picture, however often it is asked for.
  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.show();
    });
  }

  show() {
    try {
      const row = this.inputs.values;
      this.showAnswer(this.predict([row]));
      if (this.state) {
        const state = this.engine.call("model_state", { row });
        this.state.show(state);
        this.spheres.show(state.bloch);
      }
      showFailure("");
    } catch (error) {
      byId("answer").textContent = "–";
      this.probabilities.show([]);
      showFailure(error.message);
    }
  }

  showAnswer({ predictions: [prediction], probabilities }) {
    const { kind, classes } = this.model;
    byId("answer").textContent = this.answerText(prediction);
    if (kind === "regressor") return;
    this.probabilities.show(probabilities[0].map((share, k) => (
      { label: String(classes[k]), share, value: share.toFixed(4) })));
  }

  answerText(prediction) {
    if (this.model.kind === "labels") {
      const names = prediction.flatMap((is, k) => (is ? [this.model.classes[k]] : []));
      return names.length ? `labels ${names.join(", ")}` : "no label";
    }
    if (this.model.kind === "classifier") return String(prediction);
    return [prediction].flat().map((value) => String(Number(value.toPrecision(8)))).join(", ");
  }
}

Engine.start()
  .then((engine) => {
    globalThis.ketgradPage = new ModelPage(engine, JSON.parse(byId("model").textContent));
  })
  .catch((error) => showFailure(error.message));
