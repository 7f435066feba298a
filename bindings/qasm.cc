#include "qsim/qasm/qasm.h"

#include <pybind11/stl/filesystem.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bindings/arguments.h"

namespace ketgrad {
namespace {

using qsim::Circuit;
using Inputs = std::optional<std::map<std::string, double>>;

Circuit read(std::string_view text, std::optional<int> version, bool strict, std::string name,
             std::int64_t max_operations, std::int64_t max_rounds, Inputs inputs) {
  std::vector<std::string> notes;
  const qsim::QasmOptions options{
      .version = version.value_or(0),
      .strict = strict,
      .name = std::move(name),
      .max_operations = max_operations,
      .max_rounds = max_rounds,
      .inputs = std::move(inputs).value_or(std::map<std::string, double>{}),
      .notes = &notes};
  Circuit out = [&] {
    const WithoutGil release;
    return qsim::circuit_from_qasm(text, options);
  }();
  for (const std::string& note : notes) {
    if (PyErr_WarnEx(PyExc_UserWarning, note.c_str(), 1) != 0) throw py::error_already_set();
  }
  return out;
}

// Python's own errors for files that cannot be read.
std::string file_text(const py::object& path) {
  return py::module_::import("ketgrad._files").attr("read_whole")(path).cast<std::string>();
}

}  // namespace

void bind_qasm(py::class_<Circuit>& c) {
  const std::int64_t kMaxOperations = qsim::QasmOptions{}.max_operations;
  c.def_static("from_qasm", &read, py::arg("text"), py::arg("version") = py::none(),
               py::arg("strict") = false, py::arg("name") = "<qasm>",
               py::arg("max_operations") = kMaxOperations, py::arg("max_rounds") = 0,
               py::arg("inputs") = py::none(),
               R"(The circuit that OpenQASM 2 or 3 describes; docs/qasm.md says what is read.

Without a version the header tells it. Version 2 is read as people write it: a missing header or
include and stray commas do no harm, and all gates of Qiskit's qelib1.inc are there; strict=True reads
it to the letter. Raises ValueError with `name`, line, column, the word found and what was expected;
so it does for more than max_operations operations, of which those on many wires count several times,
and for `while` on measured bits unless max_rounds says how often its body is in the circuit at most:
what would go on behind the last round does not. `inputs` are values of the file's inputs by their names;
those of whole numbers and bits must be told, other numbers become parameters without. Pragmas and calibrations are dropped with a UserWarning.

>>> text = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; h q[0]; cx q[0], q[1];'
>>> Circuit.from_qasm(text) == Circuit(2).h(0).cx(0, 1)
True
>>> Circuit.from_qasm('qreg q[2]; cx q[0];', name='bell.qasm')
Traceback (most recent call last):
ValueError: bell.qasm:1:12: gate 'cx' acts on 2 qubit(s), got 1
>>> until = 'qubit q; bit b = 1; while (b) { h q; b = measure q; }'
>>> Circuit.from_qasm(until, max_rounds=3).count_gates()
{'h': 3, 'measure': 3}
>>> Circuit.from_qasm('input int n; qubit[3] q; x q[n];', inputs={'n': 2}).operations
[x(2)]
)")
      .def_static(
          "from_qasm_file",
          [](const std::filesystem::path& path, std::optional<int> version, bool strict,
             std::int64_t max_operations, std::int64_t max_rounds, Inputs inputs) {
            return read(file_text(py::cast(path)), version, strict, path.string(), max_operations,
                        max_rounds, std::move(inputs));
          },
          py::arg("path"), py::arg("version") = py::none(), py::arg("strict") = false,
          py::arg("max_operations") = kMaxOperations, py::arg("max_rounds") = 0,
          py::arg("inputs") = py::none(),
          R"(The circuit in a file of OpenQASM, as from_qasm() reads it. Raises OSError without the file.

>>> import pathlib, tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     path = pathlib.Path(folder, 'bell.qasm')
...     _ = path.write_text(Circuit(2).h(0).cx(0, 1).to_qasm())
...     Circuit.from_qasm_file(path).count_gates()
{'cx': 1, 'h': 1}
)")
      .def(
          "to_qasm",
          [](const Circuit& self, int version) {
            // Another thread may change the circuit meanwhile.
            // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
            const Circuit circuit = self;
            const WithoutGil release;
            return qsim::to_qasm(circuit, version);
          },
          py::arg("version") = 3,
          R"(The circuit as OpenQASM 3 or 2, which from_qasm() reads back equal, to the last bit.

In version 2, controls on |0> become X gates around a control on |1>; parameters and most controlled
gates need version 3. Raises ValueError for what the version cannot hold: matrices, amplitudes,
channels, readout errors.

>>> print(Circuit(2).rx(Parameter('w'), 0).cx(0, 1).to_qasm())
OPENQASM 3.0;
include "stdgates.inc";
input float w;
qubit[2] q;
rx(w) q[0];
cx q[0], q[1];
<BLANKLINE>
)");
}

}  // namespace ketgrad
