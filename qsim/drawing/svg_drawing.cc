#include "qsim/drawing/svg_drawing.h"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/drawing/scene.h"

namespace qsim {
namespace {

using Attributes = std::initializer_list<std::pair<std::string_view, std::string>>;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string open_tag(std::string_view name, const Attributes& attributes) {
  std::string out = "<" + std::string(name);
  for (const auto& [key, value] : attributes) {
    out += " " + std::string(key) + "=\"" + escaped(value) + "\"";
  }
  return out;
}

std::string element(std::string_view name, const Attributes& attributes) {
  return open_tag(name, attributes) + "/>\n";
}

// Whole numbers, so that no locale can write one in another way.
std::string num(int value) { return std::to_string(value); }
std::string tenths(int value) {
  return num(value / 10) + (value % 10 == 0 ? "" : "." + num(value % 10));
}

std::string line(const SceneShape& s) {
  std::string out = open_tag("line", {{"x1", num(s.x)},
                                      {"y1", num(s.y)},
                                      {"x2", num(s.x2)},
                                      {"y2", num(s.y2)},
                                      {"stroke", s.stroke},
                                      {"stroke-width", tenths(s.stroke_width)}});
  if (s.dashed) out += " stroke-dasharray=\"3 3\"";
  return out + "/>\n";
}

std::string circle(const SceneShape& s) {
  return element("circle", {{"cx", num(s.x)},
                            {"cy", num(s.y)},
                            {"r", num(s.size)},
                            {"fill", s.fill},
                            {"stroke", s.stroke},
                            {"stroke-width", tenths(s.stroke_width)}});
}

std::string arc(const SceneShape& s) {
  const std::string radius = num(s.size);
  const std::string path = "M " + num(s.x - s.size) + " " + num(s.y) + " A " + radius + " " +
                           radius + " 0 0 1 " + num(s.x + s.size) + " " + num(s.y);
  return element("path", {{"d", path},
                          {"fill", "none"},
                          {"stroke", s.stroke},
                          {"stroke-width", tenths(s.stroke_width)}});
}

std::string rectangle(const SceneShape& s) {
  return element("rect", {{"x", num(s.x)},
                          {"y", num(s.y)},
                          {"width", num(s.x2 - s.x)},
                          {"height", num(s.y2 - s.y)},
                          {"rx", num(s.size)},
                          {"fill", s.fill},
                          {"stroke", s.stroke},
                          {"stroke-width", tenths(s.stroke_width)}});
}

// A baseline lies about a third of the size below the middle of the letters.
std::string text(const SceneShape& s) {
  const char* anchor = s.anchor == SceneShape::Anchor::kStart ? "start"
                       : s.anchor == SceneShape::Anchor::kEnd ? "end"
                                                              : "middle";
  return open_tag("text", {{"x", num(s.x)},
                           {"y", num(s.y + (s.size * 9 + 12) / 25)},
                           {"font-size", num(s.size)},
                           {"text-anchor", anchor},
                           {"fill", s.fill}}) +
         ">" + escaped(s.text) + "</text>\n";
}

std::string shape(const SceneShape& s) {
  switch (s.kind) {
    case SceneShape::Kind::kLine:
      return line(s);
    case SceneShape::Kind::kCircle:
      return circle(s);
    case SceneShape::Kind::kArc:
      return arc(s);
    case SceneShape::Kind::kRect:
      return rectangle(s);
    case SceneShape::Kind::kText:
      break;
  }
  return text(s);
}

// A title is shown where the pointer rests on the group.
std::string group(const Group& g) {
  std::string out;
  if (!g.title.empty()) out += "<g><title>" + escaped(g.title) + "</title>\n";
  for (const SceneShape& s : g.shapes) {
    count_work(10);
    out += shape(s);
  }
  return g.title.empty() ? out : out + "</g>\n";
}

std::string document(int width, int height, const std::string& content) {
  const std::string w = num(width);
  const std::string h = num(height);
  return open_tag("svg",
                  {{"xmlns", "http://www.w3.org/2000/svg"},
                   {"width", w},
                   {"height", h},
                   {"viewBox", "0 0 " + w + " " + h},
                   {"role", "img"},
                   {"font-family", "'DejaVu Sans', 'Segoe UI', Helvetica, Arial, sans-serif"}}) +
         ">\n" +
         element("rect",
                 {{"x", "0"}, {"y", "0"}, {"width", w}, {"height", h}, {"fill", "#ffffff"}}) +
         content + "</svg>\n";
}

}  // namespace

std::string draw_svg(const Circuit& circuit, int expand) {
  const Scene scene = scene_of(circuit, expand);
  std::string content;
  for (const Group& g : scene.groups) content += group(g);
  return document(scene.width, scene.height, content);
}

}  // namespace qsim
