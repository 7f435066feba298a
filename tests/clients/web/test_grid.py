"""The playground's grid: by mouse, touch and keyboard, in step with the text."""

import json

import numpy as np
import pytest
from browser import chromium
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.keys import Keys

import ketgrad as kg

EMPTY = 'OPENQASM 3;\ninclude "stdgates.inc";\nqubit[3] q;\n'
OUTSIDE = (5, 5)
FIXED = ["h", "x", "y", "z", "s", "sdg", "t", "tdg", "sx"]
TURNING = ["rx", "ry", "rz", "p"]


class Grid:
    """The grid of a playground, by what points at it ("mouse" or "touch")."""

    def __init__(self, page, kind="mouse"):
        self.page = page
        self.kind = kind
        self.svg = page.find(".grid svg")

    def tool(self, name):
        """Return where a gate of the palette is."""
        return self._middle(f"document.querySelector('.palette [aria-label=\"{name}\"]')")

    def cell(self, wire, column):
        """Return where a cell is."""
        left, top = self.page.evaluate(
            "(() => { const box = document.querySelector('.grid svg').getBoundingClientRect();"
            "return [box.left + LABEL, box.top]; })()"
        )
        return round(left + 40 * column + 20), round(top + 40 * wire + 20)

    def _middle(self, element):
        found = self.page.evaluate(f"{element}.getBoundingClientRect().toJSON()")
        return round(found["x"] + found["width"] / 2), round(found["y"] + found["height"] / 2)

    def tap(self, place):
        """Touch a place and let go."""
        self.drag(place)

    def drag(self, start, *through):
        """Take hold of what is at a place, and let it go at the last one."""
        actions = ActionBuilder(self.page.driver, PointerInput(self.kind, self.kind), duration=30)
        pointer = actions.pointer_action
        pointer.move_to_location(*start).pointer_down()
        for x, y in through:
            pointer.move_to_location((start[0] + x) // 2, (start[1] + y) // 2)
            pointer.move_to_location(x, y)
        pointer.pointer_up()
        actions.perform()
        actions.clear_actions()

    def type(self, *keys):
        """Press keys one after the other."""
        self.svg.send_keys(*keys)

    @property
    def lines(self):
        """Return the statements of the text behind the declarations."""
        lines = self.page.find("#text").get_attribute("value").strip().split("\n")
        first = ("OPENQASM", "include", "qubit", "bit", "input")
        return [line for line in lines if not line.startswith(first)]

    @property
    def places(self):
        """Return the gates of the grid: name, column, targets, controls."""
        return self.page.evaluate(
            "ketgradPage.grid.circuit.gates.map((gate) => [gate.name, gate.column, gate.targets,"
            " gate.controls.map(({ wire, value }) => [wire, value])])"
        )

    @property
    def hint(self):
        """Return what the grid says."""
        return self.page.text("#gates [role=status]")


@pytest.fixture(scope="module")
def phone():
    """Return a browser as on a phone."""
    with chromium(phone=True) as shown:
        yield shown


@pytest.fixture(params=["mouse", "touch", "phone"])
def pointed(request, playground):
    """Return the grid of three empty wires, by a mouse, a screen that is touched, and a phone."""
    page = request.getfixturevalue("phone" if request.param == "phone" else "page")
    return _opened(page, playground, "mouse" if request.param == "mouse" else "touch")


@pytest.fixture
def grid(page, playground):
    """Return the grid of three empty wires."""
    return _opened(page, playground, "mouse")


def _opened(page, playground, kind):
    page.open(playground)
    page.enter("#text", EMPTY)
    page.driver.execute_script("document.querySelector('#gates').scrollIntoView()")
    page.settle()
    return Grid(page, kind)


def test_gates_are_dragged(pointed):
    pointed.drag(pointed.tool("h"), pointed.cell(0, 0))
    pointed.drag(pointed.tool("x"), pointed.cell(2, 1))
    pointed.drag(pointed.tool("control"), pointed.cell(0, 1))
    assert pointed.lines == ["h q[0];", "cx q[0], q[2];"]
    assert pointed.places == [["h", 0, [0], []], ["x", 1, [2], [[0, True]]]]
    pointed.page.settle()
    assert pointed.page.evaluate("ketgradPage.circuit.n_operations") == 2

    pointed.drag(pointed.cell(2, 1), pointed.cell(1, 1))  # the target alone
    assert pointed.lines == ["h q[0];", "cx q[0], q[1];"]
    pointed.drag(pointed.cell(0, 1), pointed.cell(0, 3))  # to another column, all of it
    assert pointed.places[1] == ["x", 3, [1], [[0, True]]]
    pointed.drag(pointed.cell(0, 3), pointed.cell(1, 3))  # control and target change places
    assert pointed.lines == ["h q[0];", "cx q[1], q[0];"]
    pointed.drag(pointed.cell(0, 0), OUTSIDE)
    assert pointed.lines == ["cx q[1], q[0];"]
    pointed.drag(pointed.cell(1, 3), OUTSIDE)  # the control alone
    assert pointed.lines == ["x q[0];"]


def test_what_is_in_the_way_moves_on(pointed):
    pointed.drag(pointed.tool("h"), pointed.cell(1, 0))
    pointed.drag(pointed.tool("z"), pointed.cell(2, 1))
    pointed.drag(pointed.tool("swap"), pointed.cell(0, 0))
    assert pointed.places == [["h", 1, [1], []], ["z", 2, [2], []], ["swap", 0, [0, 1], []]]
    assert pointed.lines == ["swap q[0], q[1];", "h q[1];", "z q[2];"]
    pointed.drag(pointed.cell(1, 0), pointed.cell(2, 0))
    pointed.drag(pointed.tool("control on 0"), pointed.cell(1, 0))
    assert pointed.lines[0] == "negctrl @ swap q[1], q[0], q[2];"


def test_gates_are_tapped(pointed):
    pointed.tap(pointed.tool("ry"))
    pointed.tap(pointed.cell(1, 2))
    pointed.tap(pointed.cell(0, 2))
    pointed.tap(pointed.tool("control"))
    pointed.tap(pointed.cell(2, 2))
    assert sorted(pointed.lines) == ["cry(pi/2) q[2], q[1];", "ry(pi/2) q[0];"]
    pointed.tap(pointed.tool("control"))  # chosen no more
    pointed.tap(pointed.cell(0, 1))
    assert len(pointed.lines) == 2
    assert pointed.hint == "q[0], column 2: free"
    pointed.tap(pointed.cell(0, 2))
    assert pointed.hint == "q[0], column 3: ry(pi/2) q[0];"


def test_keys(grid):
    grid.type("h", Keys.ARROW_DOWN, "x", Keys.ARROW_LEFT, Keys.ARROW_UP, "c")
    assert grid.lines == ["h q[0];", "cx q[0], q[1];"]
    grid.type(Keys.ARROW_DOWN, Keys.ARROW_DOWN, "o")
    assert grid.lines[1] == "ctrl @ negctrl @ x q[0], q[2], q[1];"
    grid.type("c")
    assert grid.lines[1] == "ccx q[0], q[2], q[1];"
    grid.type(Keys.DELETE)
    assert grid.lines[1] == "cx q[0], q[1];"
    grid.type(Keys.ARROW_RIGHT, "Z", "S")
    assert grid.lines[2:] == ["rz(pi/2) q[2];", "sdg q[2];"]
    grid.type(*[Keys.ARROW_LEFT] * 9, *[Keys.ARROW_UP] * 9)
    assert grid.hint == "q[0], column 1: h q[0];"
    grid.type(Keys.BACKSPACE)
    assert grid.lines[0] == "cx q[0], q[1];"
    grid.type(Keys.CONTROL + "z")
    assert grid.lines[0] == "h q[0];"
    assert grid.places[1][1] == 1  # columns are back as well
    # The palette by the keyboard alone.
    grid.page.find(".palette [aria-label=t]").send_keys(Keys.ENTER)
    grid.type(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ENTER, Keys.ESCAPE, Keys.ENTER)
    assert grid.lines.count("t q[0];") == 1


def test_angles(grid):
    field = grid.page.find("#gates input")
    grid.type("X", Keys.ARROW_LEFT, Keys.ENTER)
    assert grid.page.evaluate("document.activeElement.value") == "pi/2"
    field.send_keys(Keys.CONTROL + "a" + Keys.NULL, "2*alpha - pi/3", Keys.ENTER)
    assert grid.lines == ["rx(2*alpha - pi/3) q[0];"]
    grid.page.settle()
    assert grid.page.evaluate("[...ketgradPage.values.keys()]") == ["alpha"]
    text = grid.page.find("#text").get_attribute("value")
    field.send_keys(Keys.CONTROL + "a" + Keys.NULL, "2*(", Keys.ENTER)
    assert grid.hint == "Expected a number or a name, got ')'."
    assert grid.page.find("#text").get_attribute("value") == text
    field.send_keys(Keys.CONTROL + "a" + Keys.NULL, "-0.25e-1", Keys.ENTER)
    assert grid.lines == ["rx(-0.25e-1) q[0];"]


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ("bit c; c = measure q[0];", "'measure' is no gate of the grid"),
        ("bit c; c = measure q[0]; if (c) x q[1];", "'measure' is no gate of the grid"),
        ("rzz(0.1) q[0], q[1];", "'rzz' is no gate of the grid"),
        ("for int i in [1:1001] { x q[0]; }", "1001 gates; the grid has at most 1000"),
        ("yes q[0];", "follows the text once that is right"),
    ],
)
def test_texts_that_are_not_of_the_grid(grid, statements, said):
    grid.page.enter("#text", EMPTY + statements)
    assert said in grid.hint
    assert not grid.svg.is_displayed()
    grid.page.find("#gates .palette button").click()
    assert said in grid.hint
    grid.page.enter("#text", EMPTY + "h q[1];")
    assert grid.svg.is_displayed()
    assert grid.places == [["h", 0, [1], []]]


def test_qubits(grid):
    more = grid.page.find("#gates [aria-label='one qubit more']")
    fewer = grid.page.find("#gates [aria-label='one qubit less']")
    for _ in range(14):
        more.click()
    assert grid.hint == "The grid has 1 to 16 qubits."
    assert grid.page.evaluate("ketgradPage.circuit.n_qubits") == 16
    grid.type(*[Keys.ARROW_DOWN] * 15, "h")
    assert grid.lines == ["h q[15];"]
    fewer.click()
    assert grid.hint == "There are gates on q[15]; remove them first."
    grid.type(Keys.CONTROL + "z")
    for _ in range(16):
        fewer.click()
    assert grid.hint == "The grid has 1 to 16 qubits."
    grid.type("w")
    assert grid.hint == "Swap needs 2 qubits."


def _random_circuit(rng):
    n = int(rng.integers(3, 6))
    w, a = kg.ParameterVector("w", 3), kg.Parameter("α")
    angles = [
        a,
        w[0],
        2 * a - np.pi / 3,
        a * w[2],
        kg.sin(a) / 2,
        -a,
        a**2,
        (a - w[1]) * (a + 2) - (w[1] - a),
        -0.75 * np.pi,
        1e-9,
    ]
    circuit = kg.Circuit([("q", 2), ("rest", n - 2)])
    for _ in range(int(rng.integers(1, 25))):
        wires = [int(wire) for wire in rng.permutation(n)]
        controls = {
            wire: int(rng.integers(2)) for wire in wires[2 : 2 + int(rng.integers(0, n - 1))]
        }
        kind = int(rng.integers(3))
        if kind == 0:
            getattr(circuit, FIXED[rng.integers(len(FIXED))])(wires[0], controls=controls)
        elif kind == 1:
            angle = angles[rng.integers(len(angles))]
            getattr(circuit, TURNING[rng.integers(4)])(angle, wires[0], controls=controls)
        else:
            circuit.swap(wires[0], wires[1], controls=controls)
    return circuit


@pytest.mark.parametrize("seed", range(20))
def test_what_the_grid_writes_is_what_it_read(grid, seed):
    circuit = _random_circuit(np.random.default_rng(seed))
    written = grid.page.evaluate("GridCircuit.read(JSON.parse(given[0])).text()", circuit.to_json())
    read = kg.Circuit.from_qasm(written)
    assert json.loads(read.to_json()).get("qubit_registers") == json.loads(circuit.to_json()).get(
        "qubit_registers"
    )
    assert sorted(read.parameters) == sorted(circuit.parameters)
    values = {name: 0.3 + 0.1 * k for k, name in enumerate(circuit.parameters)}
    np.testing.assert_allclose(read.state(values), circuit.state(values), rtol=0, atol=1e-13)
    again = grid.page.evaluate("GridCircuit.read(JSON.parse(given[0])).text()", read.to_json())
    assert again == written


def test_an_address_has_what_the_grid_has(grid, playground):
    grid.type("h", "Y")
    grid.page.find("#share").click()
    grid.page.wait("location.hash.length > 1")
    fragment = "#" + grid.page.driver.current_url.partition("#")[2]
    grid.page.open(playground, fragment)
    assert Grid(grid.page).places == [["h", 0, [0], []], ["ry", 1, [0], []]]


def test_long_circuits_are_scrolled_on_a_phone(phone, playground):
    grid = _opened(phone, playground, "touch")
    phone.enter("#text", EMPTY + "h q[0];" * 30)
    phone.settle()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    grid.drag(grid.cell(2, 6), grid.cell(2, 1))  # of empty cells, a finger scrolls
    phone.wait("document.querySelector('.grid').scrollLeft > 50")
    assert grid.lines == ["h q[0];" * 30]
    # And a gate is dragged where it is seen now.
    column = int(phone.evaluate("Math.ceil(document.querySelector('.grid').scrollLeft / 40)")) + 2
    grid.drag(grid.cell(0, column), grid.cell(2, column))
    assert grid.lines.count("h q[2];") == 1
