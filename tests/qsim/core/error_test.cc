#include "qsim/core/error.h"

#include <string>

#include "qsim/core/utf8.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

using qsim::readable;

TEST_CASE("messages are as they are written", "[core]") {
  for (const std::string text : {"", "qubit 3 is out of range", "there is no gate named 'θ漢'"}) {
    CHECK(readable(text) == text);
  }
}

TEST_CASE("messages move no cursor", "[core]") {
  CHECK(readable(std::string("'a\n\t\0b\x1b[2J\x7f'", 12)) == "'a\\x0a\\x09\\x00b\\x1b[2J\\x7f'");
}

TEST_CASE("of long messages the beginning and the end are told", "[core]") {
  for (const std::size_t shift : {0U, 1U, 2U}) {
    std::string name(shift, '-');
    for (int k = 0; k < 100'000; ++k) name += "漢";
    const std::string text = readable(qsim::concat("the name '", name, "' is too long"));
    CHECK(text.size() < 1600);
    CHECK(text.starts_with("the name '"));
    CHECK(text.ends_with("漢' is too long"));
    CHECK(reference::contains(text, "漢…漢"));
    CHECK(qsim::encode_utf8(qsim::decode_utf8(text)) == text);
  }
  CHECK(readable(std::string(100'000, '\x80')).size() < 1600);
}

TEST_CASE("counts have their noun", "[core]") {
  CHECK(qsim::counted(0, "qubit") == "0 qubits");
  CHECK(qsim::counted(1, "qubit") == "1 qubit");
  CHECK(qsim::counted(2, "qubit") == "2 qubits");
}
