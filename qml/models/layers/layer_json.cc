#include <array>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "qml/models/layer.h"
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
#include "qsim/json/reader.h"

namespace qml {
namespace {

using namespace qsim::json;  // NOLINT(google-build-using-namespace)

constexpr int kMostNested = 64;  // layers in each other

qsim::Index read_index(const Json& value, const Place& place) {
  expect(value.is_number_unsigned(), place, "expected a number of a basis state");
  return value.get<qsim::Index>();
}

std::size_t read_size(const Json& value, const Place& place) {
  const int size = read_int(value, place);
  expect(size >= 0, place, "a size of ", size);
  return static_cast<std::size_t>(size);
}

// One layer's document.
class LayerReader {
 public:
  LayerReader(const Json& value, const Place& place, int depth)
      : value_(value), place_(place), depth_(depth) {}

  [[nodiscard]] const Json& at(std::string_view key) const { return member(value_, key, place_); }
  [[nodiscard]] std::size_t size(std::string_view key) const {
    return read_size(at(key), place_.at(key));
  }
  [[nodiscard]] bool flag(std::string_view key) const { return read_bool(at(key), place_.at(key)); }
  [[nodiscard]] const std::string& text(std::string_view key) const {
    return read_string(at(key), place_.at(key));
  }
  // Refuses all keys but these.
  void only(std::initializer_list<std::string_view> known) const {
    require_object(value_, place_, known);
  }
  [[nodiscard]] bool has(std::string_view key) const { return value_.contains(key); }
  [[nodiscard]] std::uint64_t count(std::string_view key) const {
    expect(at(key).is_number_unsigned(), place_.at(key), "expected a count");
    return at(key).get<std::uint64_t>();
  }
  template <class Read>
  [[nodiscard]] auto list(std::string_view key, const Read& read) const {
    return read_list(at(key), place_.at(key), read);
  }
  [[nodiscard]] std::map<std::string, std::string> texts(std::string_view key) const {
    const Json& object = at(key);
    expect(object.is_object(), place_.at(key), "expected an object of texts");
    std::map<std::string, std::string> out;
    const Place here = place_.at(key);
    for (const auto& [name, text] : object.items()) {
      out.emplace(name, read_string(text, here.at(name)));
    }
    return out;
  }
  [[nodiscard]] LayerPtr layer(std::string_view key) const {
    return inner(at(key), place_.at(key));
  }
  [[nodiscard]] LayerPtr inner(const Json& value, const Place& place) const;
  // What body() makes of a member; its errors get the place.
  template <class Body>
  [[nodiscard]] auto make_of(const Body& body, std::string_view key) const {
    return placed(place_.at(key), body);
  }
  // The layer made of what has been read; its own errors get the place.
  template <class Made, class... Parts>
  [[nodiscard]] LayerPtr make(Parts&&... parts) const {
    return placed(place_, [&] { return std::make_shared<Made>(std::forward<Parts>(parts)...); });
  }

 private:
  const Json& value_;
  const Place& place_;
  int depth_;
};

LayerPtr read_circuit_layer(const LayerReader& from) {
  from.only({"kind", "program", "of", "qubits", "outcomes", "shots", "seed"});
  Readout readout{.of = qsim::quantity(from.text("of")), .qubits = from.list("qubits", read_int)};
  if (from.has("outcomes")) {
    readout.outcomes = from.list("outcomes", read_index);
    qsim::require(!readout.outcomes.empty(), "outcomes is empty; there must be one at least");
  }
  if (from.has("shots")) {
    readout.shots = static_cast<std::int64_t>(from.count("shots"));
    readout.seed = from.count("seed");
  }
  return from.make<CircuitLayer>(qsim::program_from_json(from.at("program")), std::move(readout));
}
LayerPtr read_noisy(const LayerReader& from) {
  from.only({"kind", "program"});
  return from.make<NoisyLayer>(qsim::program_from_json(from.at("program")));
}
LayerPtr read_dense(const LayerReader& from) {
  from.only({"kind", "n_inputs", "n_outputs", "bias"});
  return from.make<Dense>(from.size("n_inputs"), from.size("n_outputs"), from.flag("bias"));
}
LayerPtr read_activation(const LayerReader& from) {
  from.only({"kind", "name", "size"});
  return from.make<Activation>(from.text("name"), from.size("size"));
}
LayerPtr read_scale_shift(const LayerReader& from) {
  from.only({"kind", "size", "scale", "shift"});
  return from.make<ScaleShift>(from.size("size"), from.flag("scale"), from.flag("shift"));
}
LayerPtr read_chain(const LayerReader& from) {
  from.only({"kind", "layers"});
  const auto layers = from.list(
      "layers", [&](const Json& value, const Place& place) { return from.inner(value, place); });
  return from.make<Chain>(layers);
}
LayerPtr read_frozen(const LayerReader& from) {
  from.only({"kind", "layer", "values"});
  return from.make<Frozen>(from.layer("layer"), from.list("values", read_number));
}
LayerPtr read_patches(const LayerReader& from) {
  from.only({"kind", "layer", "n_inputs", "windows", "shared"});
  auto windows = from.list("windows", [](const Json& window, const Place& place) {
    return read_list(window, place, read_size);
  });
  return from.make<Patches>(from.layer("layer"), from.size("n_inputs"), std::move(windows),
                            from.flag("shared"));
}
LayerPtr read_shared(const LayerReader& from) {
  from.only({"kind", "layer", "names"});
  return from.make<Shared>(from.layer("layer"), from.texts("names"));
}
StepOutputs read_outputs(const LayerReader& from) {
  return from.make_of([&] { return step_outputs(from.text("outputs")); }, "outputs");
}
LayerPtr read_recurrent(const LayerReader& from) {
  from.only({"kind", "cell", "n_state", "n_steps", "outputs"});
  return from.make<Recurrent>(from.layer("cell"), from.size("n_state"), from.size("n_steps"),
                              read_outputs(from));
}
LayerPtr read_recurrent_circuit(const LayerReader& from) {
  from.only({"kind", "program", "n_steps", "outputs"});
  return from.make<RecurrentCircuit>(qsim::program_from_json(from.at("program")),
                                     from.size("n_steps"), read_outputs(from));
}

struct LayerKind {
  std::string_view name;
  LayerPtr (*read)(const LayerReader& from);
};
constexpr std::array kLayerKinds{
    LayerKind{"circuit", read_circuit_layer},
    LayerKind{"noisy", read_noisy},
    LayerKind{"dense", read_dense},
    LayerKind{"activation", read_activation},
    LayerKind{"scale_shift", read_scale_shift},
    LayerKind{"chain", read_chain},
    LayerKind{"frozen", read_frozen},
    LayerKind{"patches", read_patches},
    LayerKind{"shared", read_shared},
    LayerKind{"recurrent", read_recurrent},
    LayerKind{"recurrent_circuit", read_recurrent_circuit},
};

LayerPtr read_layer(const Json& value, const Place& place, int depth) {
  expect(depth <= kMostNested, place, "more than ", kMostNested, " layers in each other");
  const std::string& kind = read_string(member(value, "kind", place), place.at("kind"));
  for (const LayerKind& row : kLayerKinds) {
    if (row.name != kind) continue;
    return row.read(LayerReader(value, place, depth));
  }
  wrong(place, "there is no layer '", excerpt(kind), "'");
}

LayerPtr LayerReader::inner(const Json& value, const Place& place) const {
  return read_layer(value, place, depth_ + 1);
}

}  // namespace

LayerPtr layer_from_json(const nlohmann::json& value) {
  return read_layer(value, Place{.key = "layer"}, 0);
}

}  // namespace qml
