"use strict";

// The C++ core in this page: functions by name, from JSON to JSON (bindings/web/module.cc lists them).
class Engine {
  // Rejects, with one line that says why, in browsers that cannot run it.
  static async start() {
    for (const needed of ["WebAssembly", "DecompressionStream"]) {
      if (!(needed in globalThis)) {
        throw new Error(`This browser is too old for this page: it has no ${needed}.`);
      }
    }
    const wasmBinary = await Engine.inflated(document.getElementById("ketgrad-wasm").textContent);
    if (!WebAssembly.validate(wasmBinary)) {
      throw new Error("This browser is too old for this page: its WebAssembly has no exceptions.");
    }
    return new Engine(await ketgradModule({ wasmBinary, printErr: () => {} }));
  }

  static async inflated(base64) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  constructor(module) {
    this.module = module;
  }

  // The answer; an Error with the core's message where there is one. Lists of many numbers in it are
  // Float64Arrays.
  call(name, request) {
    const { module } = this;
    const texts = [name, JSON.stringify(request)].map((text) => this.inMemory(text));
    let answer;
    try {
      answer = JSON.parse(module.UTF8ToString(module._ketgrad_call(...texts)));
    } finally {
      texts.forEach((text) => module._free(text));
    }
    if (answer.error !== undefined) throw new Error(answer.error);
    for (const [key, part] of Object.entries(answer)) {
      if (part !== null && part.at !== undefined && part.size !== undefined) {
        answer[key] = new Float64Array(module.HEAPF64.buffer, part.at, part.size).slice();
      }
    }
    return answer;
  }

  inMemory(text) {
    const size = this.module.lengthBytesUTF8(text) + 1;
    const at = this.module._malloc(size);
    this.module.stringToUTF8(text, at, size);
    return at;
  }
}

// Shows what keeps the page from working, or nothing more.
function showFailure(text) {
  const place = document.getElementById("failure");
  place.textContent = text;
  place.hidden = text === "";
}

function byId(id) {
  return document.getElementById(id);
}

// An element with attributes (properties where they start with a dot) and what is in it.
function element(name, attributes = {}, ...inside) {
  const out = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith(".")) out[key.slice(1)] = value;
    else out.setAttribute(key, value);
  }
  out.append(...inside);
  return out;
}
