/** esbuild plugins for the functions of every cloud: what the Kubernetes client and Node itself would load for nothing. */

/**
 * Of @kubernetes/client-node only KubeConfig is wanted. Its index re-exports the generated API (1.4 MB) and is not marked
 * free of side effects; `dist/config.js` needs the modules below only for things that lib/kubernetes refuses by itself
 * with a message (proxy-url, OIDC and vendor auth providers) or never calls (makeApiClient).
 */
const kubernetesClient = {
  name: "kubernetes-client",
  setup(build) {
    const inside = (importer) => importer.includes("@kubernetes/client-node");
    build.onResolve({ filter: /^@kubernetes\/client-node$/ }, ({ kind, resolveDir }) =>
      build.resolve("@kubernetes/client-node/dist/config.js", { kind, resolveDir }),
    );
    build.onResolve(
      { filter: /^(undici|openid-client|socks|socks-proxy-agent|hpagent|jsonpath-plus|\.\/gen\/index\.js)$/ },
      ({ path, importer }) => (inside(importer) ? { path, namespace: "left-out" } : undefined),
    );
    build.onLoad({ filter: /.*/, namespace: "left-out" }, ({ path }) => ({
      loader: "js",
      contents: `const gone = class { constructor() { throw new Error(${JSON.stringify(`${path} is not in this bundle`)}); } };
module.exports = new Proxy({}, { get: (_, key) => (key === "__esModule" ? true : gone) });`,
    }));
  },
};

/**
 * An ES module's `import "node:http"` reads every export, lazy ones too, and so loads Node's inner undici: 15-20 ms.
 * `require` does not (measured on Node 24.21).
 */
const builtinHttp = {
  name: "builtin-http",
  setup(build) {
    build.onResolve({ filter: /^(node:)?http$/ }, ({ namespace }) =>
      namespace === "builtin" ? { path: "node:http", external: true } : { path: "node:http", namespace: "builtin" },
    );
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      loader: "js",
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

module.exports = { kubernetesClient, builtinHttp };
