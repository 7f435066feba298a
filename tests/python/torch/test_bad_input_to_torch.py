"""What does not fit is refused in a line that names the value and the limit."""

import math
from typing import Any

import pytest
import torch
from programs_for_torch import CIRCUIT, PROGRAM, WITHOUT_INPUTS, WITHOUT_WEIGHTS, point
from torch import Tensor, nn
from torch.autograd import forward_ad

import ketgrad as kg
from ketgrad.layers import ScaleShift
from ketgrad.torch import Layer, function
from traced_values import OF_MATRICES, OF_NUMBERS

XW = (torch.zeros(4, 2), torch.zeros(3))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (torch.zeros(4, 3), XW[1]),
            ValueError,
            r"inputs must have shape \(..., 2\), got \(4, 3\)",
        ),
        ((torch.zeros(()), XW[1]), ValueError, r"inputs must have shape \(..., 2\), got \(\)"),
        ((XW[0], torch.zeros(2)), ValueError, r"weights must have shape \(..., 3\), got \(2,\)"),
        (
            (XW[0], torch.zeros(5, 3)),
            ValueError,
            r"inputs.* \(4,\) and weights \(5,\), which do not",
        ),
        ((XW[0].to(torch.cfloat), XW[1]), TypeError, "inputs are of 'torch.complex64'; .*float64'"),
        ((XW[0].half(), XW[1]), TypeError, "inputs are of 'torch.float16'"),
        ((XW[0], XW[1].bfloat16()), TypeError, "weights are of 'torch.bfloat16'"),
        ((XW[0].long(), XW[1]), TypeError, "inputs are of 'torch.int64'"),
        ((XW[0] > 0, XW[1]), TypeError, "inputs are of 'torch.bool'"),
        ((XW[0].to("meta"), XW[1]), ValueError, "inputs are on the device 'meta'; .* 'cpu'"),
        (
            (XW[0].to_sparse(), XW[1]),
            ValueError,
            "inputs are 'torch.sparse_coo'; .*'torch.strided'",
        ),
        ((XW[0].numpy(), XW[1]), TypeError, r"inputs must be tensors, not .*ndarray"),
        ((None, XW[1]), TypeError, r"inputs must be tensors, not None \(NoneType\)"),
        ((XW[0],), TypeError, r"takes inputs and weights; got 1 argument"),
        ((*XW, XW[0]), TypeError, r"takes inputs and weights; got 3 argument"),
        ((torch.zeros(0, 2), XW[1]), ValueError, "the batch is empty"),
    ],
)
def test_tensors(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        function(PROGRAM)(*arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
def test_nested_tensors() -> None:
    nested = torch.nested.nested_tensor([XW[0], XW[0]])
    with pytest.raises(TypeError, match=r"inputs must not be nested tensors, .*; pad them"):
        function(PROGRAM)(nested, XW[1])


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_values_that_are_not_finite(bad: float) -> None:
    x, w = (t.detach() for t in point((4, 2), (3,)))
    f = function(PROGRAM)
    wrong = x.clone()
    wrong[2, 1] = bad
    with pytest.raises(
        ValueError, match=rf"parameter 'x\[1\]' is {bad} in sample 2; it must be fin"
    ):
        f(wrong, w)
    with pytest.raises(ValueError, match=rf"parameter 'w\[0\]' is {bad}"):
        f(x, torch.full((3,), bad))
    with pytest.raises(ValueError, match=rf"parameter 'x\[1\]' is {bad} in sample 2"):
        torch.compile(f, backend="eager")(wrong, w)
    with pytest.raises(ValueError, match=f"cotangent of value 0 in sample 0 is {bad}"):
        f(x.requires_grad_(), w).backward(torch.full((4, 2), bad).double())
    of_one_value = function(WITHOUT_WEIGHTS)
    with pytest.raises(ValueError, match=f"cotangent of value 0 in sample 0 is {bad}"):
        of_one_value(x).backward(torch.full((4, 1), bad).double())


def test_a_derivative_that_is_not_finite() -> None:
    a = kg.Parameter("a")
    f = function(kg.compile(kg.Circuit(1).rx(kg.sqrt(a), 0), "Z"))
    w = torch.zeros(1, requires_grad=True)
    y = f(w)
    with pytest.raises(ValueError, match="'a'"):
        y.backward()


def test_the_layer_and_what_it_is_called_with() -> None:
    with pytest.raises(TypeError, match=r"takes inputs of shape \(..., 2\); none came"):
        Layer(PROGRAM)()
    with pytest.raises(TypeError, match="takes no inputs; some came"):
        Layer(WITHOUT_INPUTS)(torch.zeros(2))
    with pytest.raises(TypeError, match="inputs must be tensors"):
        Layer(PROGRAM)([0.1, 0.2])
    with pytest.raises(TypeError, match=r"weights are of 'torch\.float16'"):
        Layer(PROGRAM).half()(torch.zeros(2))
    with pytest.raises(TypeError, match="takes inputs; got 2 argument"):
        function(WITHOUT_WEIGHTS)(*XW)
    model = nn.Sequential(nn.Linear(2, 3), Layer(PROGRAM))
    with pytest.raises(ValueError, match=r"inputs must have shape \(..., 2\), got \(4, 3\)"):
        model(torch.zeros(4, 2))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"of": "variance"}, ValueError, r"of='variance' \(str\); it must be 'expval' or 'probs'"),
        ({"of": None}, ValueError, r"of=None \(NoneType\)"),
        ({"qubits": [0]}, ValueError, "qubits is given without of='probs'"),
        ({"of": "probs", "qubits": [0, 2]}, ValueError, "a qubit=2; it must be from 0 to 1"),
        ({"of": "probs", "qubits": -1}, ValueError, "a qubit=-1; it must be from 0 to 1"),
        (
            {"of": "probs", "qubits": [0.5]},
            TypeError,
            "a qubit must be an integer, not 0.5",
        ),
        ({"of": "probs", "qubits": [1, 1]}, ValueError, r"qubits=\[1, 1\].*each once"),
        ({"of": "probs", "qubits": []}, ValueError, r"qubits=\[\].*one or more"),
    ],
)
def test_quantities(arguments: Any, error: type[Exception], message: str) -> None:
    for make in (function, Layer):
        with pytest.raises(error, match=message):
            make(PROGRAM, **arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"weights": [0.1, 0.2]}, ValueError, r"weights must have shape \(3,\).*\(2,\)"),
        ({"weights": torch.zeros(2, 3)}, ValueError, "one row of weights"),
        ({"weights": {"v": 0.1}}, ValueError, "'v'"),
        ({"weights": {"w[0]": 0.1}}, ValueError, r"'w\[1\]' has no value"),
        ({"weights": [0.1, 0.2, 1j]}, TypeError, "real"),
        ({"weights": [0.1, 0.2, "a"]}, TypeError, "real"),
        ({"weights": [0.1, 0.2, math.nan]}, ValueError, r"'w\[2\]' is nan"),
        ({"weights": torch.zeros(3, requires_grad=True)}, ValueError, "requires_grad.*detach"),
        ({"dtype": torch.half}, ValueError, "dtype=torch.float16; it must be 'torch.float32' or"),
        ({"dtype": torch.cdouble}, ValueError, "dtype=torch.complex128"),
        ({"dtype": "double"}, ValueError, "dtype=double"),
    ],
)
def test_first_weights(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Layer(PROGRAM, **arguments)


def test_what_is_no_program() -> None:
    for make in (function, Layer):
        with pytest.raises(TypeError, match="Program"):
            make(CIRCUIT)
    with pytest.raises(ValueError, match="no observables"):
        function(kg.compile(CIRCUIT))
    with pytest.raises(ValueError, match="neither inputs nor weights"):
        function(kg.compile(kg.Circuit(1).h(0), "Z"))
    with pytest.raises(ValueError, match=r"of='probs' \(str\); a model has 'expval' alone"):
        Layer(kg.make_model(2, n_layers=1), of="probs")
    with pytest.raises(ValueError, match=r"of='probs' \(str\), qubits=None.*CircuitLayer"):
        function(ScaleShift(2), of="probs")
    for weights, error, message in (
        ([0.0] * 3, ValueError, r"weights must have shape \(4,\), got \(3,\)"),
        ([0.0, math.nan, 0.0, 0.0], ValueError, "'scale.1.' is nan; it must be finite"),
        ({"scale": 1.0}, TypeError, r"weights of a layer are an array of shape \(4,\)"),
        (["a"] * 4, TypeError, "weights must be real numbers"),
    ):
        with pytest.raises(error, match=message):
            Layer(ScaleShift(2), weights=weights)


def of_grad(call: Any, value: Tensor) -> None:
    call(value.requires_grad_())


def of_tangent(call: Any, value: Tensor) -> None:
    with forward_ad.dual_level():
        call(forward_ad.make_dual(value, torch.ones_like(value)))


def of_vmap(call: Any, value: Tensor) -> None:
    torch.func.vmap(lambda a: (call(a), a)[1])(torch.stack([value, value]))


def of_func(call: Any, value: Tensor) -> None:
    torch.func.grad(lambda a: (call(a), a.sum())[1])(value)


@pytest.mark.parametrize(
    ("follow", "words"),
    [
        (of_grad, r"which requires grad \(detach\(\) ends that\)"),
        (of_tangent, "which has a tangent"),
        (of_vmap, "which torch.func follows"),
        (of_func, "which torch.func follows"),
    ],
)
@pytest.mark.parametrize(
    ("call", "value"),
    [
        *(pytest.param(call, torch.tensor(0.3), id=name) for name, call in OF_NUMBERS.items()),
        *(pytest.param(call, 0.7 * torch.eye(2), id=name) for name, call in OF_MATRICES.items()),
    ],
)
def test_what_is_followed_is_not_lost_in_a_program(
    follow: Any, words: str, call: Any, value: Tensor
) -> None:
    with pytest.raises(TypeError, match=f"{words}: compile outside, and make it a w") as caught:
        follow(call, value.detach().double())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["rx", "PauliSum", "weights", "initialize", "a step"])
def test_where_pytorch_follows_nothing_a_tensor_is_a_number(name: str) -> None:
    with torch.no_grad():
        OF_NUMBERS[name](torch.tensor(0.3, requires_grad=True))
    with forward_ad.dual_level():
        OF_NUMBERS[name](torch.tensor(0.3))


@pytest.mark.parametrize("follow", [of_grad, of_tangent, of_vmap, of_func])
@pytest.mark.parametrize(
    "call",
    [
        lambda x: kg.VQClassifier(max_iter=1).fit(x, [0, 1, 1]),
        lambda x: kg.VQClassifier(max_iter=1).fit([[row[0], row[1]] for row in x], [0, 1, 1]),
        lambda x: kg.VQRegressor(max_iter=1).fit([[0.1], [0.2], [0.3]], x[:, 0]),
        lambda x: kg.losses.mmd(4, [x[0, 0]]),
        lambda x: kg.losses.kernel_alignment(x[0, 0]),
        lambda x: kg.losses.fooling(lambda: None, [[x[0, 0]], [x[0, 1]]]),
        lambda x: Layer(ScaleShift(2), weights=[x[0, 0], 0.1, 0.2, 0.3]),
    ],
)
def test_what_is_followed_is_not_lost_in_python(follow: Any, call: Any) -> None:
    words = r"which (requires grad|has a tangent|torch.func follows)"
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        follow(call, torch.rand(3, 2).double())
    assert "\n" not in str(caught.value)


def test_first_weights_do_not_lose_a_tangent() -> None:
    with pytest.raises(ValueError, match=r"one with a tangent that; give weights.detach\(\)"):
        of_tangent(lambda w: Layer(PROGRAM, weights=w), torch.zeros(3))


@pytest.mark.parametrize("name", ["rx", "PauliSum", "a product", "depolarizing", "weights"])
def test_a_plain_tensor_is_a_number(name: str) -> None:
    OF_NUMBERS[name](torch.tensor(0.3, requires_grad=True).detach())
