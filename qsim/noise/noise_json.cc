#include <nlohmann/json.hpp>
#include <utility>

#include "qsim/core/matrix.h"
#include "qsim/json/reader.h"
#include "qsim/json/text.h"
#include "qsim/noise/channel.h"
#include "qsim/noise/noise_model.h"

namespace qsim {
namespace {

using json::Json;
using json::Place;

constexpr std::string_view kFormat = "ketgrad.noise_model";

// Whether the table makes this channel from its name and parameters.
bool is_of_table(const Channel& channel) {
  const ChannelRow* const row = find_channel(channel.name);
  return row != nullptr && channel.parameters.size() == row->parameters.size() &&
         make_channel(channel.name, channel.parameters) == channel;
}

Json write(const Channel& channel) {
  Json out{{"name", channel.name}, {"parameters", Json::array()}};
  for (const double p : channel.parameters) {
    out["parameters"].push_back(json::number_or_infinity(p, "a parameter of a channel"));
  }
  if (is_of_table(channel)) return out;
  Json& kraus = out["kraus"] = Json::array();
  for (const Matrix& k : channel.kraus) kraus.push_back(json::write_matrix(k));
  return out;
}

Channel read_channel(const Json& value, const Place& place) {
  json::require_object(value, place, {"name", "parameters", "kraus"});
  std::string name = json::read_string(json::member(value, "name", place), place.at("name"));
  std::vector<double> parameters;
  if (value.contains("parameters")) {
    parameters =
        json::read_list(value["parameters"], place.at("parameters"), json::read_number_or_infinity);
  }
  if (!value.contains("kraus")) {
    return json::placed(place, [&] { return make_channel(name, parameters); });
  }
  const Place at = place.at("kraus");
  std::vector<Matrix> kraus = json::read_list(value["kraus"], at, json::read_matrix);
  return json::placed(at, [&] {
    Channel out = kraus_channel(std::move(kraus), std::move(name));
    out.parameters = std::move(parameters);
    return out;
  });
}

std::optional<std::vector<Qubit>> read_qubits(const Json& value, const Place& place) {
  if (!value.contains("qubits")) return {};
  return json::read_list(value["qubits"], place.at("qubits"), json::read_int);
}

void read_rule(const Json& value, const Place& place, NoiseModel& out) {
  json::require_object(value, place, {"channel", "gates", "qubits"});
  Channel channel = read_channel(json::member(value, "channel", place), place.at("channel"));
  std::vector<std::string> gates;
  if (value.contains("gates")) {
    gates = json::read_list(value["gates"], place.at("gates"), [](const Json& v, const Place& p) {
      return std::string(json::read_string(v, p));
    });
    json::expect(!gates.empty(), place.at("gates"), "an empty list; leave it out for any gate");
  }
  auto qubits = read_qubits(value, place);
  json::placed(place, [&] {
    out.add(std::move(channel), std::move(gates), std::move(qubits));
    return 0;
  });
}

void read_misreading(const Json& value, const Place& place, NoiseModel& out) {
  json::require_object(value, place, {"one_for_zero", "zero_for_one", "qubits"});
  const auto number = [&](std::string_view key) {
    return json::read_number(json::member(value, key, place), place.at(key));
  };
  const ReadoutError error{number("one_for_zero"), number("zero_for_one")};
  auto qubits = read_qubits(value, place);
  json::placed(place, [&] {
    out.add_readout_error(error, std::move(qubits));
    return 0;
  });
}

// Calls read(item, place, out) for a list that may be missing.
template <class Read>
void read_items(const Json& value, std::string_view key, const Place& root, const Read& read,
                NoiseModel& out) {
  if (!value.contains(key)) return;
  const Place list = root.at(key);
  const Json& items = json::read_array(value[key], list);
  for (std::size_t k = 0; k < items.size(); ++k) read(items[k], list.at(k), out);
}

}  // namespace

Json to_json(const NoiseModel& model) {
  Json out = json::header(kFormat);
  Json& rules = out["rules"] = Json::array();
  for (const NoiseModel::Rule& rule : model.rules()) {
    Json item{{"channel", write(rule.channel)}};
    if (!rule.gates.empty()) item["gates"] = rule.gates;
    if (rule.qubits) item["qubits"] = *rule.qubits;
    rules.push_back(std::move(item));
  }
  Json& errors = out["readout_errors"] = Json::array();
  for (const NoiseModel::Misreading& misreading : model.misreadings()) {
    Json item{{"one_for_zero", misreading.error.one_for_zero},
              {"zero_for_one", misreading.error.zero_for_one}};
    if (misreading.qubits) item["qubits"] = *misreading.qubits;
    errors.push_back(std::move(item));
  }
  return out;
}

NoiseModel noise_model_from_json(const Json& value) {
  const Place root{.key = "noise_model"};
  json::require_object(value, root, {"format", "version", "rules", "readout_errors"});
  json::read_header(value, kFormat, root);
  NoiseModel out;
  read_items(value, "rules", root, read_rule, out);
  read_items(value, "readout_errors", root, read_misreading, out);
  return out;
}

std::string to_json_text(const NoiseModel& model) { return json_text(to_json(model)); }

NoiseModel noise_model_from_json_text(std::string_view text) {
  return noise_model_from_json(parse_json(text));
}

}  // namespace qsim
