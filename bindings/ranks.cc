#include "bindings/ranks.h"

#include <array>
#include <memory>
#include <utility>

namespace ketgrad {
namespace {

// What ketgrad._ranks has of them.
class PyRanks : public qml::Ranks {
 public:
  explicit PyRanks(py::object ranks)
      : ranks_(new py::object(std::move(ranks)),
               [](py::object* p) {
                 const WithGil gil;
                 delete p;
               }),
        rank_(ranks_->attr("rank").cast<std::size_t>()),
        size_(ranks_->attr("size").cast<std::size_t>()) {}

  [[nodiscard]] const py::object& object() const { return *ranks_; }
  [[nodiscard]] std::size_t rank() const override { return rank_; }
  [[nodiscard]] std::size_t size() const override { return size_; }

  std::vector<double> gather(std::span<const double> own) override {
    const WithGil gil;
    const auto n = static_cast<py::ssize_t>(own.size());
    const py::object array = to_array(std::vector<double>(own.begin(), own.end()), {n});
    const py::function call = ranks_->attr("gather");
    const RealArray all = real_array(call_back(call, py::make_tuple(array)), "numbers of ranks");
    return {all.data(), all.data() + all.size()};
  }

 private:
  std::shared_ptr<py::object> ranks_;
  std::size_t rank_;
  std::size_t size_;
};

}  // namespace

qml::RanksPtr ranks_of(const py::object& comm) {
  if (comm.is_none()) return nullptr;
  const py::function make = py::module_::import("ketgrad._ranks").attr("ranks_of");
  return std::make_shared<PyRanks>(call_back(make, py::make_tuple(comm)));
}

std::uint64_t seed_of(const SeedArg& seed, const qml::RanksPtr& ranks) {
  const std::uint64_t own = seed.get();
  if (ranks == nullptr || ranks->any(seed.value.has_value())) return own;
  constexpr int kHalf = 32;  // which a double has exactly
  const std::array halves{static_cast<double>(own >> kHalf),
                          static_cast<double>(own << kHalf >> kHalf)};
  const std::vector<double> all = ranks->gather(halves);
  return static_cast<std::uint64_t>(all[0]) << kHalf | static_cast<std::uint64_t>(all[1]);
}

void together(const qml::RanksPtr& ranks, const std::function<void()>& body) {
  if (ranks == nullptr) return body();
  const auto& known = dynamic_cast<const PyRanks&>(*ranks);
  const py::function call = known.object().attr("together");
  call_back(call, py::make_tuple(py::cpp_function(body)));
}

}  // namespace ketgrad
