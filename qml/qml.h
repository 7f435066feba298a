#pragma once

// Learning: gradients of programs over batches, models and what trains them.

#include "qml/circuits/ansatz.h"
#include "qml/circuits/feature_map.h"
#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/estimate.h"
#include "qml/derivatives/evaluate.h"
#include "qml/derivatives/hessian.h"
#include "qml/derivatives/metric_tensor.h"
#include "qml/derivatives/noisy.h"
#include "qml/derivatives/overlap.h"
#include "qml/models/classifier.h"
#include "qml/models/loss.h"
#include "qml/models/model.h"
#include "qml/models/presets.h"
#include "qml/models/trainer.h"
#include "qml/optimize/expectation_objective.h"
#include "qml/optimize/minimize.h"
#include "qml/optimize/optimizer.h"
#include "qml/optimize/schedule.h"
#include "qml/similarity/quantum_kernel.h"
#include "qsim/qsim.h"
