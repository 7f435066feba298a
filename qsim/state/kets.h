#pragma once

#include <cstddef>
#include <string>

#include "qsim/state/state.h"

namespace qsim {

enum class KetStyle : unsigned char { kText, kLatex };

// A state as a sum of kets, 0.707|00⟩ + 0.707|11⟩, qubit 0 rightmost: the `most` largest terms in
// the order of their basis states, and how many others there are. Amplitudes are rounded to three
// digits; those below a millionth of the largest are left out. Text folds at 80 columns.
template <class T>
std::string ket_text(const State<T>& state, KetStyle style = KetStyle::kText,
                     std::size_t most = 16);

}  // namespace qsim
