/** esbuild plugins that make a function's bundle small and quick to load; used by serverless-esbuild and by the benchmark. */
const { existsSync, readFileSync } = require("node:fs");
const paths = require("node:path");
const { builtinHttp, kubernetesClient } = require("../bundle/light-bundles.cjs");

/**
 * An SDK client keeps the shapes of all its operations as top-level arrays with computed keys, which no bundler dares to
 * drop. They are data: marked pure, only those of the operations we call stay (client-ec2: 560 KB become 28 KB).
 */
const awsSchemas = {
  name: "aws-schemas",
  setup(build) {
    build.onLoad({ filter: /@aws-sdk[\\/].*[\\/]dist-es[\\/].*schemas_\d+\.js$/ }, ({ path }) => ({
      loader: "js",
      contents: readFileSync(path, "utf8").replace(
        /^((?:export )?(?:var|const) \w+\$? = )(\[[\s\S]*?\]);$/gm,
        "$1/* @__PURE__ */ (() => $2)();",
      ),
    }));
  },
};

const LAZY_IMPORT = /await import\("(@aws-sdk\/[\w-]+)"\)/g;
const TYPES_ONLY = /import type [^;]*;/g;
const SDK_CLASS = /\b[A-Z]\w*(?:Command|Client)\b/g;

/** Of the classes that a source names, those that the package has. */
function sdkClasses(text, packageName, from) {
  const folder = paths.dirname(require.resolve(`${packageName}/package.json`, { paths: [paths.dirname(from)] }));
  const named = new Set([...text.replace(TYPES_ONLY, "").matchAll(SDK_CLASS)].map(([name]) => name));
  const files = (name) => [`dist-es/commands/${name}.js`, `dist-es/${name}.js`];
  return [...named].filter((name) => files(name).some((file) => existsSync(paths.join(folder, file))));
}

/**
 * Unbundled, a client that is loaded at its first use saves 50-180 ms. In a bundle `import()` is a promise to keep the
 * whole package: 2.4 MB and 155 ms instead of 0.7 MB and 85 ms. So here lazy imports of SDK clients become plain ones, of
 * exactly the classes that the source names.
 */
const plainSdkImports = {
  name: "plain-sdk-imports",
  setup(build) {
    build.onLoad({ filter: /[\\/](functions|lib)[\\/].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const packages = [...new Set([...text.matchAll(LAZY_IMPORT)].map(([, name]) => name))];
      if (packages.length === 0) return undefined;
      const plain = packages.map((name, index) => {
        const classes = sdkClasses(text, name, path);
        const imported = classes.map((one) => `${one} as plain${index}${one}`);
        const members = classes.map((one) => `${one}: plain${index}${one}`);
        return `import { ${imported.join(", ")} } from ${JSON.stringify(name)};
const plainSdk${index} = { ${members.join(", ")} };`;
      });
      const contents = text.replace(LAZY_IMPORT, (_, name) => `plainSdk${packages.indexOf(name)}`);
      return { contents: [contents, ...plain].join("\n"), loader: "ts" };
    });
  },
};

module.exports = [kubernetesClient, awsSchemas, plainSdkImports, builtinHttp];
