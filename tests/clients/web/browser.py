"""Pages in Chromium, opened from files, and what their scripts say."""

import json
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 60  # seconds, for machines that others use too


class Page:
    """The page that a browser shows."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, path, fragment=""):
        """Open a file, and wait for its script to be ready or to say that it cannot be."""
        self.driver.get("about:blank")
        self.driver.get(Path(path).absolute().as_uri() + fragment)
        self.wait("globalThis.ketgradPage || document.getElementById('failure').textContent")
        return self

    def wait(self, condition):
        """Wait until an expression of JavaScript is true."""
        patience = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05)
        patience.until(
            lambda driver: driver.execute_script(f"return Boolean({condition})"), condition
        )

    def evaluate(self, expression, *arguments):
        """Return an expression's value, all bits of numbers kept; lists of numbers as lists."""
        script = (
            "const plain = (_, part) => part instanceof Float64Array ? [...part] : part;"
            f"const value = ((...given) => ({expression}))(...arguments);"
            "return JSON.stringify(value === undefined ? null : value, plain);"
        )
        return json.loads(self.driver.execute_script(script, *arguments))

    def call(self, name, request):
        """Call a function of the module; {"error": message} where it fails."""
        script = (
            "const plain = (_, part) => part instanceof Float64Array ? [...part] : part;"
            "let answer;"
            "try { answer = ketgradPage.engine.call(arguments[0], JSON.parse(arguments[1])); }"
            "catch (error) { answer = { error: error.message }; }"
            "return JSON.stringify(answer, plain);"
        )
        return json.loads(self.driver.execute_script(script, name, json.dumps(request)))

    def find(self, selector):
        """Return the element of a CSS selector."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """Return the text that an element shows."""
        return self.find(selector).text

    def enter(self, selector, value):
        """Put a value into a field as if it were typed."""
        self.driver.execute_script(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('input', { bubbles: true }));",
            self.find(selector),
            value,
        )

    def settle(self):
        """Wait for the next pictures, after which all that was asked has been shown."""
        self.driver.execute_async_script(
            "const done = arguments[0];"
            "requestAnimationFrame(() => requestAnimationFrame(() => done()));"
        )

    def complaints(self):
        """Return what the browser's console says since it was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]


@contextmanager
def chromium(*arguments, width=1280, height=1000, phone=False):
    """Start Chromium without a window, of this size, or as on a phone: narrow, with touch."""
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", *arguments):
        options.add_argument(argument)
    options.add_argument(f"--window-size={width},{height}")
    if phone:
        metrics = {"width": 390, "height": 844, "pixelRatio": 2, "touch": True}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service("/usr/bin/chromedriver"))
    driver.set_script_timeout(PATIENCE)
    try:
        yield Page(driver)
    finally:
        driver.quit()
