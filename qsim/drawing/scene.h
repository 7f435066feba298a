#pragma once

#include <string>
#include <vector>

#include "qsim/circuit/circuit.h"

// A circuit as shapes on a page, for anything that can draw lines, circles, boxes and text. All
// lengths are whole pixels; y grows downwards.

namespace qsim {

struct SceneShape {
  enum class Kind : unsigned char { kLine, kCircle, kArc, kRect, kText };
  enum class Anchor : unsigned char { kStart, kMiddle, kEnd };
  Kind kind = Kind::kLine;
  int x = 0;  // an end of a line, the middle of a circle or of the upper half of one (an arc), the
  int y = 0;  // left upper corner of a rectangle, the anchor of a text half way up its letters
  int x2 = 0;
  int y2 = 0;            // the other end, or the opposite corner
  int size = 0;          // the radius of a circle, of a rectangle's corners, the size of letters
  int stroke_width = 0;  // in tenths
  bool dashed = false;
  Anchor anchor = Anchor::kMiddle;
  std::string fill{};    // "#rrggbb"; empty: none
  std::string stroke{};  // likewise
  std::string text{};
};

// The shapes of one operation, with the text that tells all about it; of the wires, without.
struct Group {
  std::string title{};
  std::vector<SceneShape> shapes{};
};

struct Scene {
  int width = 0;
  int height = 0;
  std::vector<Group> groups{};  // later ones cover earlier ones
};

// Qubit 0 at the top, folded into rows of at most 24 columns; `expand` levels of boxes are open, as
// in lay_out(). ValueError for circuits of more than some 10^6 shapes.
Scene scene_of(const Circuit& circuit, int expand = 0);

}  // namespace qsim
