#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "qml/circuits/ansatz.h"
#include "qml/circuits/feature_map.h"
#include "qml/models/layers/activation.h"
#include "qml/models/layers/chain.h"
#include "qml/models/layers/circuit_layer.h"
#include "qml/models/layers/dense.h"
#include "qml/models/layers/frozen.h"
#include "qml/models/layers/noisy_layer.h"
#include "qml/models/layers/patches.h"
#include "qml/models/layers/recurrent.h"
#include "qml/models/layers/recurrent_circuit.h"
#include "qml/models/layers/scale_shift.h"
#include "qml/models/layers/shared.h"
#include "qml/models/trainer.h"
#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "qsim/noise/channel.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

// Every layer, and every composition of two, against differences, by itself and from JSON.

using Catch::Matchers::Matches;
using qml::Layer;
using qml::LayerPtr;
using reference::Dice;
using reference::largest_difference;
using reference::some_values;

namespace {

// A circuit of two qubits with `n_inputs` inputs, some of them more than once.
qsim::ProgramSource small_circuit(std::size_t n_inputs, bool single = false) {
  const qsim::ParameterVector x("x", std::max(1, static_cast<int>(n_inputs)));
  const qsim::ParameterVector w("w", 4);
  qsim::Circuit c(2);
  for (std::size_t k = 0; k < n_inputs; ++k) c.ry(x[k], k % 2 == 0 ? 0 : 1);
  c.rx(w[0], 0).ry(w[1], 1).cx(0, 1).rz(w[2], 1).ry(
      n_inputs > 0 ? w[3] * x[0] : qsim::Expression(w[3]), 0);
  qsim::ProgramSource out{.circuit = c, .single = single};
  for (std::size_t k = 0; k < n_inputs; ++k) out.inputs.push_back(x[k].name);
  for (std::size_t k = 0; k < 4; ++k) out.weights.push_back(w[k].name);
  for (const char* text : {"ZI", "IZ", "0.5*XX - ZZ"}) {
    out.observables.emplace_back(qsim::PauliSum::parse(text));
  }
  return out;
}

using Makers = std::vector<std::pair<std::string, std::function<LayerPtr()>>>;

// Layers from three inputs to three outputs.
Makers layers_of_three() {
  const auto circuit = [] { return std::make_shared<qml::CircuitLayer>(small_circuit(3)); };
  const auto dense = [] { return std::make_shared<qml::Dense>(3, 3); };
  Makers out{
      {"circuit", circuit},
      {"dense", dense},
      {"scale_shift", [] { return std::make_shared<qml::ScaleShift>(3); }},
      {"shift", [] { return std::make_shared<qml::ScaleShift>(3, false, true); }},
      {"patches",
       [] {
         return std::make_shared<qml::Patches>(std::make_shared<qml::Dense>(2, 1), 3,
                                               qml::Windows{{0, 1}, {1, 2}, {2, 0}});
       }},
      {"patches of its own",
       [] {
         return std::make_shared<qml::Patches>(
             std::make_shared<qml::CircuitLayer>(small_circuit(2)), 3, qml::Windows{{2, 1}}, false);
       }},
      {"recurrent",
       [] { return std::make_shared<qml::Recurrent>(std::make_shared<qml::Dense>(3, 3), 2, 3); }},
      {"recurrent circuit",
       [] {
         return std::make_shared<qml::Recurrent>(
             std::make_shared<qml::CircuitLayer>(small_circuit(4)), 3, 3);
       }},
      {"recurrent circuit that keeps its qubits",
       [] { return std::make_shared<qml::RecurrentCircuit>(small_circuit(1), 3); }},
      {"shared",
       [circuit] {
         const auto chain = std::make_shared<qml::Chain>(
             std::vector<LayerPtr>{circuit(), std::make_shared<qml::ScaleShift>(3), circuit()});
         return std::make_shared<qml::Shared>(
             chain, std::map<std::string, std::string>{{"2.", "0."}, {"2.w[3]", "own"}});
       }},
      {"frozen",
       [dense] {
         Dice dice(2);
         return std::make_shared<qml::Frozen>(dense(), some_values(12, dice));
       }},
  };
  for (const char* name : {"tanh", "relu", "sigmoid", "softmax"}) {
    out.emplace_back(name, [name] { return std::make_shared<qml::Activation>(name, 3); });
  }
  return out;
}

struct Found {
  std::vector<double> outputs;
  std::vector<double> by_inputs;
  std::vector<double> by_parameters;
};

// All that a layer gives, the cotangents being a function of the outputs: of Σ g · output², say.
Found run(const Layer& layer, std::size_t rows, const std::vector<double>& inputs,
          const std::vector<double>& parameters, const std::vector<double>& g,
          qml::Asking asking = qml::Asking::kSomeAtATime) {
  Found out{std::vector<double>(rows * layer.n_outputs()), std::vector<double>(inputs.size()),
            std::vector<double>(parameters.size())};
  const qml::CotangentsOf cotangents = [&](std::size_t first, std::size_t count,
                                           std::span<const double> outputs,
                                           std::span<double> rows_of) {
    REQUIRE(outputs.size() == count * layer.n_outputs());
    if (asking == qml::Asking::kAllAtOnce) REQUIRE(count == rows);
    for (std::size_t k = 0; k < rows_of.size(); ++k) {
      rows_of[k] = 2 * g[first * layer.n_outputs() + k] * outputs[k];
    }
  };
  layer.vjp({rows, inputs, parameters}, cotangents, {out.outputs, out.by_inputs, out.by_parameters},
            asking);
  return out;
}

double value(const Layer& layer, std::size_t rows, const std::vector<double>& inputs,
             const std::vector<double>& parameters, const std::vector<double>& g) {
  std::vector<double> outputs(rows * layer.n_outputs());
  layer.forward({rows, inputs, parameters}, outputs);
  double sum = 0;
  for (std::size_t k = 0; k < g.size(); ++k) sum += g[k] * outputs[k] * outputs[k];
  return sum;
}

// The largest error of a gradient, by central differences, where it is of order 1 or smaller; or
// relative to its largest entry.
double error_of(std::vector<double> at, const std::vector<double>& gradient,
                const std::function<double(const std::vector<double>&)>& f) {
  constexpr double kStep = 1e-5;
  double worst = 0;
  double scale = 1;
  for (std::size_t k = 0; k < at.size(); ++k) {
    const double before = at[k];
    at[k] = before + kStep;
    const double up = f(at);
    at[k] = before - kStep;
    const double down = f(at);
    at[k] = before;
    worst = reference::larger(worst, std::abs((up - down) / (2 * kStep) - gradient[k]));
    scale = std::max(scale, std::abs(gradient[k]));
  }
  return worst / scale;
}

void check_layer(const Layer& layer, std::size_t rows, Dice& dice) {
  const auto inputs = some_values(rows * layer.n_inputs(), dice);
  const auto parameters = some_values(layer.n_parameters(), dice);
  const auto g = some_values(rows * layer.n_outputs(), dice);
  const Found found = run(layer, rows, inputs, parameters, g);
  std::vector<double> outputs(rows * layer.n_outputs());
  layer.forward({rows, inputs, parameters}, outputs);
  CHECK(largest_difference(found.outputs, outputs) < 1e-12);
  constexpr double kTolerance = 1e-6;
  CHECK(error_of(inputs, found.by_inputs,
                 [&](const auto& x) { return value(layer, rows, x, parameters, g); }) < kTolerance);
  CHECK(error_of(parameters, found.by_parameters,
                 [&](const auto& p) { return value(layer, rows, inputs, p, g); }) < kTolerance);
  CHECK(layer.parameter_names().size() == layer.n_parameters());
  const Found at_once = run(layer, rows, inputs, parameters, g, qml::Asking::kAllAtOnce);
  CHECK(reference::same_bits(at_once.outputs, found.outputs));
  CHECK(reference::same_bits(at_once.by_inputs, found.by_inputs));
  CHECK(reference::same_bits(at_once.by_parameters, found.by_parameters));
  // Nothing is asked for but some of it.
  std::vector<double> by_inputs(inputs.size());
  layer.vjp({rows, inputs, parameters}, qml::known_cotangents(g, layer.n_outputs()),
            {.outputs = {}, .by_inputs = by_inputs, .by_parameters = {}},
            qml::Asking::kSomeAtATime);
  std::vector<double> by_parameters(parameters.size());
  layer.vjp({rows, inputs, parameters}, qml::known_cotangents(g, layer.n_outputs()),
            {.outputs = {}, .by_inputs = {}, .by_parameters = by_parameters},
            qml::Asking::kSomeAtATime);
  const LayerPtr again = qml::layer_from_json(layer.to_json());
  CHECK(again->to_json() == layer.to_json());
  const Found same = run(*again, rows, inputs, parameters, g);
  CHECK(reference::same_bits(same.outputs, found.outputs));
  CHECK(reference::same_bits(same.by_parameters, found.by_parameters));
}

// A data set of a few rows for a model.
struct Rows {
  Rows(std::size_t size, std::size_t n_inputs, std::size_t n_outputs, Dice& dice)
      : rows(size),
        inputs(some_values(size * n_inputs, dice)),
        targets(some_values(size * n_outputs, dice)) {}
  [[nodiscard]] qml::Dataset data() const { return {rows, inputs, targets, {}}; }
  std::size_t rows;
  std::vector<double> inputs;
  std::vector<double> targets;
};

LayerPtr dressed() {
  return std::make_shared<qml::Chain>(std::vector<LayerPtr>{
      std::make_shared<qml::Dense>(4, 3), std::make_shared<qml::Activation>("tanh", 3),
      std::make_shared<qml::CircuitLayer>(small_circuit(3)), std::make_shared<qml::Dense>(3, 2)});
}

}  // namespace

TEST_CASE("every layer has the derivatives of its values", "[layers]") {
  for (const auto& [name, make] : layers_of_three()) {
    INFO(name);
    Dice dice(1);
    for (const std::size_t rows : {std::size_t{1}, std::size_t{3}, std::size_t{19}}) {
      check_layer(*make(), rows, dice);
    }
  }
  Dice dice(4);
  check_layer(qml::Dense(2, 5, false), 4, dice);
  check_layer(qml::Dense(5, 1), 4, dice);
  check_layer(qml::ScaleShift(2, true, false), 4, dice);
  check_layer(qml::CircuitLayer(small_circuit(2), {.of = qml::Quantity::kProbs}), 4, dice);
  check_layer(qml::CircuitLayer(small_circuit(2), {.of = qml::Quantity::kProbs, .qubits = {1}}), 4,
              dice);
  check_layer(
      qml::CircuitLayer(small_circuit(2), {.of = qml::Quantity::kProbs, .outcomes = {3, 1}}), 9,
      dice);
  check_layer(qml::CircuitLayer(small_circuit(2),
                                {.of = qml::Quantity::kProbs, .qubits = {1}, .outcomes = {1}}),
              9, dice);
  for (const std::size_t n_inputs : {std::size_t{0}, std::size_t{2}}) {
    check_layer(qml::RecurrentCircuit(small_circuit(n_inputs), 4, qml::StepOutputs::kAll), 19,
                dice);
  }
  check_layer(qml::Recurrent(std::make_shared<qml::Dense>(3, 4), 2, 4, qml::StepOutputs::kAll), 3,
              dice);
  check_layer(qml::Patches(std::make_shared<qml::CircuitLayer>(small_circuit(4)), 12,
                           qml::image_windows(3, 4, 1, 2, 1), true),
              3, dice);
}

TEST_CASE("every composition of two layers has the derivatives of its values", "[layers]") {
  for (const auto& [first, make_first] : layers_of_three()) {
    for (const auto& [second, make_second] : layers_of_three()) {
      INFO(first << ", then " << second);
      Dice dice(3);
      check_layer(qml::Chain({make_first(), make_second()}), 9, dice);
    }
  }
}

TEST_CASE("layers of no rows depend on nothing", "[layers]") {
  Makers makers = layers_of_three();
  makers.emplace_back("noisy", [] {
    qsim::ProgramSource source = small_circuit(3);
    source.circuit.channel(qsim::channels::depolarizing(0.1), {0});
    return std::make_shared<qml::NoisyLayer>(source);
  });
  makers.emplace_back("recurrent circuit of all steps", [] {
    return std::make_shared<qml::RecurrentCircuit>(small_circuit(1), 3, qml::StepOutputs::kAll);
  });
  for (const auto& [name, make] : makers) {
    INFO(name);
    const LayerPtr circuit = std::make_shared<qml::CircuitLayer>(small_circuit(3));
    const LayerPtr alone = make();
    const LayerPtr behind = std::make_shared<qml::Chain>(std::vector<LayerPtr>{circuit, alone});
    for (const LayerPtr& layer : {alone, behind}) {
      std::vector<double> parameters(layer->n_parameters(), 0.5);
      layer->forward({0, {}, parameters}, {});
      std::vector<double> by_parameters(parameters.size(), 7.0);
      layer->vjp({0, {}, parameters}, qml::known_cotangents({}, layer->n_outputs()),
                 {.outputs = {}, .by_inputs = {}, .by_parameters = by_parameters},
                 qml::Asking::kSomeAtATime);
      CHECK(std::ranges::count(by_parameters, 0.0) == std::ssize(by_parameters));
    }
  }
}

TEST_CASE("layers share all of their parameters or say which not", "[layers]") {
  using Names = std::map<std::string, std::string>;
  const auto chain = std::make_shared<qml::Chain>(std::vector<LayerPtr>{
      std::make_shared<qml::Dense>(2, 2), std::make_shared<qml::Dense>(2, 2, false),
      std::make_shared<qml::Dense>(2, 2)});
  CHECK(qml::Shared(chain, Names{{"2.", "0."}}).n_parameters() == 10);
  CHECK(qml::Shared(chain, Names{{"1.weight", "0.weight"}}).n_parameters() == 12);
  CHECK(qml::Shared(chain, Names{{"0.", "a."}, {"2.", "a."}}).n_parameters() == 10);
  CHECK(qml::Shared(chain, Names{{"1.", "middle."}}).n_parameters() == 16);
  for (const Names& names :
       {Names{{"1.", "0."}}, Names{{"0.", "1."}}, Names{{"0.", "a."}, {"1.", "a."}}}) {
    CHECK_THROWS_WITH(
        qml::Shared(chain, names),
        Matches("'[01]\\.' and '[01]\\.' are to have the same parameters, but there is "
                "no '1\\.bias\\[[01]\\]' to be one with '0\\.bias\\[[01]\\]'"));
  }
}

TEST_CASE("a dressed circuit has the derivatives of its values", "[layers]") {
  Dice dice(5);
  check_layer(*dressed(), 19, dice);
  const auto inner = std::make_shared<qml::Chain>(
      std::vector<LayerPtr>{dressed(), std::make_shared<qml::Activation>("softmax", 2)});
  CHECK(inner->layers().size() == 5);
  check_layer(*inner, 9, dice);
}

TEST_CASE("a circuit with noise has the derivatives of its values", "[layers]") {
  qsim::ProgramSource source = small_circuit(2);
  source.circuit.channel(qsim::channels::depolarizing(0.1), {0})
      .rx(qsim::ParameterVector("w", 4)[0], 1);
  Dice dice(9);
  check_layer(qml::NoisyLayer(source), 5, dice);
}

TEST_CASE("layers from shots estimate exact ones", "[layers]") {
  Dice dice(10);
  const qml::CircuitLayer exact(small_circuit(2));
  const auto x = some_values(6, dice);
  const auto w = some_values(4, dice);
  const auto g = some_values(9, dice);
  const Found expected = run(exact, 3, x, w, g);
  const auto error_with = [&](std::int64_t shots) {
    const qml::CircuitLayer layer(small_circuit(2), {.shots = shots, .seed = 3});
    const Found found = run(layer, 3, x, w, g);
    const Found again = run(*qml::layer_from_json(layer.to_json()), 3, x, w, g);
    CHECK(reference::same_bits(found.by_parameters, again.by_parameters));
    std::vector<double> values(9);
    layer.forward({3, x, w}, values);
    CHECK(reference::same_bits(values, found.outputs));
    return reference::larger(largest_difference(found.by_inputs, expected.by_inputs),
                             largest_difference(found.by_parameters, expected.by_parameters));
  };
  CHECK(error_with(1'000'000) < 0.05);
  CHECK(error_with(10) > 0.05);
}

TEST_CASE("layers have the same bits for any number of threads", "[layers]") {
  Dice dice(6);
  const LayerPtr layer = dressed();
  const auto inputs = some_values(200 * layer->n_inputs(), dice);
  const auto parameters = some_values(layer->n_parameters(), dice);
  const auto g = some_values(200 * layer->n_outputs(), dice);
  qsim::set_num_threads(1);
  const Found one = run(*layer, 200, inputs, parameters, g);
  qsim::set_num_threads(2);
  const Found two = run(*layer, 200, inputs, parameters, g);
  CHECK(reference::same_bits(one.by_parameters, two.by_parameters));
  CHECK(reference::same_bits(one.by_inputs, two.by_inputs));
}

TEST_CASE("windows of series and images", "[layers]") {
  CHECK(qml::series_windows(5, 1, 2, 1) == qml::Windows{{0, 1}, {1, 2}, {2, 3}, {3, 4}});
  CHECK(qml::series_windows(3, 2, 2, 1) == qml::Windows{{0, 1, 2, 3}, {2, 3, 4, 5}});
  CHECK(qml::image_windows(2, 4, 1, 2, 2) == qml::Windows{{0, 1, 4, 5}, {2, 3, 6, 7}});
  CHECK(qml::image_windows(3, 3, 1, 2, 1).size() == 4);
  CHECK_THROWS_WITH(qml::image_windows(3, 3, 1, 4, 1), Matches("a window of 4 .*3"));
  CHECK_THROWS_WITH(qml::series_windows(3, 1, 1, 0), Matches("the stride is 0.*"));
}

TEST_CASE("a model of layers learns, and goes on from JSON to the same bits", "[layers]") {
  Dice dice(7);
  qml::Model model(dressed());
  model.initialize(1, 0.5);
  // What the model of other parameters says.
  qml::Model teacher(dressed());
  teacher.initialize(2, 1.0);
  Rows rows(40, 4, 2, dice);
  rows.targets = teacher.outputs(rows.inputs, rows.rows);
  qml::TrainOptions options{.loss = qml::Loss::squared, .epochs = 60, .batch_size = 8};
  options.optimizer.learning_rate = 0.05;
  qml::Trainer trainer(model, options);
  const double before = model.loss(qml::Loss::squared, rows.data());
  trainer.fit(rows.data());
  CHECK(trainer.model().loss(qml::Loss::squared, rows.data()) < 0.1 * before);
  qml::Trainer again = qml::Trainer::from_json(trainer.to_json());
  trainer.step_epoch(rows.data());
  again.step_epoch(rows.data());
  const auto a = trainer.model().parameters();
  const auto b = again.model().parameters();
  CHECK(std::ranges::equal(a, b));
}

TEST_CASE("a model of layers has the gradient of its loss", "[layers]") {
  Dice dice(8);
  qml::Model model(dressed());
  model.initialize(1, 0.5);
  const Rows rows(11, 4, 2, dice);
  std::vector<double> gradient(model.n_parameters());
  const double loss = model.loss(qml::Loss::squared, rows.data(), gradient);
  CHECK(std::abs(loss - model.loss(qml::Loss::squared, rows.data())) < 1e-12);
  const std::vector<double> at(model.parameters().begin(), model.parameters().end());
  CHECK(error_of(at, gradient, [&](const auto& p) {
          model.set_parameters(p);
          return model.loss(qml::Loss::squared, rows.data());
        }) < 1e-7);
}

TEST_CASE("what layers cannot take is said", "[layers]") {
  const auto dense = [](std::size_t in, std::size_t out) {
    return std::make_shared<qml::Dense>(in, out);
  };
  CHECK_THROWS_WITH(qml::Chain({dense(3, 2), dense(3, 1)}),
                    Matches("layer 0 .dense. has 2 outputs and layer 1 .dense. has 3 inputs.*"));
  CHECK_THROWS_WITH(qml::Chain({}), Matches("a chain of no layers"));
  CHECK_THROWS_WITH(qml::Activation("cosine", 2),
                    Matches("there is no activation 'cosine'.*tanh.*"));
  CHECK_THROWS_WITH(qml::Dense(0, 2), Matches(".*from 0 to 2.*"));
  CHECK_THROWS_WITH(qml::Frozen(dense(1, 1), {1.0}), Matches(".*2 parameters, got 1.*"));
  CHECK_THROWS_WITH(qml::Patches(dense(2, 1), 3, {{0}}), Matches("window 0 has 1 values.*2.*"));
  CHECK_THROWS_AS(qml::Patches(dense(2, 1), 3, {{0, 3}}), qsim::IndexError);
  CHECK_THROWS_WITH(qml::Recurrent(dense(3, 2), 3, 2), Matches("a state of 3 .*2 outputs"));
  CHECK_THROWS_WITH(qml::CircuitLayer(small_circuit(2), {.of = qml::Quantity::kState}),
                    Matches(".*state.*"));
  CHECK_THROWS_WITH(qml::layer_from_json({{"kind", "magic"}}), Matches(".*'magic'.*"));
  CHECK_THROWS_WITH(qml::layer_from_json({{"kind", "dense"}, {"n_inputs", 2}, {"n_outputs", 1}}),
                    Matches("JSON, layer: the key 'bias' is missing"));
  CHECK_THROWS_WITH(qml::layer_from_json({{"kind", "activation"}, {"name", "cosine"}, {"size", 1}}),
                    Matches("JSON, layer: there is no activation 'cosine'.*"));
  nlohmann::json deep = dense(1, 1)->to_json();
  for (int k = 0; k < 100; ++k) deep = {{"kind", "chain"}, {"layers", {deep}}};
  CHECK_THROWS_WITH(qml::layer_from_json(deep), Matches(".*more than 64 layers.*"));
  const qml::Model layered{LayerPtr(dense(2, 1))};
  CHECK_THROWS_WITH(layered.circuit(), Matches("the model is made of layers.*"));
}
