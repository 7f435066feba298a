#pragma once

#include "bindings/web/answers.h"

// One saved variational estimator, opened by a page: what Python's save() wrote.

namespace web {

// Request {"document": the estimator's JSON}, which stays open for the other functions. Answer
// {"kind": "classifier", "labels" (several labels a sample) or "regressor", "n_features",
//  "features": [names] or null, "classes": [...] or null, "mean", "scale": of the features, or
//  null, "circuit": its SVG or null, "n_qubits", "n_parameters"}. ValueError for what does not run
//  here.
Json open_model(const Json& request);

// Request {"rows": [[features], …]}; answer {"predictions": [...]}, classes or numbers, lists of
// them for several labels or targets, {"outputs": [[...]]} of the model, and of classifiers
// {"probabilities": [[...]]}. The numbers are those of Python's predict and predict_proba.
Json predict(const Json& request);

// Request {"row": [features]}: state_of() the model's circuit for these.
Json model_state(const Json& request);

}  // namespace web
