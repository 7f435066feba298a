#include <qsim/noise/channel.h>
#include <qsim/noise/density_matrix.h>
#include <qsim/noise/exact_run.h>
#include <qsim/noise/noise_model.h>
#include <qsim/noise/shots.h>
#include <qsim/noise/trajectories.h>

#include "families.h"

void use_noise() {
  qsim::NoiseModel model;
  model.add(qsim::channels::bit_flip(0.25), {"x"});
  const qsim::Circuit noisy = model.apply(qsim::Circuit(1, 1).x(0).measure(0, 0));
  const qsim::Shots shots =
      qsim::run_shots<double>(noisy, {}, 4000, 1, qsim::RunMethod::kDensityMatrix);
  check(shots.exact->at({1}), 0.75, "the probability of 1");
  // Ten standard deviations.
  check(static_cast<double>(shots.counts().at({1})) / 4000, 0.75, "the frequency of 1", 0.07);
}
