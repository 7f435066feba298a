// Every family of public headers, as a user would include and call it.
#include "families.h"

int main() {
  use_circuits();
  use_observables();
  use_noise();
  use_io();
  use_gradients();
  use_minimize();
  use_models();
  use_kernels();
  use_sentences();
}
