/** Loads a bundle as the Functions host's Node worker does and prints the functions that it registers. */
const Module = require("node:module");

const registered = [];
// What the worker puts in the place of this module (azure-functions-nodejs-worker, setupCoreModule.ts).
const core = {
  version: "3.0.0",
  hostVersion: "4.1040.0",
  registerFunction: (metadata) => registered.push(metadata.name),
  setProgrammingModel: () => {},
  registerHook: () => ({ dispose: () => {} }),
  log: () => {},
  Disposable: class {
    dispose() {}
  },
};
const original = Reflect.get(Module.prototype, "require");
Module.prototype.require = function require(id) {
  return id === "@azure/functions-core" ? core : Reflect.apply(original, this, [id]);
};
require(process.argv[2]);
process.stdout.write(JSON.stringify(registered), () => process.exit(0));
