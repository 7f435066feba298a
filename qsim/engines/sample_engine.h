#pragma once

#include <memory>

#include "qsim/engines/engine.h"
#include "qsim/engines/sample_worker.h"

namespace qsim {

// An engine that takes one sample at a time and shares nothing between workers. Beside what a
// SampleWorker asks of it, a Workspace says how large it is: bytes(program, needs).
template <class T, class Workspace>
class SampleEngine : public Engine<T> {
 public:
  SampleEngine(const Program& program, const Needs& needs) : Engine<T>(program), needs_(needs) {}

  void bind(const Batch& /*batch*/) override {}

 protected:
  [[nodiscard]] const Needs& needs() const { return needs_; }

 private:
  [[nodiscard]] std::unique_ptr<Worker<T>> make_worker() const override {
    return std::make_unique<SampleWorker<T, Workspace>>(this->program(), needs_);
  }
  [[nodiscard]] double worker_bytes() const override {
    return Workspace::bytes(this->program(), needs_);
  }

  Needs needs_;
};

}  // namespace qsim
