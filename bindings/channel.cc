#include "qsim/noise/channel.h"

#include <utility>

#include "bindings/arguments.h"
#include "bindings/circuit.h"
#include "bindings/named_values.h"
#include "bindings/pickled.h"
#include "qsim/core/matrix.h"

namespace ketgrad {
namespace {

using qsim::Channel;
using PyChannel = py::class_<Channel>;

std::string doc_of(const qsim::ChannelRow& row) {
  std::string call = qsim::concat("Channel.", row.name, "(");
  for (std::size_t k = 0; k < row.parameters.size(); ++k) {
    if (row.parameters[k].fallback) break;
    call += qsim::concat(k == 0 ? "" : ", ", row.parameters[k].most > 1 ? 1.0 : 0.1);
  }
  std::string doc(row.help);
  doc += ".\n\nRaises ValueError for values outside of their ranges.\n\n";
  return doc + qsim::concat(">>> ", call, ").n_qubits\n", row.qubits, "\n");
}

template <std::size_t>
using Number = double;

// The static method of a row with as many parameters as there are in Leading, and one more.
template <std::size_t... Leading>
void def_row(PyChannel& c, const qsim::ChannelRow& row, std::index_sequence<Leading...> /*n*/) {
  const auto name = [&row](std::size_t k) { return row.parameters[k].name.data(); };
  const auto make = [&row](Number<Leading>... leading, double last) {
    return qsim::make_channel(row.name, std::vector<double>{leading..., last});
  };
  const std::string doc = doc_of(row);
  const py::arg last(name(sizeof...(Leading)));
  if (const auto fallback = row.parameters.back().fallback) {
    c.def_static(row.name.data(), make, py::arg(name(Leading))..., last = *fallback, doc.c_str());
  } else {
    c.def_static(row.name.data(), make, py::arg(name(Leading))..., last, doc.c_str());
  }
}

void def_table(PyChannel& c) {
  for (const qsim::ChannelRow& row : qsim::channel_table()) {
    switch (row.parameters.size()) {
      case 0:
        c.def_static(
            row.name.data(), [&row] { return qsim::make_channel(row.name, {}); },
            doc_of(row).c_str());
        break;
      case 1:
        def_row(c, row, std::make_index_sequence<0>());
        break;
      case 2:
        def_row(c, row, std::make_index_sequence<1>());
        break;
      case 3:
        def_row(c, row, std::make_index_sequence<2>());
        break;
      case 4:
        def_row(c, row, std::make_index_sequence<3>());
        break;
      default:
        qsim::fail<std::logic_error>("channel '", row.name, "' has too many parameters to bind");
    }
  }
}

std::vector<qsim::Matrix> matrices(const py::object& operators) {
  if (!py::isinstance<py::iterable>(operators)) {
    throw py::type_error(
        qsim::concat("Kraus operators are a list of matrices, not ", shown(operators)));
  }
  // Where they are more than the entries of the largest superoperator, they are not needed.
  constexpr std::size_t kMost = std::size_t{1} << (4 * qsim::kMaxChannelQubits);
  std::vector<qsim::Matrix> out;
  for (const py::handle item : operators) {
    qsim::require(out.size() < kMost, "there are more than ", kMost, " Kraus operators");
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    out.push_back(matrix_of(py::reinterpret_borrow<py::object>(item), "a Kraus operator"));
  }
  return out;
}

}  // namespace

void bind_channel(py::module_& m) {
  PyChannel c(m, "Channel",
              R"(A quantum channel rho -> sum_k K_k rho K_k^dagger: noise on some qubits.

Made by the methods named after the channels, from probabilities of Pauli strings, or from any Kraus
operators. In a circuit by Circuit.channel(), behind gates by a NoiseModel.

>>> Channel.depolarizing(0.01)
<ketgrad.Channel: depolarizing(0.01) on 1 qubit>
)");
  def_table(c);
  c.def_static(
       "pauli", [](const NumbersArg& p) { return qsim::pauli_channel(p.value); },
       py::arg("probabilities"),
       R"(Pauli strings of one length with probabilities; what is missing to 1 is the identity's.

The last letter is for the first qubit, as in all text. Raises ValueError for probabilities outside
[0, 1] or that add up to more than 1. Aer: pauli_error([('X', 0.1), ('I', 0.9)]).

>>> Channel.pauli({'XX': 0.1, 'ZI': 0.05}).n_qubits
2
)")
      .def_static(
          "from_kraus",
          [](const py::object& operators, std::string name) {
            return qsim::kraus_channel(matrices(operators), std::move(name));
          },
          py::arg("operators"), py::arg("name") = "kraus",
          R"(Any channel on k qubits from its Kraus operators, each of shape (2**k, 2**k).

Bit j of a row or column is the j-th qubit the channel is put on. Raises ValueError unless the sum of
K^dagger K is the identity within 1e-6.

>>> Channel.from_kraus([[[1, 0], [0, 0]], [[0, 0], [0, 1]]], 'dephase').name
'dephase'
)")
      .def_readonly("name", &Channel::name, "The channel's name.")
      .def_readonly("parameters", &Channel::parameters,
                    "The numbers it was made from, if it is one of the table.")
      .def_readonly("kraus", &Channel::kraus, "The Kraus operators, a list of matrices.")
      .def_property_readonly("n_qubits", &qsim::n_qubits, "How many qubits it acts on.")
      .def("superoperator", &qsim::superoperator,
           R"(The matrix that acts on rho with its columns one after the other, shape (4**k, 4**k).

>>> Channel.phase_flip(0.5).superoperator().real.diagonal()
array([1., 0., 0., 1.])
)")
      .def(
          "__eq__", [](const Channel& a, const Channel& b) { return a == b; }, py::arg("other"),
          py::is_operator())
      .def("__repr__",
           [](const Channel& self) {
             std::string text = self.name;
             for (std::size_t k = 0; k < self.parameters.size(); ++k) {
               text += qsim::concat(k == 0 ? "(" : ", ", self.parameters[k]);
             }
             const int n = qsim::n_qubits(self);
             return qsim::concat("<ketgrad.Channel: ", text, self.parameters.empty() ? "" : ")",
                                 " on ", n, n == 1 ? " qubit>" : " qubits>");
           })
      .def(py::pickle(
          [](const Channel& self) {
            return py::make_tuple(self.name, self.parameters, self.kraus);
          },
          [](const py::tuple& t) {
            auto [name, parameters, kraus] =
                parts_of<std::string, std::vector<double>, std::vector<qsim::Matrix>>(t, "Channel");
            Channel out = qsim::kraus_channel(std::move(kraus), std::move(name));
            out.parameters = std::move(parameters);
            return out;
          }));
  c.attr("__hash__") = py::none();
  py::reinterpret_borrow<PyCircuit>(m.attr("Circuit"))
      .def(
          "channel",
          [](qsim::Circuit& self, const Channel& channel, const QubitsArg& qubits)
              -> qsim::Circuit& { return self.channel(channel, qubits.value); },
          py::arg("channel"), py::arg("qubits"), py::return_value_policy::reference_internal,
          R"(Append a channel, noise on one qubit or a list of them. Returns the circuit itself.

A channel on one qubit is appended for each of a list. Raises ValueError where the number of qubits is not
the channel's otherwise.

>>> Circuit(3).channel(Channel.bit_flip(0.1), range(3)).size
3
>>> round(Circuit(2).h(0).channel(Channel.depolarizing(0.1), 0).density_matrix().purity(), 12)
0.905
)");
}

}  // namespace ketgrad
