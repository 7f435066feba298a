#include "qml/models/loss.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/catch.h"

using Catch::Matchers::Matches;
using qml::Loss;

namespace {

using Numbers = std::vector<double>;

struct Result {
  double value;
  Numbers gradient;
};

Result evaluate(Loss kind, const Numbers& outputs, const Numbers& targets) {
  Result out{0.0, Numbers(outputs.size())};
  out.value = qml::loss(kind, outputs, targets, out.gradient);
  return out;
}

struct Sample {
  Loss kind;
  Numbers outputs;
  Numbers targets;
};

double finite_difference(Sample sample, std::size_t k) {
  constexpr double kStep = 1e-5;
  const double at = sample.outputs[k];
  sample.outputs[k] = at + kStep;
  const double above = evaluate(sample.kind, sample.outputs, sample.targets).value;
  sample.outputs[k] = at - kStep;
  const double below = evaluate(sample.kind, sample.outputs, sample.targets).value;
  return (above - below) / (2.0 * kStep);
}

}  // namespace

TEST_CASE("Losses have the values of their formulas", "[loss]") {
  CHECK(evaluate(Loss::cross_entropy, {0.0}, {1.0}).value == Approx(std::log(2.0)));
  CHECK(evaluate(Loss::cross_entropy, {1.5}, {0.25}).value ==
        Approx(-0.25 * std::log(1 / (1 + std::exp(-1.5))) -
               0.75 * std::log(1 / (1 + std::exp(1.5)))));
  // softmax(0, log 2, log 5) = (1, 2, 5) / 8
  CHECK(evaluate(Loss::cross_entropy, {0.0, std::log(2.0), std::log(5.0)}, {0.0, 1.0, 0.0}).value ==
        Approx(std::log(4.0)));
  CHECK(evaluate(Loss::cross_entropy, {0.0, std::log(2.0), std::log(5.0)}, {0.5, 0.0, 0.5}).value ==
        Approx(0.5 * std::log(8.0) + 0.5 * std::log(1.6)));
  CHECK(evaluate(Loss::squared, {1.0, -2.0}, {0.0, 1.0}).value == Approx(5.0));
  CHECK(evaluate(Loss::hinge, {0.5, -2.0, 3.0}, {1.0, 1.0, 1.0}).value == Approx(3.5 / 3.0));
  CHECK(evaluate(Loss::huber, {0.5, -2.0}, {1.0, 1.0}).value == Approx((0.125 + 2.5) / 2));
  CHECK(evaluate(Loss::multi_label, {0.0, 1.5}, {1.0, 0.25}).value ==
        Approx((std::log(2.0) + evaluate(Loss::cross_entropy, {1.5}, {0.25}).value) / 2));
}

TEST_CASE("Loss gradients agree with finite differences", "[loss]") {
  const auto sample = GENERATE(values<Sample>({
      {Loss::cross_entropy, {0.7}, {0.0}},
      {Loss::cross_entropy, {-0.7}, {1.0}},
      {Loss::cross_entropy, {3.0}, {0.3}},
      {Loss::cross_entropy, {0.1, -0.4}, {1.0, 0.0}},
      {Loss::cross_entropy, {0.1, -0.4, 2.0, 1.0}, {0.1, 0.2, 0.3, 0.4}},
      {Loss::squared, {0.4}, {-1.0}},
      {Loss::squared, {0.4, 3.0, -2.0}, {1.0, 0.0, 0.5}},
      {Loss::hinge, {0.4}, {-1.0}},
      {Loss::hinge, {0.4, 3.0, -2.0}, {1.0, 1.0, 1.0}},
      {Loss::huber, {0.4, 3.0, -2.0}, {1.0, 0.0, 0.5}},
      {Loss::multi_label, {0.4, 3.0, -40.0}, {1.0, 0.3, 0.0}},
  }));
  const Result result = evaluate(sample.kind, sample.outputs, sample.targets);
  for (std::size_t k = 0; k < sample.outputs.size(); ++k) {
    CAPTURE(qml::loss_name(sample.kind), k);
    CHECK(result.gradient[k] == Approx(finite_difference(sample, k)).margin(1e-9));
  }
}

TEST_CASE("Cross entropy of one logit is softmax of two, one of them 0", "[loss]") {
  for (const double logit : {-3.0, -0.2, 0.0, 1.7, 40.0}) {
    for (const double t : {0.0, 0.3, 1.0}) {
      const Result one = evaluate(Loss::cross_entropy, {logit}, {t});
      const Result two = evaluate(Loss::cross_entropy, {0.0, logit}, {1.0 - t, t});
      CHECK(one.value == Approx(two.value).margin(1e-15));
      CHECK(one.gradient[0] == Approx(two.gradient[1]).margin(1e-15));
    }
  }
}

TEST_CASE("Cross entropy is exact for extreme logits", "[loss]") {
  // What is left of a confident correct answer is e^{−50}, not a rounded 0.
  const Result sure = evaluate(Loss::cross_entropy, {50.0}, {1.0});
  CHECK(sure.value == Approx(std::exp(-50.0)).epsilon(1e-12));
  CHECK(sure.gradient[0] == Approx(-std::exp(-50.0)).epsilon(1e-12));
  CHECK(evaluate(Loss::cross_entropy, {-50.0}, {0.0}).gradient[0] ==
        Approx(std::exp(-50.0)).epsilon(1e-12));

  for (const double big : {800.0, 1e300}) {
    CAPTURE(big);
    CHECK(evaluate(Loss::cross_entropy, {big}, {1.0}).value == 0.0);
    CHECK(evaluate(Loss::cross_entropy, {big}, {0.0}).value == big);
    CHECK(evaluate(Loss::cross_entropy, {-big}, {1.0}).value == big);
    CHECK(evaluate(Loss::cross_entropy, {-big}, {1.0}).gradient[0] == -1.0);
    CHECK(evaluate(Loss::cross_entropy, {big}, {0.25}).value == Approx(0.75 * big));
    const Result wrong = evaluate(Loss::cross_entropy, {big, -big}, {0.0, 1.0});
    CHECK(wrong.value == Approx(2.0 * big));
    CHECK(wrong.gradient == Numbers{1.0, -1.0});
    CHECK(evaluate(Loss::cross_entropy, {big, -big}, {1.0, 0.0}).value == 0.0);
    CHECK(evaluate(Loss::cross_entropy, {big, big}, {1.0, 0.0}).value == Approx(std::log(2.0)));
  }
  const double most = std::numeric_limits<double>::max();
  CHECK(evaluate(Loss::cross_entropy, {most, -most}, {1.0, 0.0}).value == 0.0);
}

TEST_CASE("Squared and hinge loss give no NaN for extreme outputs", "[loss]") {
  CHECK(std::isinf(evaluate(Loss::squared, {1e300}, {0.0}).value));
  CHECK(evaluate(Loss::squared, {1e300}, {0.0}).gradient[0] == 2e300);
  CHECK(evaluate(Loss::hinge, {1e300, -1e300}, {1.0, 1.0}).value == Approx(5e299));
}

TEST_CASE("Hinge loss has gradient 0 where the margin is met", "[loss]") {
  CHECK(evaluate(Loss::hinge, {1.0, -1.0, 0.0, 0.0}, {1.0, -1.0, 1.0, -1.0}).gradient ==
        Numbers{0.0, 0.0, -0.25, 0.25});
}

TEST_CASE("Outputs that are not finite show in the loss", "[loss]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isnan(evaluate(Loss::cross_entropy, {nan}, {1.0}).value));
  CHECK(std::isnan(evaluate(Loss::cross_entropy, {0.0, nan}, {1.0, 0.0}).value));
  CHECK(std::isnan(evaluate(Loss::squared, {nan}, {1.0}).value));
  CHECK(std::isnan(evaluate(Loss::hinge, {nan}, {1.0}).value));
}

TEST_CASE("Losses are found by name", "[loss]") {
  for (const auto name : qml::loss_names()) CHECK(qml::loss_name(qml::parse_loss(name)) == name);
  CHECK(qml::parse_loss("hinge") == Loss::hinge);
  CHECK_THROWS_WITH(qml::parse_loss("mae"), Matches(".*mae.*cross_entropy, squared, hinge.*"));
}

TEST_CASE("A loss refuses sizes and targets that do not fit", "[loss]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(evaluate(Loss::squared, {}, {}), Matches(".*at least one.*"));
  CHECK_THROWS_WITH(evaluate(Loss::squared, {1.0, 2.0}, {1.0}),
                    Matches(".*1 target\\(s\\) for 2.*"));
  CHECK_THROWS_WITH(evaluate(Loss::cross_entropy, {1.0}, {1.5}), Matches(".*1\\.5.*"));
  CHECK_THROWS_WITH(evaluate(Loss::cross_entropy, {1.0}, {nan}), Matches(".*nan.*"));
  CHECK_THROWS_WITH(evaluate(Loss::cross_entropy, {1.0, 2.0}, {0.5, 0.2}), Matches(".*0\\.7.*"));
  CHECK_THROWS_WITH(evaluate(Loss::squared, {1.0}, {nan}), Matches(".*nan.*"));
  CHECK_THROWS_WITH(evaluate(Loss::hinge, {1.0}, {0.0}), Matches(".*neither.*"));

  const Numbers one{1.0};
  Numbers gradient{7.0, 7.0};
  CHECK_THROWS_WITH(qml::loss(Loss::squared, one, one, gradient), Matches(".*room for 2 of 1.*"));
  CHECK_THROWS_AS(qml::loss(Loss::hinge, one, Numbers{3.0}, std::span(gradient).first(1)),
                  std::invalid_argument);
  CHECK(gradient == Numbers{7.0, 7.0});
}
